"""Counts and times of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import mean, quantiles

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from contracts.shapes import AppointmentStatus, PaymentStatus, VisitStatus
from queue_service.rules import GONE
from queue_service.shapes import (
    AppointmentCounts,
    PaymentCounts,
    QueueStatistics,
    VisitCounts,
)
from queue_service.tables import KnownAppointment, KnownPayment, StoredVisit, Visit

S = VisitStatus


@dataclass(frozen=True)
class Scope:
    """Whose day is counted: these clinics' (None: all), and a doctor's alone where one is named."""

    clinics: frozenset[int] | None
    doctor_id: int | None
    day: date
    day_starts: datetime
    day_ends: datetime


def _of(
    scope: Scope, table: type[StoredVisit] | type[KnownAppointment] | type[KnownPayment]
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if scope.clinics is not None:
        conditions.append(col(table.clinic_id).in_(sorted(scope.clinics)))
    if scope.doctor_id is not None:
        conditions.append(col(table.doctor_id) == scope.doctor_id)
    return conditions


async def statistics(session: AsyncSession, clinic_id: int, day: date) -> QueueStatistics:
    """A clinic's day in numbers; waits run from check-in to the last call, or start without one."""
    rows = await session.execute(
        select(
            col(StoredVisit.status),
            col(StoredVisit.appointment_id),
            col(StoredVisit.check_in_time),
            func.coalesce(col(StoredVisit.called_time), col(StoredVisit.start_time)),
            col(StoredVisit.start_time),
            col(StoredVisit.end_time),
        ).where(col(StoredVisit.clinic_id) == clinic_id, col(StoredVisit.day) == day)
    )
    counts = dict.fromkeys(S, 0)
    booked, waits, consultations = 0, [], []
    for status, appointment_id, came, called, started, ended in rows:
        counts[S(status)] += 1
        booked += appointment_id is not None
        if came and called:
            waits.append(_minutes(called, came))
        if started and ended:
            consultations.append(_minutes(ended, started))
    return QueueStatistics(
        date=day,
        total_appointments=booked,
        waiting_count=counts[S.WAITING],
        called_count=counts[S.CALLED],
        in_progress_count=counts[S.IN_PROGRESS],
        completed_count=counts[S.COMPLETED],
        avg_wait_time_minutes=_mean(waits),
        avg_consultation_time_minutes=_mean(consultations),
        wait_p50_minutes=_percentile(waits, 50),
        wait_p90_minutes=_percentile(waits, 90),
    )


async def appointment_counts(session: AsyncSession, scope: Scope) -> AppointmentCounts:
    """The day's appointments."""
    start = col(KnownAppointment.start_time)
    rows = await session.execute(
        select(col(KnownAppointment.status), func.count())
        .where(start >= scope.day_starts, start < scope.day_ends, *_of(scope, KnownAppointment))
        .group_by(col(KnownAppointment.status))
    )
    counts = {status: count for status, count in rows}
    return AppointmentCounts(
        total=sum(counts.values()),
        confirmed=counts.get(AppointmentStatus.CONFIRMED, 0),
        checked_in=counts.get(AppointmentStatus.CHECKED_IN, 0),
        completed=counts.get(AppointmentStatus.COMPLETED, 0),
    )


async def visit_counts(session: AsyncSession, scope: Scope) -> VisitCounts:
    """The day's visits."""
    of_day = [col(StoredVisit.day) == scope.day, *_of(scope, StoredVisit)]
    rows = await session.execute(
        select(col(StoredVisit.status), func.count()).where(*of_day).group_by(col(StoredVisit.status))
    )
    counts = {S(status): count for status, count in rows}
    unpaid = await session.execute(
        select(func.count())
        .select_from(StoredVisit)
        .outerjoin(KnownPayment, col(KnownPayment.visit_id) == col(StoredVisit.id))
        .where(
            *of_day,
            col(StoredVisit.status) == S.COMPLETED,
            func.coalesce(col(KnownPayment.status), PaymentStatus.PENDING.value).in_(
                [PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID]
            ),
        )
    )
    return VisitCounts(
        total=sum(count for status, count in counts.items() if status not in GONE),
        waiting=counts.get(S.WAITING, 0),
        called=counts.get(S.CALLED, 0),
        in_progress=counts.get(S.IN_PROGRESS, 0),
        pending_payment=unpaid.scalar_one(),
        completed=counts.get(S.COMPLETED, 0),
    )


async def payment_counts(session: AsyncSession, scope: Scope) -> PaymentCounts:
    """The payments of the day's visits; what was refunded is no revenue."""
    rows = await session.execute(
        select(col(KnownPayment.status), func.count(), func.sum(col(KnownPayment.paid)))
        .join(StoredVisit, col(StoredVisit.id) == col(KnownPayment.visit_id))
        .where(col(StoredVisit.day) == scope.day, col(KnownPayment.void).is_(False), *_of(scope, StoredVisit))
        .group_by(col(KnownPayment.status))
    )
    counts = {status: (count, paid) for status, count, paid in rows}
    revenue = sum(int(paid) for status, (_, paid) in counts.items() if status != PaymentStatus.REFUNDED)
    return PaymentCounts(
        total=sum(count for count, _ in counts.values()),
        paid=counts.get(PaymentStatus.PAID, (0, 0))[0],
        revenue=Decimal(revenue) / 100,
    )


async def long_waiting(session: AsyncSession, scope: Scope, now: datetime) -> Sequence[Visit]:
    """Who has waited for more than half an hour, longest first."""
    rows = await session.execute(
        select(StoredVisit)
        .where(
            col(StoredVisit.day) == scope.day,
            col(StoredVisit.status) == S.WAITING,
            col(StoredVisit.check_in_time) < now - LONG_WAIT,
            *_of(scope, StoredVisit),
        )
        .order_by(col(StoredVisit.check_in_time))
        .limit(20)
    )
    return rows.scalars().all()


LONG_WAIT = timedelta(minutes=30)
"""After which a wait is somebody's concern."""


def _minutes(later: datetime, earlier: datetime) -> float:
    return max((later - earlier).total_seconds() / 60, 0.0)


def _mean(minutes: Sequence[float]) -> float:
    return round(mean(minutes), 1) if minutes else 0.0


def _percentile(minutes: Sequence[float], percent: int) -> float | None:
    if not minutes:
        return None
    if len(minutes) == 1:
        return round(minutes[0], 1)
    return round(quantiles(minutes, n=100, method="inclusive")[percent - 1], 1)
