"""Single visits, and the line they stand in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, TextClause, bindparam, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis import revision
from chassis.columns import table_of
from chassis.errors import NotFound
from chassis.statement import Statement
from chassis.transaction import Transaction
from contracts.shapes import VisitStatus
from queue_service.rules import Place
from queue_service.tables import IS_ACTIVE, IS_WITH_DOCTOR, StoredVisit, Visit


def absent() -> NotFound:
    """The refusal of a visit that nobody knows."""
    return NotFound("There is no such visit; it may be of another day or never have been")


async def find(session: AsyncSession, visit_id: int) -> Visit | None:
    """The visit, if there is one."""
    return await _one(session, _BY_ID, {"visit_id": visit_id})


async def visit(session: AsyncSession, visit_id: int) -> Visit:
    """The visit; raises `NotFound` when there is none."""
    found = await find(session, visit_id)
    if found is None:
        raise absent()
    return found


async def add(change: Transaction, row: Visit) -> None:
    """Store a new visit."""
    await _ADD.run(change.session, row.__dict__)


async def save(change: Transaction, row: Visit) -> None:
    """Store how a visit that is there was moved."""
    await _SAVE.run(change.session, {**row.__dict__, "visit_id": row.id})


async def save_plan(change: Transaction, row: Visit) -> None:
    """Store how a visit that is there was planned anew."""
    await _SAVE_PLAN.run(change.session, {**row.__dict__, "visit_id": row.id})


async def lock_clinic(change: Transaction, visit_id: int) -> None:
    """Lock the row of the clinic that the visit is in; none where visit or row is unknown."""
    await revision.advance_found(change, _CLINIC_LOCKED, {"visit_id": visit_id})


async def of_appointment(session: AsyncSession, appointment_id: int) -> Visit | None:
    """The visit of an appointment, if it is known here."""
    return await _one(session, _OF_APPOINTMENT, {"appointment_id": appointment_id})


async def active_of_patient(
    session: AsyncSession, patient_id: int, doctor_id: int, day: date
) -> Visit | None:
    """The patient's visit with this doctor that is going on."""
    whose = {"patient_id": patient_id, "doctor_id": doctor_id, "day": day}
    return await _one(session, _ACTIVE_OF_PATIENT, whose)


async def next_ticket(session: AsyncSession, clinic_id: int, day: date) -> int:
    """The ticket after the last one given; true while the clinic's row is locked."""
    return int(await _LAST_TICKET.value(session, {"clinic_id": clinic_id, "day": day}) or 0) + 1


async def with_doctor(session: AsyncSession, doctor_id: int, day: date) -> Sequence[Visit]:
    """The visits that are with the doctor now."""
    return await _all(session, _WITH_DOCTOR, {"doctor_id": doctor_id, "day": day})


async def next_waiting(session: AsyncSession, clinic_id: int, doctor_id: int, day: date) -> Visit | None:
    """Who is first in the doctor's line."""
    whose = {"clinic_id": clinic_id, "doctor_id": doctor_id, "day": day}
    return await _one(session, _NEXT_WAITING, whose)


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
    return int(await _AHEAD.value(session, where | place)) + 1


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
        select(StoredVisit)
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


_VISITS = table_of(StoredVisit)
_C = _VISITS.c

LINE = (
    _C.priority.desc(),
    _C.rank,
    _C.queue_number,
    _C.id,
)
"""Who is called first: priority, then rank, then ticket (design.md)."""

_NAMES = tuple(_C.keys())
_MOVED = (
    *("status", "queue_number", "position", "priority", "rank", "seat", "notes", "version"),
    *("check_in_time", "called_time", "start_time", "end_time"),
)
_PLANNED = (
    *("clinic_id", "doctor_id", "patient_id", "service_id"),
    *("day", "planned_time", "rank", "version"),
)
_IN_CLINIC = (_C.clinic_id == bindparam("clinic_id")) & (_C.day == bindparam("day"))
_OF_DOCTOR = (_C.doctor_id == bindparam("doctor_id")) & (_C.day == bindparam("day"))
_WAITS = _C.status == VisitStatus.WAITING
_IS_IT = _C.id == bindparam("visit_id")
_CLINIC_LOCKED = revision.stepping(select(_C.clinic_id).where(_IS_IT).scalar_subquery())
_LAST_TICKET = Statement(lambda _: select(func.max(_C.queue_number)).where(_IN_CLINIC))
_ADD = Statement(lambda _: insert(_VISITS), _NAMES)
_SAVE = Statement(lambda _: update(_VISITS).where(_IS_IT), _MOVED)
_SAVE_PLAN = Statement(lambda _: update(_VISITS).where(_IS_IT), _PLANNED)


def _visits(*conditions: ColumnElement[bool] | TextClause) -> Statement:
    return Statement(lambda _: select(*_C).where(*conditions))


_BY_ID = _visits(_IS_IT)
_OF_APPOINTMENT = _visits(_C.appointment_id == bindparam("appointment_id"))
_ACTIVE_OF_PATIENT = _visits(_OF_DOCTOR, _C.patient_id == bindparam("patient_id"), IS_ACTIVE)
_WITH_DOCTOR = _visits(_OF_DOCTOR, IS_WITH_DOCTOR)
_FIRST_WAITING = select(*_C).where(_IN_CLINIC, _C.doctor_id == bindparam("doctor_id"), _WAITS).order_by(*LINE)
_NEXT_WAITING = Statement(lambda _: _FIRST_WAITING.limit(1))
_PRIORITY, _RANK, _TICKET = _C.priority, _C.rank, _C.queue_number
_PEER = bindparam("priority") == _PRIORITY
_BEFORE = (
    (bindparam("priority") < _PRIORITY)
    | (_PEER & (bindparam("rank") > _RANK))
    | (_PEER & (bindparam("rank") == _RANK) & (bindparam("ticket") > _TICKET))
)
_OTHERS_AHEAD = select(func.count()).where(_IN_CLINIC, _WAITS, _C.id != bindparam("visit_id"), _BEFORE)
_AHEAD = Statement(lambda _: _OTHERS_AHEAD)


async def _all(session: AsyncSession, statement: Statement, given: Mapping[str, object]) -> list[Visit]:
    # Not validated: they come from the database as it was told them.
    found = await statement.rows(session, given)
    return [Visit.model_construct(**dict(zip(_NAMES, row, strict=True))) for row in found]


async def _one(session: AsyncSession, statement: Statement, given: Mapping[str, object]) -> Visit | None:
    found = await _all(session, statement, given)
    return found[0] if found else None
