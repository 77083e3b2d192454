"""What of a clinic is to be shown again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
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


@dataclass(frozen=True)
class Behind:
    """Which pictures of a clinic, or of one of its doctors, are behind."""

    doctor_id: int
    queue: bool
    phases: bool


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
    return [clinic_id for (clinic_id,) in await _CLINICS_BEHIND.rows(session, {})]


async def of_clinic(session: AsyncSession, clinic_id: int) -> Sequence[Behind]:
    """What of this clinic is behind, its own first."""
    return [Behind(*row) for row in await _OF_CLINIC.rows(session, {"clinic_id": clinic_id})]


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
_CLINICS_BEHIND = Statement(lambda _: select(_C.clinic_id).where(_BEHIND).distinct())
_WHAT_IS_BEHIND = select(_C.doctor_id, _C.wanted > _C.rendered, _C.phases_wanted > _C.phases_rendered)
_OF_CLINIC = Statement(
    lambda _: _WHAT_IS_BEHIND.where(_C.clinic_id == bindparam("clinic_id"), _BEHIND).order_by(_C.doctor_id)
)
