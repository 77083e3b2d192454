"""Reads of clinics, doctors and services."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from appointment_service.tables import Clinic, Doctor, OfferedService
from chassis.errors import NotFound
from contracts.identity import Identity

RowT = TypeVar("RowT", Clinic, Doctor, OfferedService)


async def clinic(session: AsyncSession, clinic_id: int) -> Clinic:
    """The clinic, open or closed; raises `NotFound`."""
    return _found(await session.get(Clinic, clinic_id, populate_existing=True), "clinic")


async def doctor(session: AsyncSession, doctor_id: int) -> Doctor:
    """The doctor, at work or gone; raises `NotFound`."""
    return _found(await session.get(Doctor, doctor_id, populate_existing=True), "doctor")


async def service(session: AsyncSession, service_id: int) -> OfferedService:
    """The service, offered or no longer; raises `NotFound`."""
    return _found(await session.get(OfferedService, service_id, populate_existing=True), "service")


async def clinics(session: AsyncSession, caller: Identity, active: bool) -> Sequence[Clinic]:
    """The caller's clinics, by name."""
    wanted = select(Clinic).where(col(Clinic.is_active) == active)
    if caller.clinics != "*":
        wanted = wanted.where(col(Clinic.id).in_(caller.clinics))
    return (await session.execute(wanted.order_by(col(Clinic.name), col(Clinic.id)))).scalars().all()


async def doctors(
    session: AsyncSession, caller: Identity, clinic_id: int | None, active: bool
) -> Sequence[Doctor]:
    """The doctors of one clinic, or of all the caller's, by name."""
    wanted = select(Doctor).where(col(Doctor.is_active) == active, *_of_clinics(Doctor, caller, clinic_id))
    return (await session.execute(wanted.order_by(col(Doctor.name), col(Doctor.id)))).scalars().all()


async def services(
    session: AsyncSession, caller: Identity, clinic_id: int | None, active: bool
) -> Sequence[OfferedService]:
    """The services of one clinic, or of all the caller's, by name."""
    wanted = select(OfferedService).where(
        col(OfferedService.is_active) == active, *_of_clinics(OfferedService, caller, clinic_id)
    )
    ordered = wanted.order_by(col(OfferedService.name), col(OfferedService.id))
    return (await session.execute(ordered)).scalars().all()


async def doctor_of_user(session: AsyncSession, user_id: int) -> Doctor | None:
    """The doctor who signs in as this user."""
    found = await session.execute(select(Doctor).where(col(Doctor.user_id) == user_id))
    return found.scalar_one_or_none()


async def is_empty(session: AsyncSession) -> bool:
    """Whether there is no clinic yet."""
    return (await session.execute(select(col(Clinic.id)).limit(1))).first() is None


def _found(row: RowT | None, what: str) -> RowT:
    if row is None:
        raise NotFound(f"There is no such {what}; look it up in the list of {what}s")
    return row


def _of_clinics(
    kind: type[Doctor] | type[OfferedService], caller: Identity, clinic_id: int | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if clinic_id is not None:
        conditions.append(col(kind.clinic_id) == clinic_id)
    if caller.clinics != "*":
        conditions.append(col(kind.clinic_id).in_(caller.clinics))
    return conditions
