"""Reads of a doctor's day."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from appointment_service import events, rules
from appointment_service.queries.bookings import taken_slots
from appointment_service.shapes import Slot, Slots
from appointment_service.tables import Clinic, Doctor


async def slots_of(session: AsyncSession, clinic: Clinic, doctor: Doctor, day: date, now: datetime) -> Slots:
    """The doctor's slots on this day; none on a day off."""
    zone = ZoneInfo(clinic.time_zone)
    closed = None
    if not (clinic.is_active and doctor.is_active):
        closed = "no longer bookable"
    elif day < rules.day_of(now, zone):
        closed = "past"
    hours = rules.shift(doctor.working_days, doctor.day_start, doctor.day_end, day, zone)
    slots = []
    if hours is not None:
        taken = await taken_slots(session, doctor.id, hours)
        for start in hours.grid():
            free = rules.can_be_had(start, rules.SLOT_MINUTES, hours, taken)
            reason = closed or (None if free else "booked")
            slots.append(
                Slot(
                    start_time=f"{start.astimezone(zone):%H:%M}",
                    end_time=f"{(start + rules.SLOT).astimezone(zone):%H:%M}",
                    available=reason is None,
                    reason=reason,
                )
            )
    available = tuple(slot for slot in slots if slot.available)
    return Slots(
        slots=available,
        available_slots=available,
        all_slots=tuple(slots),
        doctor=events.doctor(doctor),
        date=day,
    )
