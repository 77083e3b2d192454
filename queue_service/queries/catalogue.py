"""What is known here of clinics, doctors, services and patients."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from chassis.errors import NotFound
from chassis.replicas import find
from contracts.shapes import PatientCard
from queue_service.rules import day_of
from queue_service.tables import KnownAppointment, KnownClinic, KnownDoctor, KnownPatient

_ZONE = select(col(KnownClinic.time_zone)).where(col(KnownClinic.id) == bindparam("clinic_id"))
_USER_OF = select(col(KnownDoctor.user_id)).where(col(KnownDoctor.id) == bindparam("doctor_id"))
_ROOM = select(col(KnownClinic.room_number)).where(col(KnownClinic.id) == bindparam("clinic_id"))


async def clinics(session: AsyncSession) -> Sequence[KnownClinic]:
    """Every clinic."""
    return (await session.execute(select(KnownClinic))).scalars().all()


async def doctors_of(session: AsyncSession, clinic_id: int) -> Sequence[int]:
    """The ids of a clinic's doctors."""
    found = await session.execute(select(col(KnownDoctor.id)).where(col(KnownDoctor.clinic_id) == clinic_id))
    return found.scalars().all()


async def patient(session: AsyncSession, patient_id: int) -> PatientCard:
    """The patient's card; raises `NotFound` when it is not known here."""
    card = await find(session, KnownPatient, patient_id, PatientCard)
    if card is None:
        raise NotFound("There is no such patient; search for the patient, or register them first")
    return card


async def time_zone(session: AsyncSession, clinic_id: int) -> str:
    """The clinic's time zone; UTC while the clinic is not known yet."""
    found = await session.execute(_ZONE, {"clinic_id": clinic_id})
    return found.scalar_one_or_none() or "UTC"


async def room_number(session: AsyncSession, clinic_id: int) -> str | None:
    """Where the clinic's called patients go, if it is known."""
    found = await session.execute(_ROOM, {"clinic_id": clinic_id})
    return found.scalar_one_or_none()


async def today(session: AsyncSession, clinic_id: int, now: datetime) -> date:
    """The clinic's own day."""
    return day_of(now, await time_zone(session, clinic_id))


async def doctor_user_id(session: AsyncSession, doctor_id: int) -> int | None:
    """The doctor's user id, if it is known."""
    found = await session.execute(_USER_OF, {"doctor_id": doctor_id})
    return found.scalar_one_or_none()


async def appointment_status(session: AsyncSession, appointment_id: int) -> str | None:
    """The status of an appointment as it was last heard of."""
    found = await session.execute(
        select(col(KnownAppointment.status)).where(col(KnownAppointment.id) == appointment_id)
    )
    return found.scalar_one_or_none()


async def doctor_named(session: AsyncSession, either_id: int) -> KnownDoctor | None:
    """The doctor of this user id, else of this id (http.md: clients in the field send the user id)."""
    found = await session.execute(
        select(KnownDoctor).where(
            (col(KnownDoctor.user_id) == either_id) | (col(KnownDoctor.id) == either_id)
        )
    )
    doctors = sorted(found.scalars(), key=lambda doctor: doctor.user_id != either_id)
    return doctors[0] if doctors else None
