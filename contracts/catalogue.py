"""What appointment_service publishes about clinics, doctors and services; services keep it as replicas."""

from typing import ClassVar

from contracts.event import Event, Process
from contracts.shapes import Clinic, Doctor, Id, Service


class ClinicChanged(Event):
    """A clinic was made or changed; a closed one is not active."""

    subject: ClassVar[str] = "clinic.{clinic_id}.clinic_changed"
    rooms: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[Process] = Process.APPOINTMENT

    clinic: Clinic
    clinic_id: Id


class DoctorChanged(Event):
    """A doctor was made or changed; one who left is not active."""

    subject: ClassVar[str] = "clinic.{clinic_id}.doctor_changed"
    rooms: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[Process] = Process.APPOINTMENT

    doctor: Doctor
    clinic_id: Id


class ServiceChanged(Event):
    """A service was made or changed; one no longer offered is not active."""

    subject: ClassVar[str] = "clinic.{clinic_id}.service_changed"
    rooms: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[Process] = Process.APPOINTMENT

    service: Service
    clinic_id: Id
