"""Reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from sqlalchemy import ColumnElement, func, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from chassis.errors import NotFound
from chassis.pages import Page
from contracts.identity import Identity
from contracts.shapes import Appointment, Gender, Visit
from patient_service import rules
from patient_service.shapes import GenderCount, PatientStatistics
from patient_service.tables import KnownAppointment, KnownVisit, Patient

ThingT = TypeVar("ThingT", Appointment, Visit)

RECENT = 10
"""How many appointments and visits are shown with a patient."""

MATCHES = 10
"""How many patients a search answers (http.md)."""


@dataclass(frozen=True)
class Wanted:
    """Which patients a list is to hold; None asks for nothing."""

    name: str | None = None
    phone: str | None = None
    gender: Gender | None = None


async def patient(session: AsyncSession, patient_id: int) -> Patient:
    """The patient; raises `NotFound` when there is none, or no longer."""
    found = await session.get(Patient, patient_id)
    if found is None or found.deleted_at is not None:
        raise NotFound("There is no such patient; search for the patient, or register them first")
    return found


async def page_of(session: AsyncSession, wanted: Wanted, page: Page) -> tuple[Sequence[Patient], int]:
    """A page of the patients wanted, by name, and how many there are in all."""
    conditions: list[ColumnElement[bool]] = [col(Patient.deleted_at).is_(None)]
    if wanted.name:
        conditions.append(func.lower(col(Patient.name)).contains(wanted.name.lower(), autoescape=True))
    if wanted.phone:
        conditions.append(col(Patient.phone).contains(wanted.phone, autoescape=True))
    if wanted.gender:
        conditions.append(col(Patient.gender) == wanted.gender)
    total = (await session.execute(select(func.count()).select_from(Patient).where(*conditions))).scalar_one()
    listed = await session.execute(
        select(Patient)
        .where(*conditions)
        .order_by(col(Patient.name), col(Patient.id))
        .offset(page.offset)
        .limit(page.per_page)
    )
    return listed.scalars().all(), total


async def matching(session: AsyncSession, words: str) -> Sequence[Patient]:
    """Patients whose name or phone has these letters, at most `MATCHES`."""
    found = await session.execute(
        select(Patient)
        .where(
            col(Patient.deleted_at).is_(None),
            func.lower(col(Patient.name)).contains(words.lower(), autoescape=True)
            | col(Patient.phone).contains(words, autoescape=True),
        )
        .order_by(col(Patient.name), col(Patient.id))
        .limit(MATCHES)
    )
    return found.scalars().all()


async def all_patients(session: AsyncSession) -> Sequence[Patient]:
    """Every patient, by name."""
    found = await session.execute(
        select(Patient).where(col(Patient.deleted_at).is_(None)).order_by(col(Patient.name), col(Patient.id))
    )
    return found.scalars().all()


async def phone_holder(session: AsyncSession, phone: str) -> int | None:
    """The id of the patient who has this phone."""
    found = await session.execute(
        select(col(Patient.id)).where(col(Patient.phone) == phone, col(Patient.deleted_at).is_(None))
    )
    return found.scalar_one_or_none()


async def statistics(session: AsyncSession, now: datetime) -> PatientStatistics:
    """How many patients there are."""
    alive = col(Patient.deleted_at).is_(None)
    counted = await session.execute(
        select(col(Patient.gender), func.count()).where(alive).group_by(col(Patient.gender))
    )
    by_gender = {gender: count for gender, count in counted}
    recent = await session.execute(
        select(func.count())
        .select_from(Patient)
        .where(alive, col(Patient.created_at) > now - timedelta(days=30))
    )
    return PatientStatistics(
        total=sum(by_gender.values()),
        by_gender=GenderCount(male=by_gender.get(Gender.MALE, 0), female=by_gender.get(Gender.FEMALE, 0)),
        recent=recent.scalar_one(),
    )


async def treated_by(session: AsyncSession, doctor_id: int, among: Sequence[int]) -> frozenset[int]:
    """Which of these patients have, or had, an appointment or a visit with this doctor."""
    seen = union(
        select(col(KnownAppointment.patient_id)).where(
            col(KnownAppointment.doctor_id) == doctor_id, col(KnownAppointment.patient_id).in_(among)
        ),
        select(col(KnownVisit.patient_id)).where(
            col(KnownVisit.doctor_id) == doctor_id, col(KnownVisit.patient_id).in_(among)
        ),
    )
    return frozenset((await session.execute(seen)).scalars())


async def past(
    session: AsyncSession, patient_id: int, reader: Identity
) -> tuple[tuple[Appointment, ...], tuple[Visit, ...]]:
    """A patient's newest appointments and visits that concern the reader, newest first."""
    appointments = await session.execute(
        select(col(KnownAppointment.shape))
        .where(col(KnownAppointment.patient_id) == patient_id)
        .order_by(col(KnownAppointment.start_time).desc())
    )
    visits = await session.execute(
        select(col(KnownVisit.shape))
        .where(col(KnownVisit.patient_id) == patient_id)
        .order_by(col(KnownVisit.created_at).desc())
    )
    return (
        _newest_seen((Appointment.model_validate_json(shape) for shape in appointments.scalars()), reader),
        _newest_seen((Visit.model_validate_json(shape) for shape in visits.scalars()), reader),
    )


def _newest_seen(things: Iterable[ThingT], reader: Identity) -> tuple[ThingT, ...]:
    # Whose they are is in their shapes only, and a patient has few enough of them.
    seen = (thing for thing in things if rules.may_see(reader, thing.clinic_id, thing.doctor_id))
    return tuple(islice(seen, RECENT))


async def is_expected(session: AsyncSession, patient_id: int) -> bool:
    """Whether the patient has a visit going on or an appointment to come."""
    waiting = await session.execute(
        select(col(KnownVisit.id))
        .where(col(KnownVisit.patient_id) == patient_id, col(KnownVisit.status).in_(rules.ACTIVE_VISITS))
        .limit(1)
    )
    booked = await session.execute(
        select(col(KnownAppointment.id))
        .where(col(KnownAppointment.patient_id) == patient_id, col(KnownAppointment.status) == rules.BOOKED)
        .limit(1)
    )
    return waiting.first() is not None or booked.first() is not None
