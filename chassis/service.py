"""A service: its HTTP app, its database, its place at the broker, and everything of it that runs."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from prometheus_client import CollectorRegistry
from pydantic import BaseModel
from sqlalchemy import MetaData, text
from starlette.types import ASGIApp

from chassis import access, broker, clock, http, lease, migrations, questions, sweeper
from chassis.bell import Bell
from chassis.consumers import Consumers, Handlers
from chassis.database import Database, away
from chassis.errors import Refusal, Unavailable
from chassis.identity import Verifier
from chassis.ids import Minter
from chassis.metrics import Counts
from chassis.pace import Pace
from chassis.publisher import Publisher
from chassis.pull import Pull
from chassis.relay import Relay
from chassis.revocations import Revocations, kept
from chassis.settings import Settings
from chassis.together import together
from contracts.event import Event, Process
from contracts.questions import AskRevocations, Question
from contracts.questions import Revocations as RevocationList
from contracts.stream import STREAM
from contracts.tokens import TokenRevoked

log = structlog.get_logger()

AnswerT = TypeVar("AnswerT", bound=BaseModel)

ASK_AGAIN = 3600.0
"""Seconds after which the list of revocations is asked for again though no connection was lost."""

RESTART_PAUSE = 1.0
"""Seconds before work that failed is begun again."""


@dataclass(frozen=True)
class Parts:
    """What one service is made of; the chassis does the rest.

    `routes`, `access`, `handlers` and `answerers` are made for the running service; `background` runs on the
    worker that holds the lease; `on_new_epoch` when the stream is a new one.
    """

    process: Process
    metadata: MetaData
    migrations: Path
    router: APIRouter
    access: access.Access
    handlers: Handlers
    answerers: Callable[["Service"], questions.Answerers]
    background: Sequence[Callable[["Service"], Awaitable[None]]] = ()
    on_new_epoch: Callable[["Service"], Awaitable[None]] | None = None

    @cached_property
    def admitted(self) -> list[APIRoute]:
        """The routes behind the admission, made once: FastAPI works out their models each time."""
        return http.admitted(self.router)


class Service:
    """One service, wired: `app` answers HTTP, `running()` does everything else while its block lasts."""

    def __init__(
        self,
        settings: Settings,
        parts: Parts,
        now: Callable[[], datetime] = clock.now,
        clock_ms: Callable[[], int] = clock.milliseconds,
    ) -> None:
        self.settings = settings
        self.process = parts.process
        self.now = now
        self.access = parts.access
        self.handlers = parts.handlers
        self.verifier = Verifier.configured(settings)
        self.revocations = Revocations()
        self.pace = Pace(settings.requests_at_once, settings.requests_per_second, time.monotonic)
        self.metrics = CollectorRegistry()
        self._counts = Counts(self.metrics)
        self.mint = Minter(parts.process, settings.worker, clock_ms)
        self.database = Database(settings.database_url, parts.metadata, parts.process, self.mint)
        self._parts = parts
        self._answerers = parts.answerers(self)
        self._connection: Client | None = None
        self._reconnected = Bell()
        self._stream_seen = False
        self._revocations_known = False
        self._publisher: Publisher | None = None
        self.app: ASGIApp = http.app_of(self, parts)

    @property
    def name(self) -> str:
        """The service's name: that of its process."""
        return self.process.value

    @property
    def consumes(self) -> tuple[type[Event], ...]:
        """The events that this service's durable consumer is to deliver."""
        return tuple(self.handlers)

    async def ask(self, question: Question, answer: type[AnswerT]) -> AnswerT:
        """Another process's answer; raises its refusal, or `Unavailable` when it does not answer."""
        if self._connection is None:
            raise Unavailable("The broker does not answer right now; try again in a moment")
        return await questions.ask(self._connection, question, answer)

    async def problems(self) -> tuple[str, ...]:
        """What keeps this service from being ready; empty when nothing does."""
        found = []
        try:
            async with self.database.reading() as session:
                await session.execute(text("SELECT 1"))
        except Exception as error:
            if not away(error):
                raise
            found.append("database")
        if self._connection is None or not self._connection.is_connected:
            found.append("broker")
        elif not self._stream_seen:
            found.append("stream")
        elif not self._revocations_known:
            found.append("revocations")
        return tuple(found)

    async def migrate(self) -> None:
        """Bring the database to the newest shape; nothing else of the service is started."""
        await migrations.upgrade(self.database, self._parts.migrations)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything but HTTP: the database opened and up to date, the broker's side of it at work."""
        await self.migrate()
        self.database.open()
        if AskRevocations in self._answerers:
            # Known here without the broker, so refused from the first request on.
            await self._learn_revocations()
        work = asyncio.create_task(self._work(), name=f"{self.process} service")
        try:
            yield
        finally:
            # Again and again: nats-py swallows a cancellation that reaches it while it connects.
            while not work.done():
                work.cancel()
                await asyncio.wait((work,), timeout=0.5)
            await self.database.close()

    async def _work(self) -> None:
        # The broker may be away when we start: HTTP goes on, events wait in the outbox.
        while True:
            try:
                await self._work_at(
                    await broker.connect(self.settings, self.process, self._refused, self._back)
                )
            except (NatsError, OSError) as error:
                log.warning("broker_away", process=self.process, reason=str(error) or type(error).__name__)
            except Exception as failure:
                log.error("work_restarts", process=self.process, exc_info=failure)
            await asyncio.sleep(RESTART_PAUSE)

    async def _work_at(self, connection: Client) -> None:
        self._connection = connection
        self._publisher = Publisher(connection)
        desk = questions.Desk(connection, self.process, self._answerers)
        try:
            await desk.open()
            await together(
                partial(broker.until_closed, connection),
                partial(self._hear_revocations, connection),
                partial(self._lead, connection, self._publisher),
            )
        finally:
            self._connection = None
            with suppress(NatsError, OSError):
                await desk.close()
            await connection.close()

    def _refused(self, subject: str) -> None:
        if self._publisher:
            self._publisher.refuse(subject)

    def _back(self) -> None:
        if self._publisher:
            self._publisher.reconnected()
        self._reconnected.ring()

    async def _lead(self, connection: Client, publisher: Publisher) -> None:
        relay = Relay(
            self.database,
            publisher,
            self._counts,
            self.now,
            self._reconnected,
            epoch=lambda: self._epoch(connection),
            on_new_epoch=self._renew,
        )
        pull = Pull(connection, self.process)
        consumers = Consumers(self.database, pull, self.handlers, self._counts, self.now)
        while True:
            try:
                async with lease.held(self.database) as lost:
                    await together(
                        partial(_failing, lost),
                        relay.run,
                        consumers.run,
                        partial(sweeper.run, self.database, self.now),
                        *(partial(background, self) for background in self._parts.background),
                    )
            except Exception as failure:
                # A part that fails while all of it is cancelled: its error took the cancellation's place.
                broker.stay_cancelled()
                # Whatever it was, the work goes on: rows that wait must not wait for a restart by hand.
                log.error("work_restarts", process=self.process, exc_info=failure)
            await asyncio.sleep(RESTART_PAUSE)

    async def _renew(self) -> None:
        if self._parts.on_new_epoch:
            await self._parts.on_new_epoch(self)

    async def _epoch(self, connection: Client) -> str:
        reply = await broker.request(connection, f"$JS.API.STREAM.INFO.{STREAM}", b"", 2)
        info = orjson.loads(reply.data)
        if "created" not in info:
            raise NatsError(f"no stream {STREAM} yet; make it with: clinicwire provision")
        self._stream_seen = True
        return str(info["created"])

    async def _hear_revocations(self, connection: Client) -> None:
        async def heard(message: Msg) -> None:
            with suppress(ValueError):
                self.revocations.add(TokenRevoked.model_validate_json(message.data), self.now())

        await connection.subscribe(TokenRevoked.pattern(), cb=heard)
        with self._reconnected.listen() as reconnections:
            read = False
            while True:
                # The broker keeps them for when their owner is away.
                read = read or await self._read_revocations(connection)
                self._revocations_known |= read
                pause = ASK_AGAIN
                try:
                    await self._learn_revocations()
                except Exception as error:
                    if not (isinstance(error, Refusal) or away(error)):
                        raise
                    pause = RESTART_PAUSE
                self._revocations_known |= pause == ASK_AGAIN
                # Those of the time without a connection were not heard.
                read = read and not await reconnections.heard(pause)

    async def _read_revocations(self, connection: Client) -> bool:
        try:
            for revoked in await kept(connection):
                self.revocations.add(revoked, self.now())
        except (NatsError, TimeoutError, ValueError) as error:
            log.warning("revocations_not_read", reason=str(error)[:200] or type(error).__name__)
            return False
        return True

    async def _learn_revocations(self) -> None:
        # Their owner looks into its own table.
        own = self._answerers.get(AskRevocations)
        asked = AskRevocations()
        known = await (own(asked) if own else self.ask(asked, RevocationList))
        for revoked in RevocationList.model_validate(known).revocations:
            self.revocations.add(revoked, self.now())


async def _failing(lost: asyncio.Future[None]) -> None:
    await lost


async def serving(request: Request) -> Service:
    """The service that answers this request."""
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(serving)]
"""A route's parameter that is its service."""
