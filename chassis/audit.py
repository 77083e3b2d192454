"""The audit trail: who did what to a thing and when, from the rows that the outbox keeps anyway."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.bookkeeping import OUTBOX
from contracts.audit import Deed


async def deeds(session: AsyncSession, thing: str) -> tuple[Deed, ...]:
    """What this service has recorded of a thing (visit_5), oldest first; it outlives the events' payloads."""
    c = OUTBOX.c
    found = await session.execute(
        select(c.id, c.at, c.actor, c.subject, c.about, c.became).where(c.about == thing).order_by(c.position)
    )
    return tuple(
        Deed(
            id=row.id,
            at=row.at,
            actor=row.actor,
            what=row.subject.rpartition(".")[2],
            thing=row.about,
            became=row.became,
        )
        for row in found
    )
