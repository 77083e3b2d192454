"""What queue_service stores: visits, what of them is to be shown again, and replicas of what they name."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, SmallInteger, String, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis import bookkeeping
from chassis.columns import Utc
from chassis.replicas import Replica


class Table(SQLModel, registry=registry()):
    """A table of this service, in metadata of its own."""


bookkeeping.add_to(Table.metadata)

# In these very words where visits are looked for: an index of some rows is used where its condition is seen.
IS_ACTIVE = text("status IN ('waiting', 'called', 'in_progress')")
IS_WITH_DOCTOR = text("status = 'in_progress'")


class Visit(SQLModel):
    """A patient's way through one day's queue.

    `rank` orders the waiting (smaller is earlier, within a priority); `seat` is which of a doctor's patients
    this is while in progress; `day` is the clinic's own.
    """

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    appointment_id: int | None = Field(default=None, sa_type=BigInteger, unique=True)
    clinic_id: int = Field(sa_type=BigInteger)
    doctor_id: int = Field(sa_type=BigInteger)
    patient_id: int = Field(sa_type=BigInteger)
    service_id: int = Field(sa_type=BigInteger)
    day: date
    status: str = Field(sa_type=String(20))
    visit_type: str = Field(sa_type=String(20))
    queue_number: int | None = None
    position: int | None = None
    priority: int = Field(default=0, sa_type=SmallInteger)
    rank: int = Field(sa_type=BigInteger)
    seat: int | None = Field(default=None, sa_type=SmallInteger)
    planned_time: datetime | None = Field(default=None, sa_type=Utc)
    check_in_time: datetime | None = Field(default=None, sa_type=Utc)
    called_time: datetime | None = Field(default=None, sa_type=Utc)
    start_time: datetime | None = Field(default=None, sa_type=Utc)
    end_time: datetime | None = Field(default=None, sa_type=Utc)
    notes: str | None = None
    created_at: datetime = Field(sa_type=Utc)
    version: int = 1


class StoredVisit(Visit, Table, table=True):
    """The table of visits; `queries.visits` reads and saves them without the mapper, which costs more."""

    __tablename__ = "visit"
    __table_args__ = (
        # The invariants that no race may break, whatever the code above believes.
        Index("visit_ticket", "clinic_id", "day", "queue_number", unique=True),
        Index(
            "visit_active",
            "patient_id",
            "doctor_id",
            "day",
            unique=True,
            sqlite_where=IS_ACTIVE,
            postgresql_where=IS_ACTIVE,
        ),
        Index(
            "visit_with_doctor",
            "doctor_id",
            "day",
            "seat",
            unique=True,
            sqlite_where=IS_WITH_DOCTOR,
            postgresql_where=IS_WITH_DOCTOR,
        ),
        Index("visit_of_day", "clinic_id", "day", "status", "end_time"),
        Index("visit_of_doctor", "doctor_id", "day", "status", "clinic_id", "end_time"),
        Index("visit_of_patient", "patient_id", "day"),
    )


class Mark(Table, table=True):
    """What of a clinic is to be shown again: the clinic itself (doctor 0) or a doctor's part of it.

    A picture is behind while `wanted` is past `rendered`; both are revisions of the clinic.
    """

    __tablename__ = "mark"

    clinic_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    doctor_id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    wanted: int = Field(default=0, sa_type=BigInteger)
    rendered: int = Field(default=0, sa_type=BigInteger)
    phases_wanted: int = Field(default=0, sa_type=BigInteger)
    phases_rendered: int = Field(default=0, sa_type=BigInteger)


class KnownPatient(Replica, Table, table=True):
    """A patient's card as patient_service last told."""

    __tablename__ = "known_patient"

    name: str
    phone: str


class KnownClinic(Replica, Table, table=True):
    """A clinic as appointment_service last told."""

    __tablename__ = "known_clinic"

    name: str
    room_number: str | None = None
    time_zone: str
    is_active: bool


class KnownDoctor(Replica, Table, table=True):
    """A doctor as appointment_service last told."""

    __tablename__ = "known_doctor"

    clinic_id: int = Field(sa_type=BigInteger)
    user_id: int | None = Field(default=None, sa_type=BigInteger, index=True)
    name: str
    is_active: bool


class KnownService(Replica, Table, table=True):
    """A service that is offered, as appointment_service last told."""

    __tablename__ = "known_service"

    clinic_id: int = Field(sa_type=BigInteger)
    name: str
    is_active: bool


class KnownAppointment(Replica, Table, table=True):
    """An appointment as appointment_service last told."""

    __tablename__ = "known_appointment"
    __table_args__ = (Index("known_appointment_of_day", "clinic_id", "start_time"),)

    clinic_id: int = Field(sa_type=BigInteger)
    doctor_id: int = Field(sa_type=BigInteger)
    patient_id: int = Field(sa_type=BigInteger, index=True)
    booking_id: str
    start_time: datetime = Field(sa_type=Utc)
    end_time: datetime = Field(sa_type=Utc)
    notes: str | None = None
    status: str = Field(sa_type=String(20))


class KnownPayment(Replica, Table, table=True):
    """A payment as payment_service last told; amounts in minor units."""

    __tablename__ = "known_payment"
    __table_args__ = (Index("known_payment_of_day", "clinic_id", "created_at"),)

    visit_id: int = Field(sa_type=BigInteger, unique=True)
    clinic_id: int = Field(sa_type=BigInteger)
    doctor_id: int = Field(sa_type=BigInteger)
    status: str = Field(sa_type=String(20))
    void: bool
    paid: int = Field(sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Utc)
