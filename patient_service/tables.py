"""What patient_service stores: patients, and replicas of what concerns them elsewhere."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from chassis import bookkeeping
from chassis.columns import Utc
from chassis.replicas import Replica
from contracts.shapes import Gender


class Table(SQLModel, registry=registry()):
    """A table of this service, in metadata of its own."""


bookkeeping.add_to(Table.metadata)


class Patient(Table, table=True):
    """A person the clinic knows; a deleted one keeps its row, so that old visits still mean someone."""

    __tablename__ = "patient"
    __table_args__ = (
        Index(
            "patient_phone",
            "phone",
            unique=True,
            sqlite_where=text("deleted_at IS NULL"),
            postgresql_where=text("deleted_at IS NULL"),
        ),
    )

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    name: str
    phone: str
    address: str | None = None
    age: int | None = None
    gender: Gender | None = Field(default=None, sa_type=String(10))
    medical_history: str | None = None
    clinic_id: int | None = Field(default=None, sa_type=BigInteger)
    doctor_id: int | None = Field(default=None, sa_type=BigInteger)
    created_at: datetime = Field(sa_type=Utc)
    updated_at: datetime = Field(sa_type=Utc)
    deleted_at: datetime | None = Field(default=None, sa_type=Utc)
    version: int = 1


class KnownAppointment(Replica, Table, table=True):
    """An appointment as appointment_service last told."""

    __tablename__ = "known_appointment"

    patient_id: int = Field(sa_type=BigInteger, index=True)
    doctor_id: int = Field(sa_type=BigInteger)
    status: str
    start_time: datetime = Field(sa_type=Utc)


class KnownVisit(Replica, Table, table=True):
    """A visit as queue_service last told."""

    __tablename__ = "known_visit"

    patient_id: int = Field(sa_type=BigInteger, index=True)
    doctor_id: int = Field(sa_type=BigInteger)
    status: str
    created_at: datetime = Field(sa_type=Utc)
