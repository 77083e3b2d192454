"""What one process may ask another over `nats.micro`: who asks, who answers, and the two shapes.

A question reads what is not known here yet; a command lets the owner of a visit decide about it. Errors come
back as the HTTP status that the owner's own route would answer.
"""

from typing import ClassVar

from pydantic import BaseModel

from contracts.audit import Deed
from contracts.event import Process, Shape
from contracts.identity import Identity
from contracts.shapes import Appointment, Clinic, Doctor, Id, PatientCard, Service, Visit, VisitStatus
from contracts.tokens import TokenRevoked


class Question(Shape):
    """A request that exactly one process answers; `askers` are the only ones the broker lets ask."""

    subject: ClassVar[str]
    owner: ClassVar[Process]
    askers: ClassVar[tuple[Process, ...]]
    answer: ClassVar[type[BaseModel]]


class KnownPatient(Shape):
    """A patient's card with the version a replica compares."""

    patient: PatientCard
    version: int


class KnownClinic(Shape):
    """A clinic with the version a replica compares."""

    clinic: Clinic
    version: int


class KnownDoctor(Shape):
    """A doctor with the version a replica compares."""

    doctor: Doctor
    version: int


class KnownService(Shape):
    """A service with the version a replica compares."""

    service: Service
    version: int


class PlannedVisit(Shape):
    """An appointment, its version, and the visit as it was planned."""

    appointment: Appointment
    version: int
    visit: Visit


class KnownVisit(Shape):
    """A visit as it is now (it carries its own version)."""

    visit: Visit


class MedicalHistory(Shape):
    """What is read at the moment it is shown and kept nowhere else."""

    medical_history: str | None


class Revocations(Shape):
    """Every revocation still in force."""

    revocations: tuple[TokenRevoked, ...]


_READERS = (Process.QUEUE, Process.APPOINTMENT, Process.PAYMENT, Process.PATIENT, Process.BRIDGE)


class AskPatient(Question):
    """Who is this patient? 404 when there is none."""

    subject: ClassVar[str] = "ask.patient.card"
    owner: ClassVar[Process] = Process.PATIENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE, Process.APPOINTMENT, Process.PAYMENT)
    answer: ClassVar[type[BaseModel]] = KnownPatient

    patient_id: Id


class AskMedicalHistory(Question):
    """What is this patient's medical history? The asker has checked that its caller may read it."""

    subject: ClassVar[str] = "ask.patient.history"
    owner: ClassVar[Process] = Process.PATIENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE, Process.APPOINTMENT)
    answer: ClassVar[type[BaseModel]] = MedicalHistory

    patient_id: Id


class AskClinic(Question):
    """Which clinic is this? 404 when there is none."""

    subject: ClassVar[str] = "ask.catalogue.clinic"
    owner: ClassVar[Process] = Process.APPOINTMENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE, Process.PATIENT, Process.PAYMENT)
    answer: ClassVar[type[BaseModel]] = KnownClinic

    clinic_id: Id


class AskDoctor(Question):
    """Which doctor is this, and of which clinic? 404 when there is none."""

    subject: ClassVar[str] = "ask.catalogue.doctor"
    owner: ClassVar[Process] = Process.APPOINTMENT
    askers: ClassVar[tuple[Process, ...]] = (
        Process.QUEUE,
        Process.PATIENT,
        Process.PAYMENT,
        Process.BRIDGE,
    )
    answer: ClassVar[type[BaseModel]] = KnownDoctor

    doctor_id: Id


class AskService(Question):
    """Which service is this, at what price? 404 when there is none."""

    subject: ClassVar[str] = "ask.catalogue.service"
    owner: ClassVar[Process] = Process.APPOINTMENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE, Process.PATIENT, Process.PAYMENT)
    answer: ClassVar[type[BaseModel]] = KnownService

    service_id: Id


class AskPlannedVisit(Question):
    """Which visit was planned for this appointment? 404 when there is no such appointment."""

    subject: ClassVar[str] = "ask.appointment.planned"
    owner: ClassVar[Process] = Process.APPOINTMENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE, Process.PAYMENT)
    answer: ClassVar[type[BaseModel]] = PlannedVisit

    appointment_id: Id | None = None
    visit_id: Id | None = None


class AskVisit(Question):
    """Which visit is this? 404 when there is none."""

    subject: ClassVar[str] = "ask.queue.visit"
    owner: ClassVar[Process] = Process.QUEUE
    askers: ClassVar[tuple[Process, ...]] = (Process.APPOINTMENT, Process.PAYMENT)
    answer: ClassVar[type[BaseModel]] = KnownVisit

    visit_id: Id


class MoveVisit(Question):
    """Move an appointment's visit as its route would, in the caller's name; 409 when its guards refuse."""

    subject: ClassVar[str] = "ask.queue.move"
    owner: ClassVar[Process] = Process.QUEUE
    askers: ClassVar[tuple[Process, ...]] = (Process.APPOINTMENT,)
    answer: ClassVar[type[BaseModel]] = KnownVisit

    appointment_id: Id
    to: VisitStatus
    reason: str | None = None
    notes: str | None = None
    caller: Identity


class PaymentDeeds(Shape):
    """What was done to a payment, of which clinic's visit."""

    visit_id: Id
    clinic_id: Id
    deeds: tuple[Deed, ...]


class AskPaymentDeeds(Question):
    """What was done to this payment, or to this visit's? 404 when there is none."""

    subject: ClassVar[str] = "ask.payment.deeds"
    owner: ClassVar[Process] = Process.PAYMENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE,)
    answer: ClassVar[type[BaseModel]] = PaymentDeeds

    payment_id: Id | None = None
    visit_id: Id | None = None


class AppointmentDeeds(Shape):
    """What was done to an appointment."""

    deeds: tuple[Deed, ...]


class AskAppointmentDeeds(Question):
    """What was done to this appointment?"""

    subject: ClassVar[str] = "ask.appointment.deeds"
    owner: ClassVar[Process] = Process.APPOINTMENT
    askers: ClassVar[tuple[Process, ...]] = (Process.QUEUE,)
    answer: ClassVar[type[BaseModel]] = AppointmentDeeds

    appointment_id: Id


class AskRevocations(Question):
    """Which tokens are refused?"""

    subject: ClassVar[str] = "ask.tokens.revoked"
    owner: ClassVar[Process] = Process.APPOINTMENT
    askers: ClassVar[tuple[Process, ...]] = tuple(p for p in _READERS if p is not Process.APPOINTMENT)
    answer: ClassVar[type[BaseModel]] = Revocations


QUESTIONS: tuple[type[Question], ...] = (
    AskPatient,
    AskMedicalHistory,
    AskClinic,
    AskDoctor,
    AskService,
    AskPlannedVisit,
    AskVisit,
    MoveVisit,
    AskPaymentDeeds,
    AskAppointmentDeeds,
    AskRevocations,
)
