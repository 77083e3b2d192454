"""An installation of its own for a measurement: `clinicwire up` in an empty folder, and the CPU it takes."""

import asyncio
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CLINICWIRE = Path(sys.executable).with_name("clinicwire")

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Installation:
    """A running `clinicwire up`: its address, its data, its processes."""

    base: str
    data: Path
    pid: int

    def at(self, path: str) -> str:
        """The address of whoever answers this path: one for all."""
        return self.base

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU taken so far by the Python process, and by its nats-server."""
        return seconds(self.pid), sum(seconds(child) for child in _children(self.pid))

    def memory(self) -> int:
        """Bytes resident in all its processes."""
        return sum(resident(pid) for pid in (self.pid, *_children(self.pid)))

    async def token(self, role: str, *more: str) -> str:
        """A token of this role, for clinic 1 unless it is said otherwise."""
        arguments = ("token", "--role", role, "--data", str(self.data), *more)
        process = await asyncio.create_subprocess_exec(
            str(CLINICWIRE), *arguments, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await process.communicate()
        return said.decode().strip()


@asynccontextmanager
async def running() -> AsyncIterator[Installation]:
    """An installation with demo data that nothing remains of afterwards."""
    with tempfile.TemporaryDirectory(prefix="clinicwire-bench-") as folder:
        async with started(Path(folder)) as installation:
            yield installation


@asynccontextmanager
async def started(data: Path) -> AsyncIterator[Installation]:
    """Start an installation with this data on a free port, and stop it afterwards."""
    process = await asyncio.create_subprocess_exec(
        str(CLINICWIRE),
        "up",
        "--port",
        "0",
        "--data",
        str(data),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None  # noqa: S101  # piped above
        base = ""
        async with asyncio.timeout(30):
            async for line in process.stdout:
                found = re.search(r"http://[0-9.:]+", line.decode())
                base = base or (found.group(0) if found else "")
                if line.startswith(b"ready"):
                    break
        yield Installation(base, data, process.pid)
    finally:
        process.terminate()
        await process.wait()


def seconds(pid: int) -> float:
    """Seconds of CPU that a process has taken; none when it is gone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def reaped(pid: int) -> float:
    """Seconds of CPU that those of its children took which are gone."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[13]) + int(fields[14])) / TICKS


def resident(pid: int) -> int:
    """Bytes of memory that a process has."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) * 1024 if found else 0


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
