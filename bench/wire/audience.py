"""The clients of a measurement: the C program `audience`, on the second core."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.wire.servers import compiled, on_core

AT_ONCE = 100
"""Clients in their handshake at a time."""


@dataclass(frozen=True)
class Latency:
    """Milliseconds from the publisher to the clients."""

    p50: float
    p99: float


class Audience:
    """Connected and joined clients; `events` is how many they have received in all."""

    def __init__(self, process: Any, joined_in: float) -> None:
        self.joined_in = joined_in
        self.events = 0
        self._process = process
        self._came = asyncio.Event()
        self._latency: asyncio.Queue[Latency] = asyncio.Queue()
        self.reading = asyncio.create_task(self._read())

    async def received(self, events: int, limit: float) -> None:
        """Wait until so many events have come; raises TimeoutError when none came for that long."""
        while self.events < events:
            self._came.clear()
            async with asyncio.timeout(limit):
                await self._came.wait()

    async def latency(self) -> Latency:
        """Of what came since this was last asked."""
        self._process.stdin.write(b"\n")
        return await self._latency.get()

    async def _read(self) -> None:
        async for line in self._process.stdout:
            if line.startswith(b"latency"):
                _, p50, p99 = map(int, line.split()[1:])
                self._latency.put_nowait(Latency(p50 / 1000, p99 / 1000))
            else:
                self.events = int(line)
                self._came.set()


@asynccontextmanager
async def watching(port: int, clients: int, rooms: int, tokens: Path) -> AsyncIterator[Audience]:
    """So many clients in so many clinics' rooms."""
    report = max(clients // rooms, min(clients, 200))
    process: Any = await asyncio.create_subprocess_exec(
        compiled("audience"),
        *map(str, (port, clients, rooms, tokens, AT_ONCE, report)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        preexec_fn=on_core(1),
    )
    try:
        said = (await process.stdout.readline()).split()
        if said[:1] != [b"joined"]:
            raise RuntimeError("the clients did not all join")
        audience = Audience(process, float(said[1]))
        yield audience
        audience.reading.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
