"""What of a clinic is to be shown again."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import Executable

from chassis.columns import table_of
from chassis.statement import Statement
from chassis.transaction import Transaction
from chassis.upsert import Insert, inserting
from queue_service.tables import Mark

_TABLE = table_of(Mark)
_C = _TABLE.c


def _marking(*wanted: str) -> Statement:
    def again(insert: Insert) -> Executable:
        return insert.on_conflict_do_update(
            index_elements=["clinic_id", "doctor_id"],
            set_={name: insert.excluded[name] for name in wanted},
        )

    return Statement(inserting(_TABLE, again), _C.keys())


_QUEUE_ALONE = _marking("wanted")
_WITH_PHASES = _marking("wanted", "phases_wanted")

WHOLE = 0
"""The doctor id that stands for the clinic itself."""


async def mark(change: Transaction, clinic_id: int, doctors: Iterable[int], *, phases: bool = False) -> None:
    """Let the clinic's picture, and these doctors' parts of it, be made again after this change.

    The change has taken the clinic's revision before; `phases`: the reception's board as well.
    """
    revision = change.revisions[clinic_id]
    wanted = {"wanted": revision} | ({"phases_wanted": revision} if phases else {})
    unset = {"rendered": 0, "phases_rendered": 0, "phases_wanted": 0}
    statement = _WITH_PHASES if phases else _QUEUE_ALONE
    rows = [
        {"clinic_id": clinic_id, "doctor_id": doctor_id} | unset | wanted
        for doctor_id in sorted({WHOLE, *doctors})
    ]
    await statement.run(change.session, *rows)
    change.wakes = True


async def behind(session: AsyncSession) -> Sequence[int]:
    """The clinics of which some picture is behind."""
    return (await session.execute(_CLINICS_BEHIND)).scalars().all()


async def of_clinic(session: AsyncSession, clinic_id: int) -> Sequence[Row[Any]]:
    """The marks of this clinic that are behind, its own first."""
    return (await session.execute(_OF_CLINIC, {"clinic_id": clinic_id})).all()


async def settle(change: Transaction, clinic_id: int) -> None:
    """Note that the clinic's pictures were rendered as they are wanted.

    The change holds the clinic's row, so none is wanted anew since `of_clinic`.
    """
    await _SETTLED.run(change.session, {"of": clinic_id})


_BEHIND = (_C.wanted > _C.rendered) | (_C.phases_wanted > _C.phases_rendered)
_SETTLED = Statement(
    lambda _: (
        update(_TABLE)
        .where(_C.clinic_id == bindparam("of"), _BEHIND)
        .values(rendered=_C.wanted, phases_rendered=_C.phases_wanted)
    )
)
_CLINICS_BEHIND = select(_C.clinic_id).where(_BEHIND).distinct()
_OF_CLINIC = select(_TABLE).where(_C.clinic_id == bindparam("clinic_id"), _BEHIND).order_by(_C.doctor_id)
