"""A process of the installation: started, killed, paused, and started again as it was."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Mapping
from pathlib import Path

from tests.launcher.processes import OURS

STOP_LIMIT = 15.0


class Child:
    """A command with its own environment and log; it may run or not."""

    def __init__(
        self, name: str, command: list[str], folder: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = command
        self._environment = dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None

    @property
    def runs(self) -> bool:
        """Whether it is there, paused or not."""
        return self._process is not None and self._process.returncode is None

    @property
    def pid(self) -> int:
        """Its process number."""
        assert self._process is not None
        return self._process.pid

    async def start(self, **environment: str) -> None:
        """Start it; `environment` is for this start alone."""
        given = {name: value for name, value in os.environ.items() if name not in OURS}
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is the harness's to answer.
                start_new_session=True,
                env=given | self._environment | environment,
            )

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send the signal and wait for the end."""
        if self._process is None:
            return
        self.signal(signal.SIGCONT)
        self.signal(how)
        try:
            async with asyncio.timeout(STOP_LIMIT):
                await self._process.wait()
        except TimeoutError:
            self.signal(signal.SIGKILL)
            await self._process.wait()

    async def ended(self) -> None:
        """Wait until it has ended by itself."""
        assert self._process is not None
        await self._process.wait()

    def signal(self, what: signal.Signals) -> None:
        """Send it this signal, if it is there."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(what)


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
