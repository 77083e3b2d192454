"""Reads."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import col

from chassis.audit import deeds
from chassis.columns import table_of
from chassis.errors import NotFound
from chassis.pages import Page
from chassis.replicas import find
from chassis.statement import Statement
from contracts.identity import Identity, Role
from contracts.questions import PaymentDeeds
from contracts.shapes import Clinic, Doctor, PatientCard, PaymentStatus, Service, Visit
from payment_service import rules
from payment_service.shapes import PaymentStatistics, StatusCount, Totals
from payment_service.tables import (
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownService,
    KnownVisit,
    Payment,
    Receipt,
)

ShapeT = TypeVar("ShapeT", bound=BaseModel)

_OF_VISIT = (
    *("id", "clinic_id", "doctor_id", "patient_id", "service_id"),
    *("total", "status", "void"),
)
_BILLED = Statement(
    lambda _: select(*(table_of(Payment).c[name] for name in _OF_VISIT)).where(
        col(Payment.visit_id) == bindparam("visit_id")
    )
)

_NO_PAYMENT = "There is no such payment; look for it by its visit"
_NO_BILL = "There is no payment for this visit"


@dataclass(frozen=True)
class Wanted:
    """Which payments are asked for; None asks for nothing. Days are the clinic's own, both included.

    `start_date` and `end_date` are of when a payment was made; a `day` concerns those of its visits, and
    those for which money changed hands on it.
    """

    patient_id: int | None = None
    visit_id: int | None = None
    clinic_id: int | None = None
    status: PaymentStatus | None = None
    start_date: date | None = None
    end_date: date | None = None
    day: date | None = None


@dataclass(frozen=True)
class Bill:
    """What of a payment follows its visit; `total` in minor units."""

    payment_id: int
    clinic_id: int
    doctor_id: int
    patient_id: int
    service_id: int
    total: int
    status: PaymentStatus
    void: bool


@dataclass(frozen=True)
class Found:
    """A payment with whom and what it concerns."""

    payment: Payment
    visit: Visit
    patient: PatientCard | None
    doctor: Doctor | None
    clinic: Clinic | None
    service: Service | None


@dataclass(frozen=True)
class Named:
    """A payment with the names of whom and what it concerns."""

    payment: Payment
    patient: str | None
    doctor: str | None
    clinic: str | None
    service: str | None


async def locked(session: AsyncSession, payment_id: int) -> Payment:
    """The payment as it is now, nobody else's to change until the commit; raises `NotFound`."""
    row = await session.get(Payment, payment_id, with_for_update=True)
    if row is None:
        raise NotFound(_NO_PAYMENT)
    return row


async def billed(session: AsyncSession, visit_id: int) -> Bill | None:
    """What stands in the visit's payment, if there is one."""
    for row in await _BILLED.rows(session, {"visit_id": visit_id}):
        return Bill(*row)
    return None


async def id_of_visit(session: AsyncSession, visit_id: int) -> int | None:
    """The id of the visit's payment, void or not."""
    found = await session.execute(select(col(Payment.id)).where(col(Payment.visit_id) == visit_id))
    return found.scalar_one_or_none()


async def place(session: AsyncSession, payment_id: int) -> tuple[int, int]:
    """The clinic and the doctor that a payment belongs to; raises `NotFound`."""
    found = await session.execute(
        select(col(Payment.clinic_id), col(Payment.doctor_id)).where(col(Payment.id) == payment_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(_NO_PAYMENT)
    return row[0], row[1]


async def deeds_of(session: AsyncSession, payment_id: int | None, visit_id: int | None) -> PaymentDeeds:
    """What was done to a payment, or to a visit's, void or not; raises `NotFound`."""
    wanted = col(Payment.id) == payment_id if payment_id is not None else col(Payment.visit_id) == visit_id
    found = await session.execute(
        select(col(Payment.id), col(Payment.visit_id), col(Payment.clinic_id)).where(wanted)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(_NO_PAYMENT)
    return PaymentDeeds(visit_id=row[1], clinic_id=row[2], deeds=await deeds(session, f"payment_{row[0]}"))


async def visit(session: AsyncSession, visit_id: int) -> Visit:
    """The visit as it was last heard of; raises `NotFound`."""
    known = await find(session, KnownVisit, visit_id, Visit)
    if known is None:
        raise NotFound("There is no such visit; check the patient in, or add them as a walk-in, first")
    return known


async def unpriced(session: AsyncSession, service_id: int) -> Sequence[Visit]:
    """Visits for this service that wait for its price: without a payment, or with another service's."""
    found = await session.execute(
        select(col(KnownVisit.shape))
        .outerjoin(Payment, col(Payment.visit_id) == col(KnownVisit.id))
        .where(
            col(KnownVisit.service_id) == service_id,
            or_(
                col(Payment.id).is_(None),
                and_(
                    col(Payment.service_id) != service_id, col(Payment.status) == PaymentStatus.PENDING.value
                ),
            ),
        )
        .order_by(col(KnownVisit.id))
    )
    return [Visit.model_validate_json(shape) for shape in found.scalars()]


async def found(session: AsyncSession, payment_id: int) -> Found:
    """The payment with what it concerns; raises `NotFound` also when it is void."""
    return await _one(session, col(Payment.id) == payment_id, _NO_PAYMENT)


async def found_of_visit(session: AsyncSession, visit_id: int) -> Found:
    """The visit's payment with what it concerns; raises `NotFound` also when it is void."""
    return await _one(session, col(Payment.visit_id) == visit_id, _NO_BILL)


async def page_of(
    session: AsyncSession, reader: Identity, wanted: Wanted, page: Page
) -> tuple[Sequence[Found], int]:
    """A page of the payments wanted that this reader sees, newest first, and how many there are in all."""
    conditions = await _conditions(session, reader, wanted)
    total = (await session.execute(select(func.count()).select_from(Payment).where(*conditions))).scalar_one()
    listed = await session.execute(
        _with_visit()
        .where(*conditions)
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
        .offset(page.offset)
        .limit(page.per_page)
    )
    return [_as_found(row) for row in listed], total


async def named(session: AsyncSession, reader: Identity, wanted: Wanted) -> Sequence[Named]:
    """All payments wanted that this reader sees, newest first."""
    listed = await session.execute(
        select(
            Payment,
            col(KnownPatient.name),
            col(KnownDoctor.name),
            col(KnownClinic.name),
            col(KnownService.name),
        )
        .outerjoin(KnownPatient, col(KnownPatient.id) == col(Payment.patient_id))
        .outerjoin(KnownDoctor, col(KnownDoctor.id) == col(Payment.doctor_id))
        .outerjoin(KnownClinic, col(KnownClinic.id) == col(Payment.clinic_id))
        .outerjoin(KnownService, col(KnownService.id) == col(Payment.service_id))
        .where(*await _conditions(session, reader, wanted))
        .order_by(col(Payment.created_at).desc(), col(Payment.id).desc())
    )
    return [Named(*row) for row in listed]


async def statistics(session: AsyncSession, reader: Identity, wanted: Wanted) -> PaymentStatistics:
    """How many payments stand where, and what they come to."""
    taken = case((col(Payment.status).in_([s.value for s in rules.TAKEN]), col(Payment.paid)), else_=0)
    remaining = col(Payment.total) - col(Payment.paid) - col(Payment.discount)
    to_come = case((col(Payment.status).in_([s.value for s in rules.OPEN]), remaining), else_=0)
    counted = await session.execute(
        select(col(Payment.status), func.count(), func.sum(taken), func.sum(to_come))
        .where(*await _conditions(session, reader, wanted))
        .group_by(col(Payment.status))
    )
    count: dict[str, int] = {}
    revenue = pending = 0
    for status, payments, came_in, still_to_come in counted:
        count[status] = payments
        revenue += int(came_in)
        pending += int(still_to_come)
    by_status = StatusCount.model_validate(count)
    return PaymentStatistics(
        total=sum(count.values()),
        by_status=by_status,
        totals=Totals(
            revenue=rules.major(revenue),
            pending_amount=rules.major(pending),
            taken=rules.major(await _taken(session, reader, wanted)),
        ),
        total_revenue=rules.major(revenue),
        pending_count=by_status.pending,
        paid_count=by_status.paid,
    )


async def _taken(session: AsyncSession, reader: Identity, wanted: Wanted) -> int:
    conditions = await _conditions(session, reader, wanted)
    if wanted.day is not None:
        conditions.append(await _on_days(session, col(Receipt.at), wanted.day, wanted.day))
    received = await session.execute(
        select(func.coalesce(func.sum(col(Receipt.amount)), 0))
        .join(Payment, col(Payment.id) == col(Receipt.payment_id))
        .where(*conditions)
    )
    return int(received.scalar_one())


async def _one(session: AsyncSession, condition: ColumnElement[bool], message: str) -> Found:
    listed = await session.execute(_with_visit().where(condition, col(Payment.void).is_(False)))
    row = listed.one_or_none()
    if row is None:
        raise NotFound(message)
    return _as_found(row)


def _with_visit() -> Select[Payment, bytes, bytes, bytes, bytes, bytes]:
    return (
        select(
            Payment,
            col(KnownVisit.shape),
            col(KnownPatient.shape),
            col(KnownDoctor.shape),
            col(KnownClinic.shape),
            col(KnownService.shape),
        )
        # A payment comes to be from its visit, which is never forgotten; the others may not be known yet.
        .join(KnownVisit, col(KnownVisit.id) == col(Payment.visit_id))
        .outerjoin(KnownPatient, col(KnownPatient.id) == col(Payment.patient_id))
        .outerjoin(KnownDoctor, col(KnownDoctor.id) == col(Payment.doctor_id))
        .outerjoin(KnownClinic, col(KnownClinic.id) == col(Payment.clinic_id))
        .outerjoin(KnownService, col(KnownService.id) == col(Payment.service_id))
    )


def _as_found(row: Row[Payment, bytes, bytes, bytes, bytes, bytes]) -> Found:
    payment, visit, patient, doctor, clinic, service = row
    return Found(
        payment,
        Visit.model_validate_json(visit),
        _parsed(PatientCard, patient),
        _parsed(Doctor, doctor),
        _parsed(Clinic, clinic),
        _parsed(Service, service),
    )


def _parsed(shape: type[ShapeT], kept: bytes | None) -> ShapeT | None:
    return None if kept is None else shape.model_validate_json(kept)


async def _conditions(session: AsyncSession, reader: Identity, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [col(Payment.void).is_(False), _seen_by(reader)]
    if wanted.patient_id is not None:
        conditions.append(col(Payment.patient_id) == wanted.patient_id)
    if wanted.visit_id is not None:
        conditions.append(col(Payment.visit_id) == wanted.visit_id)
    if wanted.clinic_id is not None:
        conditions.append(col(Payment.clinic_id) == wanted.clinic_id)
    if wanted.status is not None:
        conditions.append(col(Payment.status) == wanted.status.value)
    if wanted.start_date is not None or wanted.end_date is not None:
        made = col(Payment.created_at)
        conditions.append(await _on_days(session, made, wanted.start_date, wanted.end_date))
    if wanted.day is not None:
        conditions.append(await _concerning(session, wanted.day))
    return conditions


def _seen_by(reader: Identity) -> ColumnElement[bool]:
    if reader.role is Role.DOCTOR:
        return false() if reader.doctor_id is None else col(Payment.doctor_id) == reader.doctor_id
    return true() if reader.clinics == "*" else col(Payment.clinic_id).in_(sorted(reader.clinics))


async def _concerning(session: AsyncSession, day: date) -> ColumnElement[bool]:
    """The payments of a day's visits, and those for which money changed hands on it."""
    # What nobody booked takes place when its payment is made.
    begins = func.coalesce(col(KnownVisit.planned_at), col(Payment.created_at))
    visits = select(col(KnownVisit.id)).where(
        col(KnownVisit.id) == col(Payment.visit_id), await _on_days(session, begins, day, day)
    )
    receipts = select(col(Receipt.id)).where(
        col(Receipt.payment_id) == col(Payment.id), await _on_days(session, col(Receipt.at), day, day)
    )
    # What asks may join the same tables for its own purposes.
    return or_(visits.correlate(Payment).exists(), receipts.correlate(Payment).exists())


async def _on_days(
    session: AsyncSession, moment: SQLCoreOperations[datetime], first: date | None, last: date | None
) -> ColumnElement[bool]:
    # The same date begins and ends at other moments in clinics of other zones.
    zones: defaultdict[str, list[int]] = defaultdict(list)
    known = await session.execute(select(col(KnownClinic.id), col(KnownClinic.time_zone)))
    for clinic_id, zone in known:
        zones[zone].append(clinic_id)
    elsewhere = col(Payment.clinic_id).not_in([clinic for clinics in zones.values() for clinic in clinics])
    return or_(
        and_(elsewhere, *_between(moment, first, last, UTC)),
        *(
            and_(col(Payment.clinic_id).in_(clinics), *_between(moment, first, last, ZoneInfo(zone)))
            for zone, clinics in zones.items()
        ),
    )


def _between(
    moment: SQLCoreOperations[datetime], first: date | None, last: date | None, zone: tzinfo
) -> Iterator[ColumnElement[bool]]:
    if first is not None:
        yield moment >= datetime.combine(first, time.min, zone)
    if last is not None:
        yield moment < datetime.combine(last + timedelta(days=1), time.min, zone)
