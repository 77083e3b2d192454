"""Which time an appointment gets: asked of the rules, held by the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from appointment_service import rules
from appointment_service.queries import bookings, catalogue
from appointment_service.shapes.appointments import AppointmentChanges
from appointment_service.tables import Appointment, Clinic, Doctor, OfferedService, Slot
from chassis.errors import BadInput, Conflict
from chassis.transaction import Transaction


@dataclass(frozen=True)
class Time:
    """A time that can be had: with whom, where, for what, from when to when."""

    clinic: Clinic
    doctor: Doctor
    service: OfferedService
    start: datetime
    end: datetime


Place = tuple[int, int, int, datetime]
"""Clinic, doctor, service and start: what moving an appointment changes."""


def place_of(row: Appointment) -> Place:
    """Where the appointment is now."""
    return row.clinic_id, row.doctor_id, row.service_id, row.start_time


async def wanted(session: AsyncSession, row: Appointment, given: AppointmentChanges) -> Place:
    """Where the appointment is to be; what is left out stays. Raises `NotFound` for an unknown clinic."""
    clinic_id = given.clinic_id or row.clinic_id
    start = row.start_time
    if given.start_time is not None:
        clinic = await catalogue.clinic(session, clinic_id)
        start = rules.moment(given.start_time, ZoneInfo(clinic.time_zone))
    return clinic_id, given.doctor_id or row.doctor_id, given.service_id or row.service_id, start


async def find(
    change: Transaction,
    clinic_id: int,
    doctor_id: int,
    service_id: int,
    wanted: datetime,
    besides: int | None = None,
) -> Time:
    """The time wanted, as far as it can be had; `besides` is the appointment that would leave another.

    Raises `NotFound` for an unknown clinic, doctor or service, `BadInput` for one of another clinic, and
    `Conflict`, which names free times, when this one can't be had.
    """
    clinic = await catalogue.clinic(change.session, clinic_id)
    doctor = await catalogue.doctor(change.session, doctor_id)
    service = await catalogue.service(change.session, service_id)
    _refuse_mismatch(clinic, doctor, service)
    zone = ZoneInfo(clinic.time_zone)
    start = rules.moment(wanted, zone)
    day = rules.day_of(start, zone)
    if day < rules.day_of(change.now, zone):
        raise Conflict(f"{day} is over; choose today or a later day")
    hours = rules.shift(doctor.working_days, doctor.day_start, doctor.day_end, day, zone)
    if hours is None:
        raise Conflict(
            f"{doctor.name} does not work on that day; choose one of: {', '.join(doctor.working_days)}"
        )
    taken = await bookings.taken_slots(change.session, doctor_id, hours, besides)
    if not rules.can_be_had(start, service.duration, hours, taken):
        free = rules.nearest(rules.free_starts(service.duration, hours, taken), start)
        if not free:
            raise Conflict(f"{doctor.name} has no time left on {day}; choose another day")
        times = ", ".join(f"{at.astimezone(zone):%H:%M}" for at in free)
        raise Conflict(f"That time can't be had; the nearest free ones of {day}: {times}")
    return Time(clinic, doctor, service, start, start + timedelta(minutes=service.duration))


async def take(change: Transaction, row: Appointment, time: Time) -> None:
    """Take the slots of this time for the appointment; the database refuses those of another."""
    slots = [
        {"doctor_id": time.doctor.id, "start": slot, "appointment_id": row.id}
        for slot in rules.slots(time.start, time.service.duration)
    ]
    await change.session.execute(insert(Slot), slots)


async def give_back(change: Transaction, row: Appointment) -> None:
    """Let others have the appointment's slots."""
    await change.session.execute(delete(Slot).where(col(Slot.appointment_id) == row.id))


def _refuse_mismatch(clinic: Clinic, doctor: Doctor, service: OfferedService) -> None:
    if doctor.clinic_id != clinic.id:
        raise BadInput("This doctor works in another clinic", detail="doctor_id: choose one of clinic_id")
    if service.clinic_id != clinic.id:
        raise BadInput("Another clinic offers this service", detail="service_id: choose one of clinic_id")
    for row in (clinic, doctor, service):
        if not row.is_active:
            raise Conflict(f"{row.name} is no longer active; choose another one")
