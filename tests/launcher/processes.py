"""`clinicwire` as a person starts it: a process of its own, its lines, its end."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

LIMIT = 30.0
"""Seconds until what was to happen counts as not happening."""

CLINICWIRE = Path(sys.executable).with_name("clinicwire")

OURS = (
    "DATABASE_URL",
    "NATS_URL",
    "NATS_NKEY",
    "JWT_SECRET",
    "JWKS_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "PORT",
)
"""What a test's own environment must not decide."""


@dataclass(frozen=True)
class Ended:
    """How a command went."""

    code: int
    out: str
    err: str


class Running:
    """A command at work."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[str] = []
        self.err = ""

    @property
    def pid(self) -> int:
        """Its process number."""
        return self._process.pid

    async def line(self, start: str, limit: float = LIMIT) -> str:
        """The rest of the first line that starts so; waits for it."""
        while not (found := [line for line in self.lines if line.startswith(start)]):
            await self.next(limit)
        return found[0].removeprefix(start)

    async def next(self, limit: float = LIMIT) -> str:
        """The next line; waits for it."""
        async with asyncio.timeout(limit):
            read = await self._out.readline()
            if not read:
                raise AssertionError(f"it ended after {self.lines}: {await self._errors()}")
        self.lines.append(read.decode().rstrip("\n"))
        return self.lines[-1]

    async def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Send the signal and wait for the end; answers with the exit code."""
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(LIMIT):
            self.err += await self._errors()
            return await self._process.wait()

    @property
    def _out(self) -> asyncio.StreamReader:
        assert self._process.stdout
        return self._process.stdout

    async def _errors(self) -> str:
        assert self._process.stderr
        return (await self._process.stderr.read()).decode()


@asynccontextmanager
async def started(*arguments: str | Path, env: dict[str, str] | None = None) -> AsyncIterator[Running]:
    """The command at work while the block lasts."""
    running = Running(await _start(arguments, env))
    try:
        yield running
    finally:
        await running.stop(signal.SIGTERM)


async def run(*arguments: str | Path, env: dict[str, str] | None = None, limit: float = LIMIT) -> Ended:
    """The command, done."""
    process = await _start(arguments, env)
    async with asyncio.timeout(limit):
        out, err = await process.communicate()
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def answers_ready(base: str) -> httpx.Response:
    """The answer of /health/ready once it is 200."""
    async with httpx.AsyncClient(base_url=base) as client, asyncio.timeout(LIMIT):
        while True:
            try:
                answer = await client.get("/health/ready")
            except httpx.TransportError:
                answer = httpx.Response(503)
            if answer.status_code == 200:
                return answer
            await asyncio.sleep(0.05)  # a process that is not there yet has no event to wait on


async def ready(running: Running) -> str:
    """Where `up` is, once it says that it is ready."""
    await running.line("ready")
    return (await running.line("Clinicwire on ")).partition(",")[0]


async def client(running: Running, link: str) -> httpx.AsyncClient:
    """A client with the token of this link."""
    base = await ready(running)
    token = (await running.line(f"{link} ")).partition("#token=")[2]
    return httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"})


async def appeared(path: Path) -> None:
    """Wait until the file is there."""
    async with asyncio.timeout(LIMIT):
        while not path.exists():  # noqa: ASYNC110, ASYNC240  # nobody tells of a file
            await asyncio.sleep(0.005)


async def _start(arguments: tuple[str | Path, ...], env: dict[str, str] | None) -> asyncio.subprocess.Process:
    surroundings = {name: value for name, value in os.environ.items() if name not in OURS}
    return await asyncio.create_subprocess_exec(
        CLINICWIRE,
        *map(str, arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=surroundings | (env or {}),
    )
