"""What comes in and goes out over appointment_service's routes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from chassis.texts import Line, OptionalLine, OptionalText
from contracts import shapes
from contracts.event import Shape
from contracts.shapes import (
    AppointmentStatus,
    BookingSource,
    Clinic,
    ClockTime,
    Doctor,
    Id,
    Money,
    PatientCard,
    Service,
    Visit,
    Weekday,
)
from contracts.tokens import TokenRevoked

YEARS = range(2000, 2101)
"""Years that a clinic can mean; beyond them a time zone's arithmetic overflows."""


class Request(BaseModel):
    """A body as the clients in the field send it; they send more than is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _of_our_time(given: date) -> date:
    if given.year not in YEARS:
        raise ValueError(f"the year must be between {YEARS[0]} and {YEARS[-1]}")
    return given


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone; use a name like Europe/Vienna") from error
    return name


def _in_order(days: tuple[Weekday, ...]) -> tuple[Weekday, ...]:
    return tuple(day for day in Weekday if day in days)


Day = Annotated[date, AfterValidator(_of_our_time)]
"""A clinic's own day."""

When = Annotated[datetime, AfterValidator(_of_our_time)]
"""A time, ISO 8601; without an offset it is the clinic's local time."""

TimeZone = Annotated[Line, AfterValidator(_known_zone)]
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


class NewAppointment(Request):
    """POST /appointments."""

    clinic_id: Id
    doctor_id: Id
    patient_id: Id
    service_id: Id
    start_time: When
    booking_source: BookingSource
    notes: OptionalText = None


class AppointmentChanges(Request):
    """PUT /appointments/{id}: what is left out stays as it is."""

    clinic_id: Id | None = None
    doctor_id: Id | None = None
    patient_id: Id | None = None
    service_id: Id | None = None
    start_time: When | None = None
    notes: OptionalText = None
    status: AppointmentStatus | None = None
    reason: OptionalLine = None


class Cancellation(Request):
    """DELETE /appointments/{id}; the body may be absent."""

    reason: OptionalLine = None


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
    is_active: bool = True


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
    is_active: bool = True


class NewService(Request):
    """POST /services."""

    clinic_id: Id
    name: Line
    duration: Duration
    price: Money


class ServiceChanges(Request):
    """PUT /services/{id}: what is left out stays as it is; a service stays with its clinic."""

    clinic_id: Id = 0
    name: Line = ""
    duration: Duration = 1
    price: Money = Decimal()
    is_active: bool = True


class Revocation(Request):
    """POST /auth/revoke: a token (`jti`) or all tokens of a subject until now (`sub`)."""

    jti: Line | None = None
    sub: Line | None = None
    expires_at: When | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.jti is None) == (self.sub is None):
            raise ValueError("name either jti or sub")
        return self


class Patient(PatientCard):
    """An appointment's patient as the routes show it; the history is null where it is not to be shown."""

    medical_history: str | None


class Appointment(shapes.Appointment):
    """An appointment as the routes show it, with its payment."""

    patient: Patient | None


class AppointmentBooked(Shape):
    """POST /appointments."""

    message: str
    appointment: Appointment
    visit: Visit


class AppointmentSaved(Shape):
    """PUT /appointments/{id}."""

    message: str
    appointment: Appointment


class AppointmentFound(Shape):
    """GET /appointments/{id}."""

    appointment: Appointment


class AppointmentList(Shape):
    """GET /appointments."""

    appointments: tuple[Appointment, ...]
    total: int
    pages: int
    current_page: int
    per_page: int


class Slot(Shape):
    """A quarter of an hour of the clinic's day, "HH:MM"; `reason` says why it is not available."""

    start_time: ClockTime
    end_time: ClockTime
    available: bool
    reason: str | None


class Slots(Shape):
    """GET /appointments/available-slots; `slots` and `available_slots` are the same, for older clients."""

    slots: tuple[Slot, ...]
    available_slots: tuple[Slot, ...]
    all_slots: tuple[Slot, ...]
    doctor: Doctor
    date: Day


class AppointmentStatistics(Shape):
    """GET /appointments/statistics: counts by status, by the names of clinics and doctors, by source.

    `recent` counts those booked in the last 30 days, `this_week` those that take place in the clinic's
    current week (from Monday); both whatever the day asked for.
    """

    total: int
    by_status: dict[str, int]
    by_clinic: dict[str, int]
    by_doctor: dict[str, int]
    by_booking_source: dict[str, int]
    recent: int
    this_week: int


class Done(Shape):
    """What a deletion answers."""

    message: str


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


class TokensRevoked(Shape):
    """POST /auth/revoke."""

    message: str
    revocation: TokenRevoked
