"""The things that payloads and answers are made of, as the clients in the field know them."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field, PlainSerializer

from contracts.event import Shape

Id = Annotated[int, Field(ge=1, lt=2**53)]
"""An identifier; below 2^53 so that JavaScript keeps it whole."""

Moment = AwareDatetime
"""A point in time, ISO 8601 with an offset; always the server's, in UTC."""

Money = Annotated[
    Decimal,
    Field(ge=0, max_digits=12, decimal_places=2),
    PlainSerializer(float, return_type=float, when_used="json-unless-none"),
]
"""An amount in the clinic's currency: a JSON number with two decimals (see `contracts.encoding`)."""

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""A time of the clinic's day, "HH:MM"."""


def known_zone(name: str) -> str:
    """The name of a time zone that there is; raises ValueError for another."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone; use a name like Europe/Vienna") from error
    return name


TimeZone = Annotated[str, AfterValidator(known_zone)]
"""A time zone by its IANA name: a clinic in another one has no days that anybody could count."""


class VisitStatus(StrEnum):
    """Where a visit stands."""

    SCHEDULED = "scheduled"
    WAITING = "waiting"
    CALLED = "called"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class VisitType(StrEnum):
    """How a patient came to the queue."""

    SCHEDULED = "scheduled"
    WALK_IN = "walk_in"


class Phase(StrEnum):
    """A column of the reception's board."""

    APPOINTMENTS_TODAY = "appointments_today"
    WAITING = "waiting"
    WITH_DOCTOR = "with_doctor"
    COMPLETED = "completed"


class AppointmentStatus(StrEnum):
    """Where an appointment stands; it follows its visit."""

    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class BookingSource(StrEnum):
    """Where a booking came from."""

    PHONE = "phone"
    WALK_IN = "walk_in"
    ONLINE = "online"
    SYSTEM = "system"


class Gender(StrEnum):
    """A patient's gender as recorded."""

    MALE = "male"
    FEMALE = "female"


class PaymentMethod(StrEnum):
    """How money changed hands."""

    CASH = "cash"
    VISA = "visa"
    BANK_TRANSFER = "bank_transfer"


class PaymentStatus(StrEnum):
    """How much of a payment is in."""

    PENDING = "pending"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    REFUNDED = "refunded"


class Weekday(StrEnum):
    """A day on which a doctor works."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


class Clinic(Shape):
    """A clinic: one queue, one waiting room, one time zone."""

    id: Id
    name: str
    room_number: str | None
    is_active: bool
    time_zone: TimeZone


class WorkingHours(Shape):
    """When a doctor's day starts and ends, in the clinic's own time."""

    start: ClockTime
    end: ClockTime


class Doctor(Shape):
    """A doctor of one clinic; `share_percentage` (0 to 1) is the doctor's part of a payment."""

    id: Id
    user_id: Id | None
    name: str
    specialty: str | None
    working_days: tuple[Weekday, ...]
    working_hours: WorkingHours
    clinic_id: Id
    share_percentage: float = Field(ge=0, le=1)
    is_active: bool


class Service(Shape):
    """What a clinic offers: `duration` in minutes, at a price."""

    id: Id
    clinic_id: Id
    name: str
    duration: int = Field(ge=1, le=24 * 60)
    price: Money
    is_active: bool


class PatientCard(Shape):
    """A patient as others may know them: everything but the medical history."""

    id: Id
    name: str
    phone: str
    address: str | None
    age: int | None
    gender: Gender | None
    created_at: Moment
    updated_at: Moment
    clinic_id: Id | None
    doctor_id: Id | None


class Visit(Shape):
    """A patient's way through one day's queue; `queue_number` is the ticket, null until check-in."""

    id: Id
    appointment_id: Id | None
    doctor_id: Id
    patient_id: Id
    service_id: Id
    clinic_id: Id
    check_in_time: Moment | None
    start_time: Moment | None
    end_time: Moment | None
    called_time: Moment | None
    status: VisitStatus
    visit_type: VisitType
    queue_number: int | None
    position: int | None
    created_at: Moment
    version: int


class Payment(Shape):
    """What a visit costs and what of it is paid."""

    id: Id
    visit_id: Id
    patient_id: Id
    total_amount: Money
    amount_paid: Money
    discount_amount: Money
    remaining_amount: Money
    payment_method: PaymentMethod | None
    status: PaymentStatus
    doctor_share: Money
    center_share: Money
    paid_at: Moment | None
    created_at: Moment


class Appointment(Shape):
    """A booked slot and what it concerns; `payment` is null in events, which a whole clinic sees."""

    id: Id
    booking_id: str
    clinic_id: Id
    doctor_id: Id
    patient_id: Id
    service_id: Id
    start_time: Moment
    end_time: Moment
    status: AppointmentStatus
    booking_source: BookingSource
    notes: str | None
    created_by: str | None
    created_at: Moment
    patient: PatientCard | None
    doctor: Doctor | None
    clinic: Clinic | None
    service: Service | None
    visit: Visit | None
    payment: Payment | None


class QueueItem(Shape):
    """One line of a queue."""

    id: Id
    queue_number: int | None
    patient_name: str
    patient_phone: str
    doctor_name: str
    service_name: str
    visit_type: VisitType
    check_in_time: Moment | None
    start_time: Moment | None
    end_time: Moment | None
    status: VisitStatus
    version: int


class PhaseItem(Shape):
    """One card of the reception's board; `id` is the appointment's, or a walk-in's visit id."""

    id: Id
    booking_id: str | None
    patient_name: str
    patient_phone: str
    doctor_name: str
    clinic_name: str
    service_name: str
    start_time: Moment | None
    end_time: Moment | None
    notes: str | None
    visit_status: VisitStatus
    queue_phase: Phase
    visit_id: Id | None
    payment_id: Id | None
    version: int


class Phases(Shape):
    """The four columns of the reception's board."""

    appointments_today: tuple[PhaseItem, ...]
    waiting: tuple[PhaseItem, ...]
    with_doctor: tuple[PhaseItem, ...]
    completed: tuple[PhaseItem, ...]


class BoardTicket(Shape):
    """One line of the waiting-room screen: a number, where to go, and nothing about the person.

    `called_time` is another one when a called ticket is called again; null for who is not called.
    """

    queue_number: int
    room_number: str | None
    status: Literal[VisitStatus.WAITING, VisitStatus.CALLED, VisitStatus.IN_PROGRESS]
    called_time: Moment | None = None


Day = date
"""A clinic's own day."""
