"""The cards of a picture; nearly all of them are as they were in the picture before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.columns import table_of
from chassis.listed import listed
from chassis.statement import Statement
from contracts.shapes import QueueItem, VisitStatus, VisitType
from queue_service.tables import KnownDoctor, KnownPatient, KnownService, StoredVisit

VISITS = table_of(StoredVisit)
_PATIENTS, _DOCTORS, _SERVICES = table_of(KnownPatient), table_of(KnownDoctor), table_of(KnownService)

FORGOTTEN = "(deleted patient)"
"""Shown for a patient whose card is gone."""

UNKNOWN = ""
"""Shown for a name that has not reached us yet; the event that brings it makes the picture again."""

REMEMBERED = 4096
"""Cards kept of a database, some 1 KB each."""

Key = tuple[int, int, int | None, int | None, int | None]
"""What a card is made of: the visit's id, and the versions of visit, patient, doctor and service."""

KEY = 5
"""A key's columns, the first ones of a row that was selected with them."""

_REMEMBERED: WeakKeyDictionary[object, dict[Key, QueueItem]] = WeakKeyDictionary()


def keys() -> tuple[Any, ...]:
    """The columns of a card's key, to be selected from `named` visits."""
    return (
        VISITS.c.id,
        VISITS.c.version,
        _PATIENTS.c.version.label("patient_version"),
        _DOCTORS.c.version.label("doctor_version"),
        _SERVICES.c.version.label("service_version"),
    )


def columns() -> tuple[Any, ...]:
    """What of a visit is on its card, beside id and version; to be selected from `named` visits."""
    return (
        VISITS.c.doctor_id,
        VISITS.c.status,
        VISITS.c.queue_number,
        func.coalesce(_PATIENTS.c.name, FORGOTTEN).label("patient_name"),
        func.coalesce(_PATIENTS.c.phone, UNKNOWN).label("patient_phone"),
        func.coalesce(_DOCTORS.c.name, UNKNOWN).label("doctor_name"),
        func.coalesce(_SERVICES.c.name, UNKNOWN).label("service_name"),
        VISITS.c.visit_type,
        VISITS.c.check_in_time,
        VISITS.c.start_time,
        VISITS.c.end_time,
    )


def named(rows: Select[Any]) -> Select[Any]:
    """Visits with those they name, as far as they are known."""
    return (
        rows.select_from(VISITS)
        .outerjoin(_PATIENTS, _PATIENTS.c.id == VISITS.c.patient_id)
        .outerjoin(_DOCTORS, _DOCTORS.c.id == VISITS.c.doctor_id)
        .outerjoin(_SERVICES, _SERVICES.c.id == VISITS.c.service_id)
    )


async def items(session: AsyncSession, rows: Sequence[tuple[Any, ...]]) -> tuple[QueueItem, ...]:
    """The cards of these visits, selected with their `keys` first, in their order; only new ones are read."""
    wanted = [row[:KEY] for row in rows]
    remembered = _REMEMBERED.setdefault(session.get_bind().engine, {})
    new = [key[0] for key in wanted if key not in remembered]
    fresh: dict[int, QueueItem] = {}
    if new:
        for row in await _OF_VISITS.rows(session, {"ids": new}):
            # By its own versions: a name may have come since the keys were read.
            fresh[row[0]] = remembered[row[:KEY]] = _item(*row[:2], *row[KEY:])
    cards = tuple(remembered.get(key) or fresh[key[0]] for key in wanted)
    while len(remembered) > REMEMBERED:
        del remembered[next(iter(remembered))]
    return cards


_OF_VISITS = Statement(
    lambda dialect: named(select(*keys(), *columns())).where(
        VISITS.c.id.in_(select(listed(dialect, "ids").c.value))
    )
)


def _item(
    visit_id: int,
    version: int,
    _doctor_id: int,
    status: str,
    queue_number: int | None,
    patient_name: str,
    patient_phone: str,
    doctor_name: str,
    service_name: str,
    visit_type: str,
    check_in_time: datetime | None,
    start_time: datetime | None,
    end_time: datetime | None,
) -> QueueItem:
    return QueueItem(
        id=visit_id,
        queue_number=queue_number,
        patient_name=patient_name,
        patient_phone=patient_phone,
        doctor_name=doctor_name,
        service_name=service_name,
        visit_type=VisitType(visit_type),
        check_in_time=check_in_time,
        start_time=start_time,
        end_time=end_time,
        status=VisitStatus(status),
        version=version,
    )
