"""Single visits, and the line they stand in."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import revision
from chassis.columns import table_of
from chassis.errors import NotFound
from chassis.transaction import Transaction
from contracts.shapes import VisitStatus
from queue_service.rules import ACTIVE, Place
from queue_service.tables import Visit


def absent() -> NotFound:
    """The refusal of a visit that nobody knows."""
    return NotFound("There is no such visit; it may be of another day or never have been")


async def visit(session: AsyncSession, visit_id: int) -> Visit:
    """The visit, read anew; raises `NotFound` when there is none."""
    found = (await session.execute(_BY_ID, {"visit_id": visit_id})).scalar_one_or_none()
    if found is None:
        raise absent()
    return found


async def lock_clinic(change: Transaction, visit_id: int) -> None:
    """Lock the row of the clinic that the visit is in; none where visit or row is unknown."""
    await revision.advance_found(change, _CLINIC_LOCKED, {"visit_id": visit_id})


async def of_appointment(session: AsyncSession, appointment_id: int) -> Visit | None:
    """The visit of an appointment, if it is known here."""
    found = await session.execute(_OF_APPOINTMENT, {"appointment_id": appointment_id})
    return found.scalar_one_or_none()


async def active_of_patient(
    session: AsyncSession, patient_id: int, doctor_id: int, day: date
) -> Visit | None:
    """The patient's visit with this doctor that is going on."""
    whose = {"patient_id": patient_id, "doctor_id": doctor_id, "day": day}
    return (await session.execute(_ACTIVE_OF_PATIENT, whose)).scalars().first()


async def next_ticket(session: AsyncSession, clinic_id: int, day: date) -> int:
    """The ticket after the last one given; true while the clinic's row is locked."""
    last = await session.execute(_LAST_TICKET, {"clinic_id": clinic_id, "day": day})
    return int(last.scalar_one() or 0) + 1


async def with_doctor(session: AsyncSession, doctor_id: int, day: date) -> Sequence[Visit]:
    """The visits that are with the doctor now."""
    found = await session.execute(_WITH_DOCTOR, {"doctor_id": doctor_id, "day": day})
    return found.scalars().all()


async def next_waiting(session: AsyncSession, clinic_id: int, doctor_id: int, day: date) -> Visit | None:
    """Who is first in the doctor's line."""
    whose = {"clinic_id": clinic_id, "doctor_id": doctor_id, "day": day}
    return (await session.execute(_NEXT_WAITING, whose)).scalar_one_or_none()


async def line(
    session: AsyncSession, clinic_id: int, day: date, doctor_id: int | None = None
) -> Sequence[tuple[int, Place]]:
    """The waiting visits of a clinic, or of one of its doctors, in their order: ids and places."""
    whose = true() if doctor_id is None else _C.doctor_id == doctor_id
    found = await session.execute(
        select(_C.id, _C.priority, _C.rank)
        .where(
            _C.clinic_id == clinic_id,
            _C.day == day,
            _C.status == VisitStatus.WAITING,
            whose,
        )
        .order_by(*LINE)
    )
    return [(id, Place(priority, rank)) for id, priority, rank in found]


async def position(session: AsyncSession, row: Visit) -> int:
    """Where a waiting visit stands in its clinic's line; 1 is first."""
    place = {"priority": row.priority, "rank": row.rank, "ticket": row.queue_number}
    where = {"visit_id": row.id, "clinic_id": row.clinic_id, "day": row.day}
    counted = await session.execute(_AHEAD, where | place)
    return int(counted.scalar_one()) + 1


async def shown_with(session: AsyncSession, patient_id: int) -> dict[int, set[int]]:
    """Where a patient is in a picture, of whichever day: the doctors by clinic."""
    found = await session.execute(
        select(_C.clinic_id, _C.doctor_id).where(_C.patient_id == patient_id).distinct()
    )
    shown: dict[int, set[int]] = {}
    for clinic_id, doctor_id in found:
        shown.setdefault(clinic_id, set()).add(doctor_id)
    return shown


async def earlier(
    session: AsyncSession, patient_id: int, doctor_id: int, before: datetime
) -> Sequence[Visit]:
    """A patient's visits with this doctor that were completed before this moment, newest first."""
    found = await session.execute(
        select(Visit)
        .where(
            _C.patient_id == patient_id,
            _C.doctor_id == doctor_id,
            _C.status == VisitStatus.COMPLETED,
            _C.end_time < before,
        )
        .order_by(_C.end_time.desc())
        .limit(50)
    )
    return found.scalars().all()


_C = table_of(Visit).c

LINE = (
    _C.priority.desc(),
    _C.rank,
    _C.queue_number,
    _C.id,
)
"""Who is called first: priority, then rank, then ticket (design.md)."""

# What a change runs is built once: `chassis.upsert.prepared` says why.
_IN_CLINIC = (_C.clinic_id == bindparam("clinic_id")) & (_C.day == bindparam("day"))
_OF_DOCTOR = (_C.doctor_id == bindparam("doctor_id")) & (_C.day == bindparam("day"))
_WAITS = _C.status == VisitStatus.WAITING
_IS_IT = _C.id == bindparam("visit_id")
_BY_ID = select(Visit).where(_IS_IT).execution_options(populate_existing=True)
_CLINIC_LOCKED = revision.stepping(select(_C.clinic_id).where(_IS_IT).scalar_subquery())
_OF_APPOINTMENT = (
    select(Visit)
    .where(_C.appointment_id == bindparam("appointment_id"))
    .execution_options(populate_existing=True)
)
_ACTIVE_OF_PATIENT = select(Visit).where(
    _OF_DOCTOR, _C.patient_id == bindparam("patient_id"), _C.status.in_([*ACTIVE])
)
_LAST_TICKET = select(func.max(_C.queue_number)).where(_IN_CLINIC)
_WITH_DOCTOR = select(Visit).where(_OF_DOCTOR, _C.status == VisitStatus.IN_PROGRESS)
_NEXT_WAITING = (
    select(Visit).where(_IN_CLINIC, _C.doctor_id == bindparam("doctor_id"), _WAITS).order_by(*LINE).limit(1)
)
_PRIORITY, _RANK, _TICKET = _C.priority, _C.rank, _C.queue_number
_PEER = bindparam("priority") == _PRIORITY
_AHEAD = select(func.count()).where(
    _IN_CLINIC,
    _WAITS,
    _C.id != bindparam("visit_id"),
    (bindparam("priority") < _PRIORITY)
    | (_PEER & (bindparam("rank") > _RANK))
    | (_PEER & (bindparam("rank") == _RANK) & (bindparam("ticket") > _TICKET)),
)
