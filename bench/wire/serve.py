"""A Python server that is measured: `python -m bench.wire.serve KIND NATS_URL SEED` says its port and goes
on; each line of its input is answered with the longest that its loop went without a turn since the line
before, in milliseconds of CPU.

`direct` and `stock` are our bridge with either way to a socket; `emit` is python-socketio as its manual has
it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import nats
import orjson
import socketio  # type: ignore[import-untyped]  # it has no types
import uvloop

from bench.wire.turns import Turns
from chassis import logs
from chassis.identity import Verifier
from launcher import serving
from socket_bridge.main import build
from socket_bridge.settings import Settings
from socket_bridge.wire import server_options

SECRET = "a secret of the benchmark, long enough"  # noqa: S105
NOBODY: dict[str, Any] = {"waiting": [], "called": [], "in_progress": [], "completed": [], "total": 0}


async def serve(kind: str, url: str, seed: str) -> None:
    """Serve until the input ends."""
    settings = Settings.model_validate(
        {"nats_url": url, "nats_nkey": seed, "jwt_secret": SECRET, "direct_wire": kind == "direct"}
    )
    logs.configure(settings.log_level)
    making = _emitting(settings, url, seed) if kind == "emit" else _bridge(settings)
    with serving.bound("127.0.0.1", 0) as listener:
        async with making as app:
            port = listener.getsockname()[1]

            def listening() -> None:
                print(port, flush=True)  # noqa: T201

            options = server_options(kind == "direct")
            turns = Turns()
            turns.watch()
            task = asyncio.create_task(serving.serve(app, listener, listening, **options))
            while await asyncio.to_thread(sys.stdin.readline):
                print(f"{turns.longest * 1000:.3f}", flush=True)  # noqa: T201
                turns.forget()
            task.cancel()
            await asyncio.wait((task,))


@asynccontextmanager
async def _bridge(settings: Settings) -> AsyncIterator[Any]:
    bridge = build(settings)
    async with bridge.running():
        while await bridge.problems():  # noqa: ASYNC110  # as an orchestrator does
            await asyncio.sleep(0.05)
        yield bridge.app


@asynccontextmanager
async def _emitting(settings: Settings, url: str, seed: str) -> AsyncIterator[Any]:
    sio = socketio.AsyncServer(async_mode="asgi")
    verifier = Verifier.configured(settings)

    async def greet(sid: str, _: object, auth: dict[str, str]) -> None:
        verifier.verify(auth["token"], datetime.now(UTC))
        for room in ("staff", "desk_all"):
            await sio.enter_room(sid, room)
        await sio.emit("connected", {"message": "Connected to real-time updates"}, to=sid)

    async def join(sid: str, given: dict[str, int]) -> dict[str, bool]:
        await sio.enter_room(sid, f"clinic_{given['clinic_id']}")
        await sio.emit("queue_updated", {**given, **NOBODY}, to=sid)
        return {"ok": True}

    async def forward(message: Any) -> None:
        _, clinic, event = message.subject.split(".")
        await sio.emit(event, orjson.loads(message.data), room=f"clinic_{clinic}")

    sio.on("connect", greet)
    sio.on("join_queue_room", join)
    connection = await nats.connect(url, nkeys_seed_str=seed, inbox_prefix="_INBOX_observer")
    try:
        # Order and memory are the bridge's business; this server has the bare subject, like Node's.
        await connection.subscribe("clinic.*.visit_cancelled", cb=forward)
        yield socketio.ASGIApp(sio)
    finally:
        await connection.close()


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:4]))
