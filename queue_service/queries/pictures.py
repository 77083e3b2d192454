"""A clinic's day as screens show it: the queue, the board without names, the reception's columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, bindparam, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.shapes import BoardTicket, Phase, PhaseItem, Phases, QueueItem, VisitStatus, VisitType
from queue_service.queries.visits import LINE
from queue_service.rules import ACTIVE, GONE, NEWEST_COMPLETED, PHASES
from queue_service.tables import (
    KnownAppointment,
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownPayment,
    KnownService,
    Visit,
)

S = VisitStatus

FORGOTTEN = "(deleted patient)"
"""Shown for a patient whose card is gone."""

UNKNOWN = ""
"""Shown for a name that has not reached us yet; the event that brings it makes the picture again."""


@dataclass(frozen=True)
class Wanted:
    """Which visits a picture is of; `last_day` beyond `day` makes it a range, `whole` lists all completed."""

    clinic_id: int
    day: date
    last_day: date | None = None
    doctor_id: int | None = None
    whole: bool = False

    def of_doctor(self, doctor_id: int) -> "Wanted":
        """The same of one doctor."""
        return replace(self, doctor_id=doctor_id)

    @property
    def kind(self) -> "Kind":
        """What statements that read these visits compare."""
        return Kind(self.last_day not in (None, self.day), self.doctor_id is not None, self.whole)

    @property
    def values(self) -> dict[str, int | date | None]:
        """What those comparisons are made with."""
        return {
            "clinic_id": self.clinic_id,
            "first_day": self.day,
            "last_day": self.last_day,
            "doctor_id": self.doctor_id,
        }


@dataclass(frozen=True)
class Kind:
    """A kind of picture: its statements are built once (`chassis.upsert.prepared` says why)."""

    ranged: bool
    of_doctor: bool
    whole: bool

    def condition(self) -> ColumnElement[bool]:
        """The visits in question."""
        day = col(Visit.day)
        first: BindParameter[date] = bindparam("first_day")
        of_days = day.between(first, bindparam("last_day")) if self.ranged else day == first
        condition = (col(Visit.clinic_id) == bindparam("clinic_id")) & of_days
        if self.of_doctor:
            condition &= col(Visit.doctor_id) == bindparam("doctor_id")
        return condition


@dataclass(frozen=True)
class Picture:
    """A queue in its order."""

    waiting: tuple[QueueItem, ...]
    called: tuple[QueueItem, ...]
    in_progress: tuple[QueueItem, ...]
    completed: tuple[QueueItem, ...]
    total: int


@dataclass(frozen=True)
class Day:
    """What a clinic's pictures, and its doctors' parts of them, are made from; read once for all of them."""

    active: Sequence[tuple[int, QueueItem]]
    totals: Mapping[int, int]
    calls: Mapping[int, datetime]
    """When who is called was called last, by visit."""

    def picture(self, completed: tuple[QueueItem, ...], doctor_id: int | None = None) -> Picture:
        """The clinic's picture, or a doctor's part of it, with the completed that go into it."""
        own = [item for doctor, item in self.active if doctor_id in (None, doctor)]
        by_status = {
            status: tuple(item for item in own if item.status is status)
            for status in (S.WAITING, S.CALLED, S.IN_PROGRESS)
        }
        total = sum(self.totals.values()) if doctor_id is None else self.totals.get(doctor_id, 0)
        return Picture(by_status[S.WAITING], by_status[S.CALLED], by_status[S.IN_PROGRESS], completed, total)


async def queue(session: AsyncSession, wanted: Wanted) -> Picture:
    """The queue as one picture."""
    the_day = await day(session, wanted)
    return the_day.picture(await completed(session, wanted))


async def day(session: AsyncSession, wanted: Wanted) -> Day:
    """The active visits in their order, and how many there are in all, by doctor.

    `total` counts all of the day's visits but the cancelled and the no-shows (design.md).
    """
    active = (await session.execute(_active(wanted.kind), wanted.values)).all()
    items = [(row.doctor_id, _queue_item(row)) for row in active]
    calls = {row.id: row.called_time for row in active if row.status == S.CALLED}
    counted = await session.execute(_counted(wanted.kind), wanted.values)
    return Day(items, {doctor: count for doctor, count in counted}, calls)


async def completed(session: AsyncSession, wanted: Wanted) -> tuple[QueueItem, ...]:
    """The completed visits, newest first; all of them only where the whole is wanted."""
    found = await session.execute(_completed(wanted.kind), wanted.values)
    return tuple(_queue_item(row) for row in found)


@cache
def _active(kind: Kind) -> Select[Any]:
    rows = _named(select(*_columns()).select_from(Visit))
    return rows.where(kind.condition(), col(Visit.status).in_([*ACTIVE])).order_by(*IN_ORDER)


@cache
def _counted(kind: Kind) -> Select[int, int]:
    present = col(Visit.status).not_in([*GONE])
    counted = select(col(Visit.doctor_id), func.count()).where(kind.condition(), present)
    return counted.group_by(col(Visit.doctor_id))


@cache
def _completed(kind: Kind) -> Select[Any]:
    rows = _named(select(*_columns()).select_from(Visit))
    rows = rows.where(kind.condition(), col(Visit.status) == S.COMPLETED)
    rows = rows.order_by(col(Visit.end_time).desc(), col(Visit.id).desc())
    return rows if kind.whole else rows.limit(NEWEST_COMPLETED)


def board(the_day: Day, room_number: str | None) -> dict[VisitStatus, tuple[BoardTicket, ...]]:
    """The tickets in the clinic now, by status: nothing about the people."""
    tickets: dict[VisitStatus, list[BoardTicket]] = {S.WAITING: [], S.CALLED: [], S.IN_PROGRESS: []}
    for _, item in the_day.active:
        ticket = BoardTicket(
            queue_number=item.queue_number,
            room_number=room_number,
            status=item.status,
            called_time=the_day.calls.get(item.id),
        )
        tickets[item.status].append(ticket)
    return {status: tuple(listed) for status, listed in tickets.items()}


async def phases(session: AsyncSession, wanted: Wanted) -> Phases:
    """The reception's columns; of the completed the newest, unless the whole is wanted."""
    columns = (
        *_columns(),
        col(Visit.appointment_id),
        col(Visit.notes).label("visit_notes"),
        col(KnownClinic.name).label("clinic_name"),
        col(KnownAppointment.booking_id),
        col(KnownAppointment.start_time).label("booked_from"),
        col(KnownAppointment.end_time).label("booked_to"),
        col(KnownAppointment.notes).label("booking_notes"),
        col(KnownPayment.id).label("payment_id"),
    )
    rows = (
        _named(select(*columns).select_from(Visit))
        .outerjoin(KnownClinic, col(KnownClinic.id) == col(Visit.clinic_id))
        .outerjoin(KnownAppointment, col(KnownAppointment.id) == col(Visit.appointment_id))
        .outerjoin(
            KnownPayment, (col(KnownPayment.visit_id) == col(Visit.id)) & col(KnownPayment.void).is_(False)
        )
        .where(wanted.kind.condition())
    )
    shown = rows.where(col(Visit.status).in_([S.SCHEDULED, *ACTIVE])).order_by(*_IN_COLUMNS)
    ended = rows.where(col(Visit.status) == S.COMPLETED).order_by(
        col(Visit.end_time).desc(), col(Visit.id).desc()
    )
    ended = ended if wanted.whole else ended.limit(NEWEST_COMPLETED)
    columns_of: dict[Phase, list[PhaseItem]] = {phase: [] for phase in Phase}
    for query in (shown, ended):
        for row in await session.execute(query, wanted.values):
            item = _phase_item(row)
            columns_of[item.queue_phase].append(item)
    return Phases.model_validate({phase.value: tuple(items) for phase, items in columns_of.items()})


def _columns() -> tuple[Any, ...]:
    return (
        col(Visit.id),
        col(Visit.doctor_id),
        col(Visit.status),
        col(Visit.queue_number),
        func.coalesce(col(KnownPatient.name), FORGOTTEN).label("patient_name"),
        func.coalesce(col(KnownPatient.phone), UNKNOWN).label("patient_phone"),
        func.coalesce(col(KnownDoctor.name), UNKNOWN).label("doctor_name"),
        func.coalesce(col(KnownService.name), UNKNOWN).label("service_name"),
        col(Visit.visit_type),
        col(Visit.check_in_time),
        col(Visit.called_time),
        col(Visit.start_time),
        col(Visit.end_time),
        col(Visit.version),
    )


def _named(rows: Select[Any]) -> Select[Any]:
    return (
        rows.outerjoin(KnownPatient, col(KnownPatient.id) == col(Visit.patient_id))
        .outerjoin(KnownDoctor, col(KnownDoctor.id) == col(Visit.doctor_id))
        .outerjoin(KnownService, col(KnownService.id) == col(Visit.service_id))
    )


@lru_cache(maxsize=4096)
def _queue_item(row: Row[Any]) -> QueueItem:
    # Nearly all of a picture is as it was in the one before.
    return QueueItem(
        id=row.id,
        queue_number=row.queue_number,
        patient_name=row.patient_name,
        patient_phone=row.patient_phone,
        doctor_name=row.doctor_name,
        service_name=row.service_name,
        visit_type=VisitType(row.visit_type),
        check_in_time=row.check_in_time,
        start_time=row.start_time,
        end_time=row.end_time,
        status=S(row.status),
        version=row.version,
    )


def _phase_item(row: Row[Any]) -> PhaseItem:
    status = S(row.status)
    return PhaseItem(
        # A walk-in has no appointment: its card is the visit's.
        id=row.appointment_id or row.id,
        booking_id=row.booking_id,
        patient_name=row.patient_name,
        patient_phone=row.patient_phone,
        doctor_name=row.doctor_name,
        clinic_name=row.clinic_name or UNKNOWN,
        service_name=row.service_name,
        start_time=row.booked_from or row.check_in_time,
        end_time=row.booked_to or row.end_time,
        notes=row.booking_notes or row.visit_notes,
        visit_status=status,
        queue_phase=PHASES[status],
        visit_id=row.id,
        payment_id=row.payment_id,
        version=row.version,
    )


IN_ORDER = (
    # Waiting stand in line; the called in the order of their calls, those with a doctor of their start.
    case((col(Visit.status) == S.CALLED, col(Visit.called_time))),
    case((col(Visit.status) == S.IN_PROGRESS, col(Visit.start_time))),
    *LINE,
)

_IN_COLUMNS = (
    # The expected by their booked time; of those who wait the called come first.
    case((col(Visit.status) == S.SCHEDULED, 0), (col(Visit.status) == S.CALLED, 1), else_=2),
    case((col(Visit.status) == S.SCHEDULED, col(Visit.planned_time))),
    *IN_ORDER,
)
