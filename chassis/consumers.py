"""Hearing the others: each event has its effect once, in a transaction with its inbox row."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from nats.aio.msg import Msg
from orjson import JSONEncodeError
from pydantic import ValidationError
from sqlalchemy import String, bindparam, select, true
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.sql.expression import Executable

from chassis.bookkeeping import INBOX
from chassis.database import Database, away
from chassis.errors import Refusal, Unavailable
from chassis.listed import listed
from chassis.metrics import Counts
from chassis.pull import Pull
from chassis.statement import Statement
from chassis.transaction import Transaction
from chassis.upsert import insert_for
from contracts import headers
from contracts.event import Event
from contracts.stream import event_of

log = structlog.get_logger()

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between tries while the database is away; less than a message's time to be acknowledged."""


CONTRADICTIONS = (
    *(
        Refusal,
        ValidationError,
        ValueError,
        KeyError,
    ),  # not its contract, or about nothing we know
    *(OverflowError, JSONEncodeError, DataError, IntegrityError),  # not to be kept beside what is kept
)
"""What is wrong with an event itself: one line says enough. Anything else is wrong with us."""


def _hearing(dialect: str) -> Executable:
    ids = listed(dialect, "ids", String)
    rows = select(ids.c.value, bindparam("at_last", type_=INBOX.c.at.type)).where(true())
    heard = insert_for(dialect, INBOX).from_select(["message_id", "at"], rows)
    return heard.on_conflict_do_nothing().returning(INBOX.c.message_id)


_HEARD = Statement(_hearing)


@dataclass(frozen=True)
class Delivery:
    """An event as it came: its message id, its entity's version, when it was made."""

    id: str
    version: int
    at: datetime
    event: Event


Handler = Callable[[Transaction, Any, Delivery], Awaitable[None]]
"""Does what this service does about an event; raises `Refusal` when nothing can be done, now or later.

`Unavailable` is the exception: the event is tried again, and those after it wait.
"""

Handlers = Mapping[type[Event], Handler]


class Consumers:
    """Reads a service's durable consumer and hands each event to its handler, once."""

    def __init__(
        self,
        database: Database,
        pull: Pull,
        handlers: Handlers,
        counts: Counts,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._pull = pull
        self._handlers = handlers
        self._now = now
        self._counts = counts

    async def run(self) -> None:
        """Handle what comes until cancelled."""
        pause = FIRST_PAUSE
        async with self._pull.open():
            while True:
                messages = await self._pull.next()
                while messages:
                    try:
                        await self._handle_all(messages)
                        pause = FIRST_PAUSE
                    except Exception as error:
                        if not _passes(error):
                            raise
                        # The database is away: keep the order, and the messages, until it is back.
                        log.warning("consumer_waits", reason=str(error)[:200], seconds=pause)
                        for message in messages:
                            await message.in_progress()
                        await asyncio.sleep(pause)
                        pause = min(pause * 2, LONGEST_PAUSE)
                    messages = [message for message in messages if not message.is_acked]

    async def _handle_all(self, messages: list[Msg]) -> None:
        try:
            async with self._database.transaction(self._now(), "events") as change:
                effects = await self._handle(change, messages)
        except Exception as error:
            if _passes(error):
                raise
            # One of them can't be handled: which one shows when each is alone.
            for message in messages:
                await self._handle_alone(message)
            return
        self._counts.handled.inc(effects)
        for message in messages:
            await message.ack()

    async def _handle_alone(self, message: Msg) -> None:
        try:
            async with self._database.transaction(self._now(), "events") as change:
                effects = await self._handle(change, [message])
        except Exception as error:
            if _passes(error):
                raise
            # Terminated, logged and counted: one event that can't be handled must not hold back a clinic.
            known = isinstance(error, CONTRADICTIONS)
            log.error(
                "event_terminated",
                subject=message.subject,
                id=(message.headers or {}).get(headers.MESSAGE_ID),
                reason=error.message if isinstance(error, Refusal) else type(error).__name__,
                exc_info=None if known else error,
            )
            self._counts.terminated.inc()
            await message.term()
        else:
            self._counts.handled.inc(effects)
            await message.ack()

    async def _handle(self, change: Transaction, messages: list[Msg]) -> int:
        """Let each event that is new have its effect, in their order; how many had one."""
        deliveries = [read(message) for message in messages]
        # The same message may be there twice: given again before the first was acknowledged.
        ours = {one.id: one for one in deliveries if type(one.event) in self._handlers}
        if not ours:
            return 0
        heard = await _HEARD.rows(change.session, {"ids": [*ours], "at_last": change.now})
        news = {id for (id,) in heard}
        for id, delivery in ours.items():
            if id in news:
                await self._handlers[type(delivery.event)](change, delivery.event, delivery)
                # What the next one of the batch reads must include what this one did.
                await change.flush()
        return len(news)


def _passes(error: Exception) -> bool:
    # What we asked of another process may be answered in a moment; losing the event would be for good.
    return away(error) or isinstance(error, Unavailable)


def read(message: Msg) -> Delivery:
    """The event in a message; raises ValueError, KeyError or ValidationError when no contract knows it."""
    kind = event_of(message.subject)
    if kind is None:
        raise ValueError("no contract names this subject")
    given = message.headers or {}
    return Delivery(
        id=given[headers.MESSAGE_ID],
        version=int(given.get(headers.VERSION, 0)),
        at=datetime.fromisoformat(given[headers.AT]),
        # During a rolling upgrade a newer publisher may say more than we know.
        event=kind.model_validate_json(message.data, extra="ignore"),
    )
