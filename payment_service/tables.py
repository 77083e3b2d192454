"""What payment_service stores: payments, what came in for them, and replicas of what they name."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis import bookkeeping
from chassis.columns import Utc
from chassis.replicas import Replica
from contracts.shapes import PaymentMethod, PaymentStatus


class Table(SQLModel, registry=registry()):
    """A table of this service, in metadata of its own."""


bookkeeping.add_to(Table.metadata)


class Payment(Table, table=True):
    """What a visit costs and what of it is in, in minor units; there is one a visit.

    A `void` one belongs to a visit that does not take place: neither listed nor counted.
    """

    __tablename__ = "payment"
    __table_args__ = (
        Index("payment_of_clinic", "clinic_id", "created_at"),
        Index("payment_of_doctor", "doctor_id", "created_at"),
    )

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    visit_id: int = Field(sa_type=BigInteger, unique=True)
    clinic_id: int = Field(sa_type=BigInteger)
    doctor_id: int = Field(sa_type=BigInteger)
    patient_id: int = Field(sa_type=BigInteger, index=True)
    service_id: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)
    paid: int = Field(default=0, sa_type=BigInteger)
    discount: int = Field(default=0, sa_type=BigInteger)
    doctor_share: int = Field(default=0, sa_type=BigInteger)
    method: PaymentMethod | None = Field(default=None, sa_type=String(20))
    status: PaymentStatus = Field(default=PaymentStatus.PENDING, sa_type=String(20))
    void: bool = False
    paid_at: datetime | None = Field(default=None, sa_type=Utc)
    created_at: datetime = Field(sa_type=Utc)
    version: int = 1


class Receipt(Table, table=True):
    """One time that money changed hands: who took it, when and how; given back, the amount is negative.

    A payment in two parts has two of them: its own method is only the last one.
    """

    __tablename__ = "receipt"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    payment_id: int = Field(sa_type=BigInteger, foreign_key="payment.id", index=True)
    amount: int = Field(sa_type=BigInteger)
    discount: int = Field(default=0, sa_type=BigInteger)
    method: PaymentMethod | None = Field(default=None, sa_type=String(20))
    taken_by: str
    at: datetime = Field(sa_type=Utc, index=True)


class KnownVisit(Replica, Table, table=True):
    """A visit as queue_service last told, or as its appointment plans it; `planned_at` is the booked time."""

    __tablename__ = "known_visit"

    service_id: int = Field(sa_type=BigInteger, index=True)
    planned_at: datetime | None = Field(default=None, sa_type=Utc, index=True)


class KnownPatient(Replica, Table, table=True):
    """A patient's card as patient_service last told."""

    __tablename__ = "known_patient"

    name: str


class KnownDoctor(Replica, Table, table=True):
    """A doctor as appointment_service last told."""

    __tablename__ = "known_doctor"

    name: str


class KnownClinic(Replica, Table, table=True):
    """A clinic as appointment_service last told."""

    __tablename__ = "known_clinic"

    name: str
    time_zone: str


class KnownService(Replica, Table, table=True):
    """A service and its price as appointment_service last told."""

    __tablename__ = "known_service"

    name: str
