"""What of a clinic is to be shown again."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Table, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from chassis.transaction import Transaction
from chassis.upsert import insert_into
from queue_service.tables import Mark

_TABLE: Table = Mark.__table__  # type: ignore[attr-defined]  # SQLModel hides what the mapper adds

WHOLE = 0
"""The doctor id that stands for the clinic itself."""


async def mark(change: Transaction, clinic_id: int, doctors: Iterable[int], *, phases: bool = False) -> None:
    """Let the clinic's picture, and these doctors' parts of it, be made again after this change.

    The change has taken the clinic's revision before; `phases`: the reception's board as well.
    """
    revision = change.revisions[clinic_id]
    wanted = {"wanted": revision} | ({"phases_wanted": revision} if phases else {})
    unset = {"rendered": 0, "phases_rendered": 0, "phases_wanted": 0}
    insert = insert_into(change.session, _TABLE).values(
        [
            {"clinic_id": clinic_id, "doctor_id": doctor_id} | unset | wanted
            for doctor_id in sorted({WHOLE, *doctors})
        ]
    )
    await change.session.execute(
        insert.on_conflict_do_update(index_elements=["clinic_id", "doctor_id"], set_=wanted)
    )
    change.wakes = True


async def behind(session: AsyncSession) -> Sequence[int]:
    """The clinics of which some picture is behind."""
    found = await session.execute(select(col(Mark.clinic_id)).where(_BEHIND).distinct())
    return found.scalars().all()


async def of_clinic(session: AsyncSession, clinic_id: int) -> Sequence[Mark]:
    """The marks of this clinic that are behind."""
    found = await session.execute(
        select(Mark)
        .where(col(Mark.clinic_id) == clinic_id, _BEHIND)
        .execution_options(populate_existing=True)
    )
    return found.scalars().all()


async def settle(change: Transaction, clinic_id: int, doctors: Iterable[int]) -> None:
    """Note that these pictures were rendered as they are wanted."""
    await change.session.execute(
        update(_TABLE)
        .where(_TABLE.c.clinic_id == clinic_id, _TABLE.c.doctor_id.in_(list(doctors)))
        .values(rendered=_TABLE.c.wanted, phases_rendered=_TABLE.c.phases_wanted)
    )


_BEHIND = (col(Mark.wanted) > col(Mark.rendered)) | (col(Mark.phases_wanted) > col(Mark.phases_rendered))
