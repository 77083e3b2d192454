"""The composition root: one bridge, wired, with everything that runs of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis import broker, clock
from chassis.envelope import Secured
from chassis.identity import Verifier
from contracts import EVENTS
from contracts.event import Process
from socket_bridge import access
from socket_bridge.app import App
from socket_bridge.garbage import collect_seldom
from socket_bridge.metrics import Metrics
from socket_bridge.settings import Settings
from socket_bridge.switchboard import Switchboard

log = structlog.get_logger()

RETRY = 1.0
"""Seconds until a broker that is away is tried again."""


class Bridge:
    """`app` serves `/socket.io`, health and metrics; `running()` does everything else while its block
    lasts."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        Verifier.configured(settings)  # a wrong setting is said now, not at the first client
        access.check(EVENTS)
        self._settings = settings
        self._now = now
        self._metrics = Metrics()
        self.metrics = self._metrics.registry
        self._switchboard: Switchboard | None = None
        self.app = Secured(App(self.metrics, self.problems, self._open))

    async def problems(self) -> tuple[str, ...]:
        """What keeps this bridge from being ready; empty when nothing does."""
        if self._switchboard is None:
            return ("broker",)
        reader = self._switchboard.reader
        if not (reader.live and reader.started):
            return ("stream",)
        return () if self._switchboard.knows_revocations else ("revocations",)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Connected to the broker, or trying to be; at the end the sockets are closed."""
        collect_seldom()
        work = asyncio.create_task(self._work(), name="socket bridge")
        try:
            yield
        finally:
            # Again and again: nats-py swallows a cancellation that reaches it while it connects.
            while not work.done():
                work.cancel()
                await asyncio.wait((work,), timeout=0.5)

    async def _work(self) -> None:
        while True:
            try:
                await self._work_at(await broker.connect(self._settings, Process.BRIDGE))
            except (NatsError, OSError) as error:
                log.warning("broker_away", process=Process.BRIDGE, reason=str(error) or type(error).__name__)
            except Exception as failure:
                # Whatever it was, screens must not wait for a restart by hand.
                log.error("work_restarts", process=Process.BRIDGE, exc_info=failure)
            await asyncio.sleep(RETRY)

    async def _work_at(self, connection: Client) -> None:
        try:
            self._switchboard = Switchboard(self._settings, connection, self._metrics, self._now)
            await self._switchboard.run()
        finally:
            self._switchboard = None
            with contextlib.suppress(NatsError, OSError):
                await connection.close()

    def _open(self) -> Switchboard | None:
        """Where clients are taken, None while there is nothing to give them yet."""
        board = self._switchboard
        # Not before it was at the end of the stream once, and knows whom it must not let in.
        return board if board and board.reader.started and board.knows_revocations else None


def build(settings: Settings, now: Callable[[], datetime] = clock.now) -> Bridge:
    """A bridge, wired; nothing of it runs yet. Raises ValueError for settings that can't be right."""
    return Bridge(settings, now)
