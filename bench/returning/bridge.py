"""One bridge in a process of its own."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from launcher import broker as brokers
from launcher import serving

SECRET = "a secret of the benchmark, long enough"  # noqa: S105


def free_port() -> int:
    """A port for the bridge, the same one over its restarts."""
    with serving.bound("127.0.0.1", 0) as free:
        port: int = free.getsockname()[1]
        return port


@dataclass(frozen=True)
class Bridge:
    """Where it is, and how to ask it for its figures."""

    base: str
    http: aiohttp.ClientSession
    process: psutil.Process

    @property
    def cpu(self) -> float:
        """The seconds of CPU it took since it was started."""
        times = self.process.cpu_times()
        return times.user + times.system

    async def figure(self, name: str) -> float:
        """One of its metrics."""
        async with self.http.get(f"{self.base}/metrics") as answer:
            text = await answer.text()
        start = f"clinicwire_bridge_{name} "
        return next(float(line[len(start) :]) for line in text.splitlines() if line.startswith(start))

    async def reached(self, seq: int) -> None:
        """Wait until it has read the stream up to there."""
        async with asyncio.timeout(120):
            while await self.figure("position") < seq:  # noqa: ASYNC110  # as a monitor does
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running(broker: brokers.Broker, port: int) -> AsyncIterator[Bridge]:
    """One bridge, ready."""
    environment = {
        "PORT": str(port),
        "NATS_URL": broker.url,
        "NATS_NKEY": broker.seeds["bridge"],
        "JWT_SECRET": SECRET,
        "LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("clinicwire")),
        "serve",
        "bridge",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as http:
            async with asyncio.timeout(120):
                while not await _ready(http, base):  # noqa: ASYNC110  # as an orchestrator does
                    await asyncio.sleep(0.02)
            yield Bridge(base, http, psutil.Process(process.pid))
    finally:
        process.terminate()
        await process.wait()


async def _ready(http: aiohttp.ClientSession, base: str) -> bool:
    try:
        async with http.get(f"{base}/health/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
