"""Visits and appointments as lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from chassis.pages import Page
from contracts.shapes import Appointment, AppointmentStatus, VisitStatus
from queue_service.queries.visits import line
from queue_service.tables import KnownAppointment, StoredVisit, Visit


@dataclass(frozen=True)
class Filter:
    """Which visits a list is to hold; None asks for nothing, `clinics` None allows all of them."""

    clinics: frozenset[int] | None
    clinic_id: int | None = None
    doctor_id: int | None = None
    patient_id: int | None = None
    status: VisitStatus | None = None
    first_day: date | None = None
    last_day: date | None = None


async def visits(session: AsyncSession, wanted: Filter, page: Page) -> tuple[Sequence[Visit], int]:
    """A page of visits, newest first, and how many there are."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.clinics is not None:
        conditions.append(col(StoredVisit.clinic_id).in_(sorted(wanted.clinics)))
    if wanted.clinic_id is not None:
        conditions.append(col(StoredVisit.clinic_id) == wanted.clinic_id)
    if wanted.doctor_id is not None:
        conditions.append(col(StoredVisit.doctor_id) == wanted.doctor_id)
    if wanted.patient_id is not None:
        conditions.append(col(StoredVisit.patient_id) == wanted.patient_id)
    if wanted.status is not None:
        conditions.append(col(StoredVisit.status) == wanted.status)
    if wanted.first_day is not None:
        conditions.append(col(StoredVisit.day) >= wanted.first_day)
    if wanted.last_day is not None:
        conditions.append(col(StoredVisit.day) <= wanted.last_day)
    total = await session.execute(select(func.count()).select_from(StoredVisit).where(*conditions))
    found = await session.execute(
        select(StoredVisit)
        .where(*conditions)
        .order_by(col(StoredVisit.day).desc(), col(StoredVisit.created_at).desc(), col(StoredVisit.id).desc())
        .offset(page.offset)
        .limit(page.per_page)
    )
    return found.scalars().all(), total.scalar_one()


async def places(session: AsyncSession, rows: Sequence[Visit]) -> dict[int, int]:
    """Where those of these visits that wait stand in their clinics' lines now, by id."""
    lines = {(row.clinic_id, row.day) for row in rows if row.status == VisitStatus.WAITING}
    found: dict[int, int] = {}
    for clinic_id, day in sorted(lines):
        waiting = await line(session, clinic_id, day)
        found |= {visit_id: place for place, (visit_id, _) in enumerate(waiting, start=1)}
    return found


async def appointments(
    session: AsyncSession,
    clinics: frozenset[int] | None,
    doctor_id: int | None,
    since: datetime,
    until: datetime,
    statuses: Sequence[AppointmentStatus],
) -> tuple[Appointment, ...]:
    """Appointments that begin in this time, in their order."""
    start = col(KnownAppointment.start_time)
    conditions = [start >= since, start < until, col(KnownAppointment.status).in_(statuses)]
    if clinics is not None:
        conditions.append(col(KnownAppointment.clinic_id).in_(sorted(clinics)))
    if doctor_id is not None:
        conditions.append(col(KnownAppointment.doctor_id) == doctor_id)
    found = await session.execute(
        select(col(KnownAppointment.shape)).where(*conditions).order_by(start, col(KnownAppointment.id))
    )
    return tuple(Appointment.model_validate_json(shape, extra="ignore") for shape in found.scalars())


async def appointments_of_patient(
    session: AsyncSession, patient_id: int, doctor_id: int, before: datetime
) -> tuple[Appointment, ...]:
    """A patient's earlier appointments with this doctor, newest first."""
    found = await session.execute(
        select(col(KnownAppointment.shape))
        .where(
            col(KnownAppointment.patient_id) == patient_id,
            col(KnownAppointment.doctor_id) == doctor_id,
            col(KnownAppointment.start_time) < before,
        )
        .order_by(col(KnownAppointment.start_time).desc())
        .limit(50)
    )
    return tuple(Appointment.model_validate_json(shape, extra="ignore") for shape in found.scalars())
