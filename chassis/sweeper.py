"""What is old enough to go: payloads after 7 days, inbox rows a day later, remembered answers after two."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, update

from chassis.bookkeeping import IDEMPOTENCY, INBOX, OUTBOX
from chassis.database import Database
from contracts.stream import RETENTION_SECONDS

EVERY = 3600.0
"""Seconds between sweeps."""

KEPT = timedelta(seconds=RETENTION_SECONDS)


async def sweep(database: Database, now: datetime) -> None:
    """Drop what is too old; of an outbox row who, what and when stay: the audit trail."""
    async with database.transaction(now, "sweeper") as change:
        session = change.session
        await session.execute(
            update(OUTBOX)
            .where(
                OUTBOX.c.at < now - KEPT, OUTBOX.c.published_at.is_not(None), OUTBOX.c.payload.is_not(None)
            )
            .values(payload=None)
        )
        # A message can come again for as long as the stream, or another's outbox, has it.
        await session.execute(delete(INBOX).where(INBOX.c.at < now - KEPT - timedelta(days=1)))
        await session.execute(delete(IDEMPOTENCY).where(IDEMPOTENCY.c.at < now - timedelta(days=2)))


async def run(database: Database, now: Callable[[], datetime]) -> None:
    """Sweep at once and every hour, until cancelled."""
    while True:
        await sweep(database, now())
        await asyncio.sleep(EVERY)
