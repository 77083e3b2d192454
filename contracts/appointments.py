"""What appointment_service publishes about appointments."""

from typing import ClassVar

from contracts.event import Event, Process
from contracts.shapes import Appointment, Id, Visit


class AppointmentCreated(Event):
    """A slot is booked; `visit` is the planned visit, whose id is already its own."""

    subject: ClassVar[str] = "clinic.{clinic_id}.appointment_created"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}", "doctor_{doctor_id}")
    owner: ClassVar[Process] = Process.APPOINTMENT
    about: ClassVar[str | None] = "appointment_{appointment.id}"
    became: ClassVar[str | None] = "{appointment.status}"

    appointment: Appointment
    visit: Visit
    clinic_id: Id
    doctor_id: Id


class AppointmentUpdated(Event):
    """An appointment is other than it was: its slot, its doctor, its notes or its status."""

    subject: ClassVar[str] = "clinic.{clinic_id}.appointment_updated"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}", "doctor_{doctor_id}")
    owner: ClassVar[Process] = Process.APPOINTMENT
    about: ClassVar[str | None] = "appointment_{appointment.id}"
    became: ClassVar[str | None] = "{appointment.status}"

    appointment: Appointment
    clinic_id: Id
    doctor_id: Id


class AppointmentCancelled(Event):
    """An appointment was cancelled by the desk; its slot is free again."""

    subject: ClassVar[str] = "clinic.{clinic_id}.appointment_cancelled"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}", "doctor_{doctor_id}")
    owner: ClassVar[Process] = Process.APPOINTMENT
    about: ClassVar[str | None] = "appointment_{appointment.id}"
    became: ClassVar[str | None] = "{appointment.status}"

    appointment: Appointment
    clinic_id: Id
    doctor_id: Id


class AppointmentCompleted(Event):
    """The consultation that an appointment was for has ended."""

    subject: ClassVar[str] = "clinic.{clinic_id}.appointment_completed"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}", "doctor_{doctor_id}")
    owner: ClassVar[Process] = Process.APPOINTMENT
    about: ClassVar[str | None] = "appointment_{appointment.id}"
    became: ClassVar[str | None] = "{appointment.status}"

    appointment: Appointment
    clinic_id: Id
    doctor_id: Id
    visit: Visit
