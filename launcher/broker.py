"""The embedded default's own nats-server: started from the wheel, kept alive, and stopped."""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from launcher import keys
from launcher.broker_config import Limits, Place, configuration
from launcher.refusal import CannotGoOn

log = structlog.get_logger()

START_LIMIT = 10.0
"""Seconds until a broker that does not listen is given up; 12 ms is usual, a large store takes longer."""

STOP_LIMIT = 5.0

RESTART_PAUSE = 1.0
"""Seconds until a broker that could not be started is tried again."""


class BrokerFailed(CannotGoOn):
    """The broker did not start."""


class Broker:
    """A nats-server of this installation: where it listens and whose seeds it knows."""

    def __init__(self, folder: Path, seeds: Mapping[str, str], limits: Limits, lock: int | None) -> None:
        self.seeds = seeds
        self.port = -1
        self._folder = folder
        self._limits = limits
        self._lock = lock
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        """The address for clients, the same over restarts."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The server's process number."""
        return self._running.pid

    @property
    def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            raise BrokerFailed("the broker was not started")
        return self._process

    async def start(self) -> None:
        """Start the server and wait until it listens; raises BrokerFailed with its last words."""
        ports = self._folder / "ports"
        shutil.rmtree(ports, ignore_errors=True)
        ports.mkdir(parents=True)
        config = self._folder / "nats.conf"
        place = Place(
            listen=f"127.0.0.1:{self.port}",
            store=self._folder / "store",
            ports=ports,
            log=self._folder / "nats.log",
        )
        config.write_text(configuration(keys.users(self.seeds), place, self._limits))
        self._process = await asyncio.create_subprocess_exec(
            *_dying_with_us(),
            str(executable()),
            "--config",
            str(config),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C goes to a whole session: the broker must outlive the services above it.
            start_new_session=True,
            pass_fds=() if self._lock is None else (self._lock,),
        )
        try:
            async with asyncio.timeout(START_LIMIT):
                self.port = await self._listening(ports)
        except TimeoutError:
            await self.stop()
            raise BrokerFailed(
                f"the broker did not start in {START_LIMIT:.0f} s{self._last_words()}"
            ) from None

    async def stop(self) -> None:
        """End the server; it writes what it holds, and is killed when that takes too long."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_LIMIT):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def keep_alive(self, again: Callable[[], Awaitable[None]]) -> None:
        """Start the server again whenever it ends, at the same address; `again` is awaited each time."""
        while True:
            code = await self._running.wait()
            log.error("broker_ended", code=code, last_words=self._last_words())
            while True:
                if await self._started_again(again):
                    break
                await asyncio.sleep(RESTART_PAUSE)

    async def _started_again(self, again: Callable[[], Awaitable[None]]) -> bool:
        try:
            if self._running.returncode is not None:
                await self.start()
            await again()
        except Exception as failure:
            # Whatever it was (a disk that is full, a port taken meanwhile), the clinic needs its broker.
            log.error("broker_not_back", reason=str(failure) or type(failure).__name__)
            return False
        return True

    async def _listening(self, ports: Path) -> int:
        note = ports / f"{executable().name}_{self.pid}.ports"
        while True:
            if self._running.returncode is not None:
                raise BrokerFailed(f"the broker ended at once{self._last_words()}")
            with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
                return urlsplit(json.loads(note.read_text())["nats"][0]).port or 0
            await asyncio.sleep(0.002)

    def _last_words(self) -> str:
        try:
            lines = (self._folder / "nats.log").read_text(errors="replace").splitlines()
        except FileNotFoundError:
            return ""
        return "".join(f"\n  {line}" for line in lines[-3:])


@contextlib.asynccontextmanager
async def running(
    folder: Path, *, lock: int | None = None, limits: Limits | None = None
) -> AsyncIterator[Broker]:
    """A broker on this folder for as long as the block lasts: `store/`, `keys/`, its log and configuration.

    `lock` is the descriptor of a lock that is to be held as long as the server lives.
    """
    broker = Broker(folder, keys.seeds(folder / "keys"), limits or Limits(), lock)
    try:
        await broker.start()
        yield broker
    finally:
        await broker.stop()


def executable() -> Path:
    """The nats-server that came with the installation, else the one on the path; raises BrokerFailed."""
    beside = Path(sys.executable).with_name("nats-server")
    if beside.exists():
        return beside
    found = shutil.which("nats-server")
    if found is None:
        raise BrokerFailed("there is no nats-server here; install requirements.lock: make setup")
    return Path(found)


def _dying_with_us() -> tuple[str, ...]:
    # Not a preexec_fn: Python between fork and exec may stand still for ever where there are threads.
    found = shutil.which("setpriv")
    if found is None or Path(found).resolve().name != "setpriv":
        return ()  # Nor has busybox the option; the lock's note of the process finds it at the next start.
    return (found, "--pdeathsig", "TERM", "--")
