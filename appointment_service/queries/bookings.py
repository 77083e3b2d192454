"""Reads of appointments, each with what it concerns."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from appointment_service import rules
from appointment_service.shapes.basics import Day
from appointment_service.tables import (
    Appointment,
    Booking,
    Clinic,
    Doctor,
    KnownPatient,
    KnownPayment,
    KnownVisit,
    OfferedService,
    Slot,
)
from chassis.errors import NotFound
from chassis.pages import Page
from chassis.replicas import Replica
from contracts.identity import Identity, Role
from contracts.shapes import AppointmentStatus, PatientCard, Payment, Visit

ShapeT = TypeVar("ShapeT", bound=BaseModel)
RowT = TypeVar("RowT", Clinic, Doctor, OfferedService)


@dataclass(frozen=True)
class Wanted:
    """Which appointments a list is to hold; None asks for nothing. A doctor's hold only own ones."""

    caller: Identity
    clinic_id: int | None = None
    doctor_id: int | None = None
    patient_id: int | None = None
    date: Day | None = None
    status: AppointmentStatus | None = None

    def any_day(self) -> "Wanted":
        """The same on whatever day."""
        return replace(self, date=None)


async def appointment(session: AsyncSession, appointment_id: int) -> Appointment:
    """The appointment's row as the database has it now; raises `NotFound`."""
    found = await session.get(Appointment, appointment_id, populate_existing=True)
    if found is None:
        raise NotFound("There is no such appointment; look it up in the list of appointments")
    return found


async def of_visit(session: AsyncSession, visit_id: int) -> Appointment:
    """The appointment that planned this visit; raises `NotFound`."""
    found = await session.execute(select(Appointment).where(col(Appointment.visit_id) == visit_id))
    row = found.scalar_one_or_none()
    if row is None:
        raise NotFound("No appointment planned this visit")
    return row


async def booking(session: AsyncSession, row: Appointment) -> Booking:
    """The appointment with what it concerns."""
    return (await bookings(session, [row]))[0]


async def bookings(session: AsyncSession, rows: Sequence[Appointment]) -> list[Booking]:
    """These appointments with what they concern: one read a kind of thing, however many they are."""
    visit_ids = {row.visit_id for row in rows}
    clinics = await _rows(session, Clinic, {row.clinic_id for row in rows})
    doctors = await _rows(session, Doctor, {row.doctor_id for row in rows})
    services = await _rows(session, OfferedService, {row.service_id for row in rows})
    patients = await _shapes(session, KnownPatient, {row.patient_id for row in rows}, PatientCard)
    visits = await _shapes(session, KnownVisit, visit_ids, Visit)
    payments = await _payments(session, visit_ids)
    return [
        Booking(
            row=row,
            clinic=clinics.get(row.clinic_id),
            doctor=doctors.get(row.doctor_id),
            service=services.get(row.service_id),
            patient=patients.get(row.patient_id),
            known_visit=visits.get(row.visit_id),
            payment=payments.get(row.visit_id),
        )
        for row in rows
    ]


async def page_of(session: AsyncSession, wanted: Wanted, page: Page) -> tuple[Sequence[Appointment], int]:
    """A page of the appointments wanted and how many there are: a day's in its order, else newest first."""
    conditions = await conditions_of(session, wanted)
    counted = await session.execute(select(func.count()).select_from(Appointment).where(*conditions))
    start = col(Appointment.start_time)
    listed = await session.execute(
        select(Appointment)
        .where(*conditions)
        .order_by(start if wanted.date else start.desc(), col(Appointment.id))
        .offset(page.offset)
        .limit(page.per_page)
    )
    return listed.scalars().all(), counted.scalar_one()


async def conditions_of(session: AsyncSession, wanted: Wanted) -> list[ColumnElement[bool]]:
    """What is asked for, within what the caller may see."""
    conditions: list[ColumnElement[bool]] = []
    caller = wanted.caller
    if caller.clinics != "*":
        conditions.append(col(Appointment.clinic_id).in_(caller.clinics))
    if caller.role is Role.DOCTOR:
        conditions.append(col(Appointment.doctor_id) == caller.doctor_id)
    if wanted.clinic_id is not None:
        conditions.append(col(Appointment.clinic_id) == wanted.clinic_id)
    if wanted.doctor_id is not None:
        conditions.append(col(Appointment.doctor_id) == wanted.doctor_id)
    if wanted.patient_id is not None:
        conditions.append(col(Appointment.patient_id) == wanted.patient_id)
    if wanted.status is not None:
        conditions.append(col(Appointment.status) == wanted.status)
    if wanted.date is not None:
        conditions.append(await between(session, partial(rules.day_bounds, wanted.date)))
    return conditions


async def between(
    session: AsyncSession, bounds: Callable[[ZoneInfo], tuple[datetime, datetime]]
) -> ColumnElement[bool]:
    """Appointments that begin within these bounds, which depend on each clinic's time zone."""
    zones = (await session.execute(select(col(Clinic.time_zone)).distinct())).scalars().all()
    conditions: list[ColumnElement[bool]] = [false()]
    for zone in zones:
        start, end = bounds(ZoneInfo(zone))
        there = select(col(Clinic.id)).where(col(Clinic.time_zone) == zone)
        begin = col(Appointment.start_time)
        conditions.append(and_(col(Appointment.clinic_id).in_(there), begin >= start, begin < end))
    return or_(*conditions)


async def taken_slots(
    session: AsyncSession, doctor_id: int, hours: rules.Shift, besides: int | None = None
) -> frozenset[datetime]:
    """When the doctor's slots begin that are taken in these hours, `besides` those of one appointment."""
    wanted = select(col(Slot.start)).where(
        col(Slot.doctor_id) == doctor_id,
        # One that began before may reach into the hours.
        col(Slot.start) > hours.start - rules.SLOT,
        col(Slot.start) < hours.end,
    )
    if besides is not None:
        wanted = wanted.where(col(Slot.appointment_id) != besides)
    return frozenset((await session.execute(wanted)).scalars())


async def is_booked_after(session: AsyncSession, doctor_id: int, now: datetime) -> bool:
    """Whether the doctor has appointments still to come."""
    found = await session.execute(
        select(col(Appointment.id))
        .where(
            col(Appointment.doctor_id) == doctor_id,
            col(Appointment.start_time) > now,
            col(Appointment.status) == AppointmentStatus.CONFIRMED,
        )
        .limit(1)
    )
    return found.first() is not None


async def _rows(session: AsyncSession, kind: type[RowT], ids: Collection[int]) -> dict[int, RowT]:
    found = await session.execute(select(kind).where(col(kind.id).in_(ids)))
    return {row.id: row for row in found.scalars()}


async def _shapes(
    session: AsyncSession, kind: type[Replica], ids: Collection[int], shape: type[ShapeT]
) -> dict[int, ShapeT]:
    found = await session.execute(select(col(kind.id), col(kind.shape)).where(col(kind.id).in_(ids)))
    return {id: shape.model_validate_json(kept) for id, kept in found}


async def _payments(session: AsyncSession, visit_ids: Collection[int]) -> dict[int, Payment]:
    found = await session.execute(
        select(col(KnownPayment.visit_id), col(KnownPayment.shape)).where(
            col(KnownPayment.visit_id).in_(visit_ids), col(KnownPayment.void).is_(False)
        )
    )
    return {visit_id: Payment.model_validate_json(kept) for visit_id, kept in found}
