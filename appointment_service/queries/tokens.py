"""Reads of revocations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from appointment_service.tables import Revocation


async def in_force(session: AsyncSession, now: datetime) -> Sequence[Revocation]:
    """The revocations that still concern some token, oldest first."""
    found = await session.execute(
        select(Revocation).where(col(Revocation.expires_at) > now).order_by(col(Revocation.id))
    )
    return found.scalars().all()
