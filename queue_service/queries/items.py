"""The cards of a picture; nearly all of them are as they were in the picture before."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.columns import table_of
from chassis.padding import padded
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

AT_ONCE = 256
"""Cards read by one statement."""

Key = tuple[int, int, int | None, int | None, int | None]
"""What a card is made of: the visit's id, and the versions of visit, patient, doctor and service."""

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


async def items(session: AsyncSession, rows: Sequence[Row[Any]]) -> tuple[QueueItem, ...]:
    """The cards of these visits, selected with their `keys`, in their order; only new ones are read."""
    wanted = [_key(row) for row in rows]
    remembered = _REMEMBERED.setdefault(session.get_bind().engine, {})
    new = [key for key in wanted if key not in remembered]
    fresh: dict[int, QueueItem] = {}
    for start in range(0, len(new), AT_ONCE):
        ids = padded([visit_id for visit_id, *_ in new[start : start + AT_ONCE]])
        for row in await session.execute(_of_visits(), {"ids": ids}):
            # By its own versions: a name may have come since the keys were read.
            fresh[row.id] = remembered[_key(row)] = _item(row)
    cards = tuple(remembered.get(key) or fresh[key[0]] for key in wanted)
    while len(remembered) > REMEMBERED:
        del remembered[next(iter(remembered))]
    return cards


def _key(row: Row[Any]) -> Key:
    return row.id, row.version, row.patient_version, row.doctor_version, row.service_version


@cache
def _of_visits() -> Select[Any]:
    return named(select(*keys(), *columns())).where(VISITS.c.id.in_(bindparam("ids", expanding=True)))


def _item(row: Row[Any]) -> QueueItem:
    return QueueItem(
        id=row.id,
        queue_number=row.queue_number,
        patient_name=row.patient_name,
        patient_phone=row.patient_phone,
        doctor_name=row.doctor_name,
        service_name=row.service_name,
        visit_type=VisitType(row.visit_type),
        check_in_time=row.check_in_time,
        start_time=row.start_time,
        end_time=row.end_time,
        status=VisitStatus(row.status),
        version=row.version,
    )
