"""Counts of appointments."""

from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from appointment_service import rules
from appointment_service.queries.bookings import Wanted, between, conditions_of
from appointment_service.shapes.appointments import AppointmentStatistics
from appointment_service.tables import Appointment, Clinic, Doctor
from contracts.shapes import AppointmentStatus, BookingSource

RECENT = timedelta(days=30)
"""How long a booking counts as recent, as a registration does with patients."""


async def statistics(session: AsyncSession, wanted: Wanted, now: datetime) -> AppointmentStatistics:
    """How many of the appointments wanted there are, in each of several ways."""
    by_status: Counter[AppointmentStatus] = Counter()
    by_source: Counter[BookingSource] = Counter()
    by_clinic: Counter[str] = Counter()
    by_doctor: Counter[str] = Counter()
    row = Appointment
    counted = await session.execute(
        select(col(row.status), col(row.booking_source), col(Clinic.name), col(Doctor.name), func.count())
        .join(Clinic, col(Clinic.id) == col(row.clinic_id))
        .join(Doctor, col(Doctor.id) == col(row.doctor_id))
        .where(*await conditions_of(session, wanted))
        .group_by(col(row.status), col(row.booking_source), col(Clinic.name), col(Doctor.name))
    )
    for status, source, clinic, doctor, count in counted:
        by_status[AppointmentStatus(status)] += count
        by_source[BookingSource(source)] += count
        by_clinic[clinic] += count
        by_doctor[doctor] += count
    any_day = await conditions_of(session, wanted.any_day())
    return AppointmentStatistics(
        total=by_status.total(),
        by_status={status.value: by_status[status] for status in AppointmentStatus},
        by_clinic=by_clinic,
        by_doctor=by_doctor,
        by_booking_source={source.value: by_source[source] for source in BookingSource},
        recent=await _count(session, *any_day, col(row.created_at) > now - RECENT),
        this_week=await _count(session, *any_day, await between(session, partial(_week, now))),
    )


def _week(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    today = rules.day_of(now, zone)
    return rules.day_bounds(today - timedelta(days=today.weekday()), zone, days=7)


async def _count(session: AsyncSession, *conditions: ColumnElement[bool]) -> int:
    counted = await session.execute(select(func.count()).select_from(Appointment).where(*conditions))
    return counted.scalar_one()
