"""What comes in and goes out: clinics, doctors and services."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from chassis.forms import Amount, Request, Switch
from chassis.texts import Line, OptionalLine
from contracts.event import Shape
from contracts.shapes import Clinic, ClockTime, Doctor, Id, Service, Weekday, known_zone


def _in_order(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    return tuple(day for day in Weekday if day in days)


TimeZone = Annotated[
    Line,
    AfterValidator(known_zone),
    WithJsonSchema({"type": "string", "minLength": 1, "format": "time-zone"}),
]
"""A time zone by its IANA name."""

WorkingDays = Annotated[tuple[Weekday, ...], Field(max_length=14), AfterValidator(_in_order)]
"""The days on which a doctor works, each once, Monday first."""

Duration = Annotated[int, Field(ge=1, le=24 * 60)]
"""Minutes."""

Share = Annotated[float, Field(ge=0, le=1)]
"""The doctor's part of a payment."""


class Hours(Request):
    """When a doctor's day starts and ends, "HH:MM"."""

    start: ClockTime
    end: ClockTime

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.start >= self.end:
            raise ValueError("working hours end after they start, on the same day")
        return self


class NewClinic(Request):
    """POST /clinics."""

    name: Line
    room_number: OptionalLine = None
    time_zone: TimeZone = "UTC"


class ClinicChanges(Request):
    """PUT /clinics/{id}: what is left out stays as it is."""

    name: Line = ""
    room_number: OptionalLine = None
    time_zone: TimeZone = ""
    is_active: Switch = True


class NewDoctor(Request):
    """POST /doctors."""

    name: Line
    specialty: OptionalLine = None
    clinic_id: Id
    user_id: Id | None = None
    working_days: WorkingDays
    working_hours: Hours
    share_percentage: Share


class DoctorChanges(Request):
    """PUT /doctors/{id}: what is left out stays as it is."""

    name: Line = ""
    specialty: OptionalLine = None
    clinic_id: Id = 0
    user_id: Id | None = None
    working_days: WorkingDays = ()
    working_hours: Hours = Hours(start="00:00", end="23:59")
    share_percentage: Share = 0
    is_active: Switch = True


class NewService(Request):
    """POST /services."""

    clinic_id: Id
    name: Line
    duration: Duration
    price: Amount


class ServiceChanges(Request):
    """PUT /services/{id}: what is left out stays as it is; a service stays with its clinic."""

    clinic_id: Id = 0
    name: Line = ""
    duration: Duration = 1
    price: Amount = Decimal()
    is_active: Switch = True


class ClinicList(Shape):
    """GET /clinics."""

    clinics: tuple[Clinic, ...]


class ClinicFound(Shape):
    """GET /clinics/{id}."""

    clinic: Clinic


class ClinicSaved(Shape):
    """POST and PUT /clinics."""

    message: str
    clinic: Clinic


class DoctorList(Shape):
    """GET /doctors, /clinics/{id}/doctors."""

    doctors: tuple[Doctor, ...]


class DoctorFound(Shape):
    """GET /doctors/{id}."""

    doctor: Doctor


class DoctorSaved(Shape):
    """POST and PUT /doctors."""

    message: str
    doctor: Doctor


class ServiceList(Shape):
    """GET /services, /clinics/{id}/services."""

    services: tuple[Service, ...]


class ServiceFound(Shape):
    """GET /services/{id}."""

    service: Service


class ServiceSaved(Shape):
    """POST and PUT /services."""

    message: str
    service: Service
