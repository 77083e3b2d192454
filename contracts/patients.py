"""What patient_service publishes; the medical history is never in it."""

from typing import ClassVar

from contracts.event import Event, Process
from contracts.shapes import Id, PatientCard


class PatientCreated(Event):
    """A patient was registered."""

    subject: ClassVar[str] = "patient.{patient.id}.patient_created"
    rooms: ClassVar[tuple[str, ...]] = ("staff",)
    owner: ClassVar[Process] = Process.PATIENT
    of_clinic: ClassVar[str | None] = None

    patient: PatientCard


class PatientUpdated(Event):
    """A patient's card is other than it was."""

    subject: ClassVar[str] = "patient.{patient.id}.patient_updated"
    rooms: ClassVar[tuple[str, ...]] = ("staff",)
    owner: ClassVar[Process] = Process.PATIENT
    of_clinic: ClassVar[str | None] = None

    patient: PatientCard


class PatientDeleted(Event):
    """A patient was deleted; replicas forget the card."""

    subject: ClassVar[str] = "patient.{patient_id}.patient_deleted"
    rooms: ClassVar[tuple[str, ...]] = ()
    owner: ClassVar[Process] = Process.PATIENT
    of_clinic: ClassVar[str | None] = None

    patient_id: Id
