"""Deliveries for a second of the server's CPU: our bridge, direct and stock wire, beside python-socketio's
emit.

`python -m bench.fanout [SCREENS ...]`, by default 100 and 1000 in one room. All three are fed the same 2.2
KB events by NATS, served by uvicorn on uvloop in a process of their own pinned to one core
where that can be done; the screens and the publisher are on the other. Only the server's CPU counts.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import nats
import orjson
import socketio  # type: ignore[import-untyped]  # it has no types
import uvloop

from contracts import VisitCancelled, encode, headers
from contracts.event import Process
from contracts.identity import Role
from launcher import broker as brokers
from launcher import serving
from launcher.provision import StreamSize, provision
from launcher.token import sign
from socket_bridge.main import build
from socket_bridge.settings import Settings
from socket_bridge.wire import SERVER_OPTIONS

SECRET = "a secret of the benchmark, long enough"  # noqa: S105
KINDS = ("bridge, direct wire", "bridge, stock wire", "python-socketio emit")
PAYLOAD = 2200
PACE = {KINDS[0]: 18_000, KINDS[1]: 4_000, KINDS[2]: 4_000}
"""Deliveries a second, about what each still does on a busy machine; at a slower pace what a process does
for itself weighs more, to the loss of the one that needs the least."""

SECONDS = 4
ROUNDS = 3

CANCELLED = VisitCancelled(visit_id=5, reason="x" * (PAYLOAD - 45), clinic_id=1)


async def serve(kind: str, url: str, seed: str) -> None:
    """The server that is measured: says its port, and its CPU seconds for each line that it is sent."""
    app: Any
    with serving.bound("127.0.0.1", 0) as listener:
        async with _app(kind, url, seed) as app:
            task = asyncio.create_task(serving.serve(app, listener, **SERVER_OPTIONS))
            _say(listener.getsockname()[1])
            while await asyncio.to_thread(sys.stdin.readline):
                _say(time.process_time())
            task.cancel()
            await asyncio.wait((task,))


@asynccontextmanager
async def _app(kind: str, url: str, seed: str) -> AsyncIterator[Any]:
    if kind != KINDS[2]:
        settings = Settings.model_validate(
            {"nats_url": url, "nats_nkey": seed, "jwt_secret": SECRET, "direct_wire": kind == KINDS[0]}
        )
        bridge = build(settings)
        async with bridge.running():
            while await bridge.problems():  # noqa: ASYNC110  # as an orchestrator does
                await asyncio.sleep(0.05)
            yield bridge.app
        return
    sio = socketio.AsyncServer(async_mode="asgi")

    async def join(sid: str, given: dict[str, int]) -> dict[str, bool]:
        await sio.enter_room(sid, f"clinic_{given['clinic_id']}")
        return {"ok": True}

    async def forward(message: Any) -> None:
        await sio.emit("visit_cancelled", orjson.loads(message.data), room="clinic_1")

    sio.on("join_queue_room", join)
    async with _connection(url, seed, "observer") as connection:
        # Order and memory are the bridge's business; the bare server has the bare subject.
        await connection.subscribe(CANCELLED.address(), cb=forward)
        yield socketio.ASGIApp(sio)


@asynccontextmanager
async def _connection(url: str, seed: str, user: str) -> AsyncIterator[Any]:
    connection = await nats.connect(url, nkeys_seed_str=seed, inbox_prefix=f"_INBOX_{user}")
    try:
        yield connection
    finally:
        await connection.close()


async def measure(kind: str, screens: int, broker: brokers.Broker) -> float:
    """Thousands of deliveries for a second of the server's CPU."""
    user = "observer" if kind == KINDS[2] else "bridge"
    server = await _child("serve", kind, broker.url, broker.seeds[user], core=0)
    port = int(await _line(server))
    now = datetime.now(UTC)
    token = sign(SECRET, Role.RECEPTIONIST, now, life=timedelta(hours=1), clinics=(1,))
    audience: Any = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.screens",
        f"http://127.0.0.1:{port}",
        token,
        "1",
        str(screens),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    await _line(audience)
    count = PACE[kind] * SECONDS // screens
    before = float(await _ask(server))
    await _publish(broker, count)
    after = float(await _ask(server))
    got = int((await _ask(audience)).split()[0])
    for process in (server, audience):
        process.stdin.close()
        await process.wait()
    if got < count * screens:
        raise SystemExit(f"{kind}: {got} of {count * screens} deliveries came")
    return got / (after - before) / 1000


async def _publish(broker: brokers.Broker, count: int) -> None:
    """Publish at a steady pace, and leave time for the last to arrive."""
    given = {headers.ROOMS: ",".join(CANCELLED.audience()), headers.AT: datetime.now(UTC).isoformat()}
    payload = encode(CANCELLED)
    async with _connection(broker.url, broker.seeds[Process.QUEUE], Process.QUEUE) as connection:
        started = time.monotonic()
        for number in range(count):
            await connection.publish(CANCELLED.address(), payload, headers=given)
            await asyncio.sleep(max(0.0, started + (number + 1) * SECONDS / count - time.monotonic()))
        await connection.flush()
    await asyncio.sleep(2)


async def _child(*arguments: str, core: int) -> Any:
    def pin() -> None:
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(0, {core})

    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.fanout",
        *arguments,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=pin,
    )


async def _line(process: Any) -> str:
    line: bytes = await process.stdout.readline()
    return line.decode().strip()


async def _ask(process: Any) -> str:
    process.stdin.write(b"\n")
    return await _line(process)


def _say(what: object) -> None:
    print(what, flush=True)  # noqa: T201


async def main(sizes: list[int]) -> None:
    """Measure each kind in turn, several times, and print the medians."""
    with tempfile.TemporaryDirectory() as folder:
        async with brokers.running(Path(folder)) as broker:
            settings = Settings.model_validate(
                {"nats_url": broker.url, "nats_nkey": broker.seeds["provisioner"]}
            )
            await provision(settings, {}, StreamSize(max_bytes=1 << 30))
            _say("| server | " + " | ".join(f"{size} screens" for size in sizes) + " |")
            _say("|---|" + "---|" * len(sizes))
            for kind in KINDS:
                figures = []
                for size in sizes:
                    rounds = [await measure(kind, size, broker) for _ in range(ROUNDS)]
                    figures.append(f"{median(rounds):.0f}")
                _say(f"| {kind} | " + " | ".join(figures) + " |")


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        uvloop.run(serve(*sys.argv[2:5]))
    else:
        uvloop.run(main([int(size) for size in sys.argv[1:]] or [100, 1000]))
