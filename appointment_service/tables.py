"""What appointment_service stores: the catalogue, appointments with their slots, and what the others told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis import bookkeeping
from chassis.columns import Utc
from chassis.replicas import Replica
from contracts.shapes import PatientCard, Payment, Visit


class Table(SQLModel, registry=registry()):
    """A table of this service, in metadata of its own."""


bookkeeping.add_to(Table.metadata)


class Clinic(Table, table=True):
    """A clinic; a closed one keeps its row, so that old appointments still mean some place."""

    __tablename__ = "clinic"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str
    room_number: str | None = None
    time_zone: str
    is_active: bool = True
    version: int = 1


class Doctor(Table, table=True):
    """A doctor of one clinic; working days are their English names, hours the clinic's own "HH:MM"."""

    __tablename__ = "doctor"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    # A queue is asked for by either number of its doctor: a user is one doctor at most.
    user_id: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    name: str
    specialty: str | None = None
    working_days: list[str] = Field(sa_type=JSON)
    day_start: str = Field(sa_type=String(5))
    day_end: str = Field(sa_type=String(5))
    clinic_id: int = Field(sa_type=BigInteger, index=True)
    share_percentage: float
    is_active: bool = True
    version: int = 1


class OfferedService(Table, table=True):
    """What a clinic offers; `duration` in minutes, `price` in minor units of the clinic's currency."""

    __tablename__ = "service"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    clinic_id: int = Field(sa_type=BigInteger, index=True)
    name: str
    duration: int
    price: int = Field(sa_type=BigInteger)
    is_active: bool = True
    version: int = 1


class Appointment(Table, table=True):
    """A booked time and the visit planned for it.

    `cancels_asked` counts the desk's requests to cancel whose outcome is not known yet: whichever way the
    visit's cancellation becomes known first, it is then told as the desk's own.
    """

    __tablename__ = "appointment"
    __table_args__ = (
        Index("appointment_of_clinic", "clinic_id", "start_time"),
        Index("appointment_of_doctor", "doctor_id", "start_time"),
        Index("appointment_of_patient", "patient_id", "start_time"),
    )

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    booking_id: str = Field(sa_type=String(20), unique=True)
    visit_id: int = Field(sa_type=BigInteger, unique=True)
    clinic_id: int = Field(sa_type=BigInteger)
    doctor_id: int = Field(sa_type=BigInteger)
    patient_id: int = Field(sa_type=BigInteger)
    service_id: int = Field(sa_type=BigInteger)
    start_time: datetime = Field(sa_type=Utc)
    end_time: datetime = Field(sa_type=Utc)
    status: str = Field(sa_type=String(20))
    booking_source: str = Field(sa_type=String(20))
    notes: str | None = None
    created_by: str | None = None
    created_at: datetime = Field(sa_type=Utc)
    cancels_asked: int = 0
    version: int = 1


class Slot(Table, table=True):
    """A quarter of an hour of a doctor's that an appointment takes: the database lets only one have it."""

    __tablename__ = "slot"

    doctor_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    start: datetime = Field(primary_key=True, sa_type=Utc)
    appointment_id: int = Field(sa_type=BigInteger, index=True)


class Revocation(Table, table=True):
    """A token, or all of a subject's until then, that is refused; needed until `expires_at`."""

    __tablename__ = "revocation"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    jti: str | None = None
    sub: str | None = None
    revoked_at: datetime = Field(sa_type=Utc)
    expires_at: datetime = Field(sa_type=Utc, index=True)


class KnownPatient(Replica, Table, table=True):
    """A patient's card as patient_service last told."""

    __tablename__ = "known_patient"


class KnownVisit(Replica, Table, table=True):
    """An appointment's visit as queue_service last told; until it does, the visit is as planned."""

    __tablename__ = "known_visit"


class KnownPayment(Replica, Table, table=True):
    """A visit's payment as payment_service last told."""

    __tablename__ = "known_payment"

    visit_id: int = Field(sa_type=BigInteger, index=True)
    void: bool


@dataclass(frozen=True)
class Booking:
    """An appointment's row and what it concerns, as far as it is known here."""

    row: Appointment
    clinic: Clinic | None
    doctor: Doctor | None
    service: OfferedService | None
    patient: PatientCard | None
    known_visit: Visit | None
    payment: Payment | None
