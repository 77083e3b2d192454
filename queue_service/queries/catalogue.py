"""What is known here of clinics, doctors, services and patients."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.columns import table_of
from chassis.errors import NotFound
from chassis.replicas import find
from chassis.statement import Statement
from contracts.shapes import PatientCard
from queue_service.rules import day_of
from queue_service.tables import KnownAppointment, KnownClinic, KnownDoctor, KnownPatient

_CLINIC, _DOCTOR, _APPOINTMENT = (
    table_of(KnownClinic).c,
    table_of(KnownDoctor).c,
    table_of(KnownAppointment).c,
)
_ZONES = Statement(lambda _: select(_CLINIC.id, _CLINIC.time_zone))
_USER_OF = Statement(lambda _: select(_DOCTOR.user_id).where(_DOCTOR.id == bindparam("doctor_id")))
_PLACE = Statement(
    lambda _: select(_CLINIC.time_zone, _CLINIC.room_number).where(_CLINIC.id == bindparam("clinic_id"))
)


async def clinics(session: AsyncSession) -> Sequence[KnownClinic]:
    """Every clinic."""
    return (await session.execute(select(KnownClinic))).scalars().all()


async def time_zones(session: AsyncSession) -> dict[int, str]:
    """Every clinic's time zone."""
    return {clinic_id: zone for clinic_id, zone in await _ZONES.rows(session, {})}


async def doctors_of(session: AsyncSession, clinic_id: int) -> Sequence[int]:
    """The ids of a clinic's doctors."""
    found = await session.execute(select(_DOCTOR.id).where(_DOCTOR.clinic_id == clinic_id))
    return found.scalars().all()


async def patient(session: AsyncSession, patient_id: int) -> PatientCard:
    """The patient's card; raises `NotFound` when it is not known here."""
    card = await find(session, KnownPatient, patient_id, PatientCard)
    if card is None:
        raise NotFound("There is no such patient; search for the patient, or register them first")
    return card


async def time_zone(session: AsyncSession, clinic_id: int) -> str:
    """The clinic's time zone; UTC while the clinic is not known yet."""
    zone, _ = await place(session, clinic_id)
    return zone


async def place(session: AsyncSession, clinic_id: int) -> tuple[str, str | None]:
    """The clinic's time zone, and where its called patients go, as far as the clinic is known."""
    for zone, room in await _PLACE.rows(session, {"clinic_id": clinic_id}):
        return zone or "UTC", room
    return "UTC", None


async def today(session: AsyncSession, clinic_id: int, now: datetime) -> date:
    """The clinic's own day."""
    return day_of(now, await time_zone(session, clinic_id))


async def doctor_user_id(session: AsyncSession, doctor_id: int) -> int | None:
    """The doctor's user id, if it is known."""
    user_id: int | None = await _USER_OF.value(session, {"doctor_id": doctor_id})
    return user_id


async def appointment_status(session: AsyncSession, appointment_id: int) -> str | None:
    """The status of an appointment as it was last heard of."""
    found = await session.execute(select(_APPOINTMENT.status).where(_APPOINTMENT.id == appointment_id))
    return found.scalar_one_or_none()


async def doctor_named(session: AsyncSession, either_id: int) -> KnownDoctor | None:
    """The doctor of this user id, else of this id (http.md: clients in the field send the user id)."""
    found = await session.execute(
        select(KnownDoctor).where((_DOCTOR.user_id == either_id) | (_DOCTOR.id == either_id))
    )
    doctors = sorted(found.scalars(), key=lambda doctor: doctor.user_id != either_id)
    return doctors[0] if doctors else None
