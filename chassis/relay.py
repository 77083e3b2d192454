"""The relay: brings outbox rows to the stream, in order, each once; exactly one is active for a database."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import takewhile

import structlog
from nats.errors import Error as NatsError
from sqlalchemy import bindparam, case, delete, null, select, update
from sqlalchemy.exc import DBAPIError

from chassis.bell import Bell
from chassis.bookkeeping import BROKER_EPOCH, OUTBOX
from chassis.database import Database, away
from chassis.listed import listed
from chassis.metrics import Counts
from chassis.publisher import BATCH_LIMIT, Outgoing, Publisher, Refused, Unanswered
from chassis.statement import Statement
from chassis.together import together
from contracts.stream import RETENTION_SECONDS

log = structlog.get_logger()

SAFETY_POLL = 1.0
"""Seconds between looks at the outbox when no bell was heard."""

FEW = 2
"""Rows that go one after another: the broker makes files for a batch, which takes longer than a few do singly
(`bench.batch`); each of many, though, is a turn of a busy loop."""

PACE = 0.02
"""Seconds from the publishing of more than a few events to the next: what comes in between leaves together.
Pictures are not counted: they are paced by themselves, and an event must not wait for them."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds between tries while the stream, or the database, is away."""

MARKING = 0.05
"""Seconds after which what was published is marked: each time is a transaction, and waits for its turn."""

UNMARKED = 1024
"""Published rows beyond which none follow before they are marked: they are named when the next are read."""

_C = OUTBOX.c
_WAITING = Statement(
    lambda dialect: (
        select(
            _C.position, _C.id, _C.subject, _C.rooms, _C.payload, _C.revision, _C.version, _C.snapshot, _C.at
        )
        # Never "position > the last one": a lower one may commit after a higher.
        .where(_C.published_at.is_(None), _C.refused.is_(None))
        .where(_C.position.not_in(select(listed(dialect, "but").c.value)))
        .order_by(_C.position)
        .limit(BATCH_LIMIT)
    )
)
_MARK = Statement(
    lambda dialect: (
        update(OUTBOX)
        .where(_C.position.in_(select(listed(dialect, "those").c.value)))
        .values(
            published_at=bindparam("at_last", type_=_C.published_at.type),
            # A snapshot is worth nothing once the next one is made; the stream holds the newest.
            payload=case((_C.snapshot, null()), else_=_C.payload),
        )
    )
)


class Relay:
    """Publishes a database's outbox.

    `epoch` tells when the stream was made; `on_new_epoch` runs when it is another stream than before, and may
    run again for the same one. `reconnected` rings when the broker is another one, or the same again.
    """

    def __init__(
        self,
        database: Database,
        publisher: Publisher,
        counts: Counts,
        now: Callable[[], datetime],
        reconnected: Bell,
        epoch: Callable[[], Awaitable[str]],
        on_new_epoch: Callable[[], Awaitable[None]],
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._now = now
        self._reconnected = reconnected
        self._epoch = epoch
        self._on_new_epoch = on_new_epoch
        self._counts = counts
        # On the stream and not marked yet; after a crash they are published again, and dropped by the stream.
        self._published: list[Outgoing] = []
        self._some = asyncio.Event()
        self._many = False
        self._marking = asyncio.Lock()

    async def run(self) -> None:
        """Publish until cancelled; what is away is waited for."""
        try:
            await together(self._keep_publishing, self._keep_marking)
        finally:
            # Who starts again after the stream's duplicate window would publish them twice.
            with suppress(DBAPIError, OSError):
                await self._mark()

    async def _keep_publishing(self) -> None:
        pause = FIRST_PAUSE
        committed, reconnected = self._database.committed, self._reconnected
        with committed.listen() as commits, reconnected.listen() as reconnections:
            checked = False
            while True:
                try:
                    # Nothing of ours may reach a stream before what is missing in it.
                    if self._publisher.interrupted or not checked:
                        self._publisher.resume()
                        await self._check_epoch()
                        checked = True
                    next_at = time.monotonic() + PACE
                    full = await self._publish()
                    pause = FIRST_PAUSE
                    if len(self._published) >= UNMARKED:
                        await self._mark()
                    if not full:
                        checked = await commits.heard(SAFETY_POLL)
                        if self._many:
                            await asyncio.sleep(next_at - time.monotonic())
                except Exception as error:
                    if not (isinstance(error, Unanswered | NatsError) or away(error)):
                        raise
                    # The stream may come back as another one.
                    checked = False
                    log.warning("relay_waits", reason=str(error)[:200] or type(error).__name__, seconds=pause)
                    back = await reconnections.heard(pause)
                    pause = FIRST_PAUSE if back else min(pause * 2, LONGEST_PAUSE)

    async def _keep_marking(self) -> None:
        # Beside the publishing: a mark has to wait for its turn to write, behind changes whose events wait.
        pause = MARKING
        while True:
            await self._some.wait()
            await asyncio.sleep(pause)
            try:
                await self._mark()
                pause = MARKING
            except Exception as error:
                if not away(error):
                    raise
                pause = min(pause * 2, LONGEST_PAUSE)
                log.warning("marking_waits", reason=str(error)[:200], seconds=pause)

    async def publish_waiting(self) -> bool:
        """Publish the oldest rows that wait, and mark them; says whether there may be more."""
        try:
            return await self._publish()
        finally:
            await self._mark()

    async def _publish(self) -> bool:
        rows = await self._waiting()
        self._many = sum(not row.snapshot for row in rows) > FEW
        self._counts.waiting.set(len(rows))
        for batch in _without_repeats(rows):
            if len(batch) > FEW and await self._publisher.publish_all(batch):
                self._note(batch)
            else:
                await self._publish_singly(batch)
        return len(rows) == BATCH_LIMIT

    async def _publish_singly(self, rows: Sequence[Outgoing]) -> None:
        # Not after the first failure: the next would overtake it.
        for row in rows:
            try:
                await self._publisher.publish(row)
            except Refused as refusal:
                await self._mark_refused(row, str(refusal))
            else:
                self._note((row,))

    def _note(self, rows: Sequence[Outgoing]) -> None:
        self._published += rows
        self._some.set()
        self._counts.published.inc(len(rows))

    async def _waiting(self) -> list[Outgoing]:
        async with self._database.looking() as session:
            found = await _WAITING.rows(session, {"but": _positions(self._published)})
        rows = [Outgoing(*row) for row in found]
        # What a power cut may undo must not be on the stream; a bell rings when the rest is on the disk.
        on_disk = list(takewhile(lambda row: self._database.has_on_disk(row.id), rows))
        if rows and not on_disk:
            await self._database.durable()
            return rows
        return on_disk

    async def _mark(self) -> None:
        async with self._marking:
            rows = self._published[:]
            if rows:
                async with self._database.transaction(self._now(), "relay") as change:
                    await _MARK.run(change.session, {"at_last": change.now, "those": _positions(rows)})
                del self._published[: len(rows)]
            if not self._published:
                self._some.clear()

    async def _mark_refused(self, row: Outgoing, reason: str) -> None:
        log.error("event_refused", subject=row.subject, id=row.id, reason=reason)
        self._counts.refused.inc()
        async with self._database.transaction(self._now(), "relay") as change:
            await change.session.execute(
                update(OUTBOX).where(OUTBOX.c.position == row.position).values(refused=reason[:400])
            )

    async def _check_epoch(self) -> None:
        epoch = await self._epoch()
        async with self._database.reading() as session:
            known = (await session.execute(select(BROKER_EPOCH.c.epoch))).scalar_one_or_none()
        if known == epoch:
            return
        async with self._marking:
            # On the stream before this one; there is nothing of it here, and no mark is under way.
            self._published.clear()
        if known is not None:
            # First, and so perhaps twice: cut off after the new epoch is noted it would never run.
            await self._on_new_epoch()
        kept_since = self._now() - timedelta(seconds=RETENTION_SECONDS)
        async with self._database.transaction(self._now(), "relay") as change:
            await change.session.execute(delete(BROKER_EPOCH))
            await change.session.execute(BROKER_EPOCH.insert().values(epoch=epoch))
            if known is not None:
                # The broker's memory is gone; ours is its source. Inboxes skip what they had.
                await change.session.execute(
                    update(OUTBOX)
                    .where(OUTBOX.c.payload.is_not(None), OUTBOX.c.at > kept_since)
                    .values(published_at=None)
                )
                log.warning("stream_is_new", epoch=epoch, message="publishing what is kept again")


def _positions(rows: Sequence[Outgoing]) -> list[int]:
    return [row.position for row in rows]


def _without_repeats(rows: Sequence[Outgoing]) -> list[list[Outgoing]]:
    # A batch with two snapshots of one subject is refused whole.
    batches: list[list[Outgoing]] = []
    snapshots: set[str] = set()
    for row in rows:
        if not batches or (row.snapshot and row.subject in snapshots):
            batches.append([])
            snapshots = set()
        batches[-1].append(row)
        if row.snapshot:
            snapshots.add(row.subject)
    return batches
