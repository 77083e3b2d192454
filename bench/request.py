"""What a request costs beside its change: `python -m bench.request [--rounds 40]`.

`POST /api/queue/start` comes to an installation's gateway as bytes and goes out as bytes, on 16 connections;
nothing is left out in between but the change, which is answered at once. Printed are microseconds of CPU, and
how many steps of the interpreter it takes, which others on the machine do not change.
"""

import argparse
import asyncio
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from statistics import median
from types import FrameType
from typing import Any

import uvicorn
import uvloop
from fastapi import Response
from uvicorn.server import ServerState

from chassis import clock
from chassis.command import Command
from chassis.reply import json_response
from chassis.settings import Settings
from contracts.event import Process
from contracts.identity import Role
from launcher import serving
from launcher.gateway import Gateway
from launcher.services import service
from launcher.token import sign
from socket_bridge.wire import server_options

LINES = 16
TURNS = 12
"""Requests of each connection in a round."""

ANSWER = b'{"message":"The consultation has begun","visit":{}}'


class Line(asyncio.Transport):
    """A connection whose other end is here."""

    def __init__(self) -> None:
        super().__init__({"sockname": ("127.0.0.1", 8000), "peername": ("127.0.0.1", 9000)})
        self.said = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep what is sent."""
        self.said += data

    def is_closing(self) -> bool:
        """It stays."""
        return False

    def resume_reading(self) -> None:
        """It is always read."""


class Bench:
    """The gateway, and connections to it."""

    def __init__(self) -> None:
        secret = secrets.token_urlsafe(48)
        given = {"database_url": "sqlite:///never-opened", "jwt_secret": secret, "requests_at_once": 10**9}
        part = service(Process.QUEUE, Settings.model_validate(given))
        options = serving.OPTIONS | server_options(direct=True)
        config = uvicorn.Config(Gateway({Process.QUEUE: part}), **options)
        config.load()
        self._state = ServerState()
        token = sign(secret, Role.DOCTOR, clock.now(), life=timedelta(hours=1), clinics=(1,), doctor_id=1)
        self._request = _request(token)
        self.lines: list[tuple[Any, Line]] = []
        for _ in range(LINES):
            line, protocol = Line(), config.http_protocol_class(config, self._state, {})  # type: ignore[call-arg]
            protocol.connection_made(line)
            self.lines.append((protocol, line))

    async def turn(self) -> None:
        """A request from every connection, answered."""
        for protocol, line in self.lines:
            line.said = b""
            protocol.data_received(self._request)
        await asyncio.wait(self._state.tasks)


def _request(token: str) -> bytes:
    body = b'{"visit_id": 5}'
    head = (
        "POST /api/queue/start HTTP/1.1",
        "Host: 127.0.0.1:8000",
        f"Authorization: Bearer {token}",
        f"Idempotency-Key: {secrets.token_hex(16)}",
        "Accept: */*",
        "Accept-Encoding: gzip, deflate",
        "User-Agent: Clinicwire's bench",
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
    )
    return "\r\n".join((*head, "", "")).encode() + body


async def main(rounds: int) -> None:
    """Measure, and print."""

    async def at_once(command: Command, change: object) -> Response:
        return json_response(ANSWER, 200)

    Command.run = at_once  # type: ignore[assignment,method-assign]
    bench = Bench()
    for _ in range(TURNS):
        await bench.turn()
    if not all(line.said.startswith(b"HTTP/1.1 200") for _, line in bench.lines):
        raise RuntimeError(f"not as usual: {bench.lines[0][1].said!r}")
    taken = []
    for _ in range(rounds):
        began = time.thread_time_ns()
        for _ in range(TURNS):
            await bench.turn()
        taken.append((time.thread_time_ns() - began) / 1000 / TURNS / LINES)
    with counted() as steps:
        await bench.turn()
    print(  # noqa: T201
        f"{median(taken):.0f} µs of CPU a request, {min(taken):.0f} at best; "
        f"{steps.total() / LINES:.0f} steps of the interpreter"
    )


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """What is stepped through meanwhile, by file."""
    steps: Counter[str] = Counter()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            steps[frame.f_code.co_filename] += 1
        return trace

    sys.settrace(trace)
    try:
        yield steps
    finally:
        sys.settrace(None)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=40)
    uvloop.run(main(options.parse_args().rounds))
