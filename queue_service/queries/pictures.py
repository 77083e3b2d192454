"""A clinic's day as screens show it: the queue, the board without names, the reception's columns."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.columns import table_of
from chassis.statement import Statement
from contracts.shapes import BoardTicket, Phase, PhaseItem, Phases, QueueItem, VisitStatus
from queue_service.queries.items import UNKNOWN, VISITS, columns, items, keys, named
from queue_service.queries.visits import LINE
from queue_service.rules import ACTIVE, GONE, NEWEST_COMPLETED, PHASES
from queue_service.tables import KnownAppointment, KnownClinic, KnownPayment

S = VisitStatus

AT_ONCE = 16
"""Doctors whose completed visits are read by one statement."""

_CLINICS, _APPOINTMENTS, _PAYMENTS = (
    table_of(KnownClinic),
    table_of(KnownAppointment),
    table_of(KnownPayment),
)


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
    """A kind of picture: its statements are built once: building one costs as much as running it."""

    ranged: bool
    of_doctor: bool
    whole: bool

    def condition(self) -> ColumnElement[bool]:
        """The visits in question."""
        day = VISITS.c.day
        first: BindParameter[date] = bindparam("first_day")
        of_days = day.between(first, bindparam("last_day")) if self.ranged else day == first
        condition = (VISITS.c.clinic_id == bindparam("clinic_id")) & of_days
        if self.of_doctor:
            condition &= VISITS.c.doctor_id == bindparam("doctor_id")
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
    active = await _active(wanted.kind).rows(session, wanted.values)
    cards = await items(session, active)
    doctors, calls = [], {}
    for visit_id, *_, doctor_id, called in active:
        doctors.append(doctor_id)
        if called is not None:
            calls[visit_id] = called
    counted = await _counted(wanted.kind).rows(session, wanted.values)
    return Day(list(zip(doctors, cards, strict=True)), {doctor: count for doctor, count in counted}, calls)


async def completed(session: AsyncSession, wanted: Wanted) -> tuple[QueueItem, ...]:
    """The completed visits, newest first; all of them only where the whole is wanted."""
    found = await _completed(wanted.kind).rows(session, wanted.values)
    return await items(session, found)


async def newest_completed(
    session: AsyncSession, wanted: Wanted, doctors: list[int]
) -> list[tuple[QueueItem, ...]]:
    """What `completed` finds for the clinic, and then for each of these doctors."""
    of_clinic: tuple[QueueItem, ...] = ()
    of_doctors: list[tuple[QueueItem, ...]] = []
    for start in range(0, max(1, len(doctors)), AT_ONCE):
        of_clinic, *some = await _parts(session, wanted, doctors[start : start + AT_ONCE])
        of_doctors += some
    return [of_clinic, *of_doctors]


async def _parts(session: AsyncSession, wanted: Wanted, doctors: list[int]) -> list[tuple[QueueItem, ...]]:
    # The last one repeated until they are a power of two: a statement for each number of doctors is too many.
    asked = doctors + doctors[-1:] * ((1 << (len(doctors) - 1).bit_length()) - len(doctors))
    given: dict[str, object] = {f"doctor_{number}": doctor_id for number, doctor_id in enumerate(asked)}
    found = await _newest_completed(len(asked)).rows(session, {**wanted.values, **given})
    parts: list[list[QueueItem]] = [[] for _ in range(1 + len(asked))]
    for row, card in zip(found, await items(session, found), strict=True):
        parts[row[-1]].append(card)
    return [tuple(part) for part in parts[: 1 + len(doctors)]]


@cache
def _active(kind: Kind) -> Statement:
    called = case((VISITS.c.status == S.CALLED, VISITS.c.called_time)).label("called_time")
    rows = named(select(*keys(), VISITS.c.doctor_id, called)).where(kind.condition(), _one_of(ACTIVE))
    return Statement(lambda _: rows.order_by(*IN_ORDER))


@cache
def _counted(kind: Kind) -> Statement:
    counted = select(VISITS.c.doctor_id, func.count()).where(kind.condition(), ~_one_of(GONE))
    return Statement(lambda _: counted.group_by(VISITS.c.doctor_id))


def _one_of(statuses: Iterable[VisitStatus]) -> ColumnElement[bool]:
    return or_(*(VISITS.c.status == status for status in statuses))


@cache
def _completed(kind: Kind) -> Statement:
    return Statement(lambda _: _all_completed(kind))


def _all_completed(kind: Kind) -> Select[Any]:
    rows = named(select(*keys())).where(kind.condition(), VISITS.c.status == S.COMPLETED)
    rows = rows.order_by(VISITS.c.end_time.desc(), VISITS.c.id.desc())
    return rows if kind.whole else rows.limit(NEWEST_COMPLETED)


@cache
def _newest_completed(doctors: int) -> Statement:
    # Each part along its own index, as far as it is shown: what the day has in all does not count.
    of_clinic = _all_completed(Kind(ranged=False, of_doctor=False, whole=False))
    parts = [of_clinic]
    for number in range(doctors):
        parts.append(of_clinic.where(VISITS.c.doctor_id == bindparam(f"doctor_{number}")))
    return Statement(lambda _: union_all(*(_numbered(number, part) for number, part in enumerate(parts))))


def _numbered(number: int, part: Select[Any]) -> Select[Any]:
    return select(*part.subquery().c, literal_column(str(number)).label("part"))


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
    shown_columns = (
        VISITS.c.id,
        VISITS.c.version,
        *columns(),
        VISITS.c.appointment_id,
        VISITS.c.notes.label("visit_notes"),
        _CLINICS.c.name.label("clinic_name"),
        _APPOINTMENTS.c.booking_id,
        _APPOINTMENTS.c.start_time.label("booked_from"),
        _APPOINTMENTS.c.end_time.label("booked_to"),
        _APPOINTMENTS.c.notes.label("booking_notes"),
        _PAYMENTS.c.id.label("payment_id"),
    )
    rows = (
        named(select(*shown_columns))
        .outerjoin(_CLINICS, _CLINICS.c.id == VISITS.c.clinic_id)
        .outerjoin(_APPOINTMENTS, _APPOINTMENTS.c.id == VISITS.c.appointment_id)
        .outerjoin(_PAYMENTS, (_PAYMENTS.c.visit_id == VISITS.c.id) & _PAYMENTS.c.void.is_(False))
        .where(wanted.kind.condition())
    )
    shown = rows.where(VISITS.c.status.in_([S.SCHEDULED, *ACTIVE])).order_by(*_IN_COLUMNS)
    ended = rows.where(VISITS.c.status == S.COMPLETED).order_by(VISITS.c.end_time.desc(), VISITS.c.id.desc())
    ended = ended if wanted.whole else ended.limit(NEWEST_COMPLETED)
    columns_of: dict[Phase, list[PhaseItem]] = {phase: [] for phase in Phase}
    for query in (shown, ended):
        for row in await session.execute(query, wanted.values):
            item = _phase_item(row)
            columns_of[item.queue_phase].append(item)
    return Phases.model_validate({phase.value: tuple(items) for phase, items in columns_of.items()})


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
    case((VISITS.c.status == S.CALLED, VISITS.c.called_time)),
    case((VISITS.c.status == S.IN_PROGRESS, VISITS.c.start_time)),
    *LINE,
)

_IN_COLUMNS = (
    # The expected by their booked time; of those who wait the called come first.
    case((VISITS.c.status == S.SCHEDULED, 0), (VISITS.c.status == S.CALLED, 1), else_=2),
    case((VISITS.c.status == S.SCHEDULED, VISITS.c.planned_time)),
    *IN_ORDER,
)
