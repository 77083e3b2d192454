"""What the routes that read have in common: which clinics and which doctor the caller may see."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Query

from chassis.errors import Forbidden, Unprocessable
from chassis.forms import AsWritten, day_of_years
from chassis.service import Service
from contracts.identity import Identity, Role
from queue_service.queries import catalogue

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
"""Days beyond these are slips of the finger."""

Day = Annotated[
    Annotated[date, AsWritten, day_of_years(r"20\d\d|21\d\d")] | None,
    Query(description=f"a day from {FIRST_DAY} to {LAST_DAY}"),
]
"""A route's parameter that is a day; `sensible` looks at it."""


def own_clinics(reader: Identity) -> frozenset[int] | None:
    """The clinics whose things the reader sees; None: all."""
    return None if reader.clinics == "*" else frozenset(reader.clinics)


def check_clinic(reader: Identity, clinic_id: int) -> None:
    """Raise `Forbidden` unless the clinic is the reader's own."""
    if not reader.works_in(clinic_id):
        raise Forbidden("This clinic is not yours")


def only_doctor(reader: Identity) -> int | None:
    """The doctor whose things alone the reader sees; None: every doctor's.

    Raises `Forbidden` for a doctor whose token does not say which one.
    """
    if reader.role is not Role.DOCTOR:
        return None
    if reader.doctor_id is None:
        raise Forbidden("This token does not say which doctor it is of; sign in again")
    return reader.doctor_id


def sensible(day: date) -> date:
    """The day; raises `Unprocessable` for one that no clinic has."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Unprocessable(f"Give a day between {FIRST_DAY} and {LAST_DAY}")
    return day


async def todays_zone(service: Service, clinics: frozenset[int] | None) -> str:
    """The time zone whose day counts for these clinics together: theirs, UTC where they differ."""
    async with service.database.reading() as session:
        known = await catalogue.clinics(session)
    zones = {clinic.time_zone for clinic in known if clinics is None or clinic.id in clinics}
    return zones.pop() if len(zones) == 1 else "UTC"


def bounds(day: date, time_zone: str) -> tuple[datetime, datetime]:
    """When the clinic's day starts and ends, in UTC."""
    zone = ZoneInfo(time_zone)
    starts = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone)
    return starts.astimezone(UTC), ends.astimezone(UTC)
