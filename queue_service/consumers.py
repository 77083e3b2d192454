"""What queue_service does about the others' events: planned visits, replicas, and pictures made again."""

from chassis import revision
from chassis.consumers import Delivery, Handlers
from chassis.replicas import forget
from chassis.transaction import Transaction
from contracts.appointments import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentCreated,
    AppointmentUpdated,
)
from contracts.catalogue import ClinicChanged, DoctorChanged, ServiceChanged
from contracts.patients import PatientCreated, PatientDeleted, PatientUpdated
from contracts.payments import PaymentRecorded
from contracts.shapes import AppointmentStatus
from queue_service import projector, replicas
from queue_service.actions import arrive, move
from queue_service.queries import catalogue, marks, visits
from queue_service.rules import day_of
from queue_service.tables import KnownPatient


async def plan_visit(change: Transaction, event: AppointmentCreated, delivery: Delivery) -> None:
    """A booked slot is a visit to come."""
    appointment = event.appointment
    await revision.advance(change, event.clinic_id)
    await replicas.keep_appointment(change, appointment, delivery.version)
    zone = await catalogue.time_zone(change.session, event.clinic_id)
    booked = appointment.start_time
    await arrive.plan(change, event.visit, booked, day_of(booked, zone))
    await marks.mark(change, event.clinic_id, [event.doctor_id], phases=True)


async def follow_appointment(change: Transaction, event: AppointmentUpdated, delivery: Delivery) -> None:
    """A moved appointment moves its visit; a changed status is shown on the reception's board."""
    appointment = event.appointment
    await revision.advance(change, event.clinic_id)
    status_before = await catalogue.appointment_status(change.session, appointment.id)
    news = await replicas.keep_appointment(change, appointment, delivery.version)
    if news and appointment.status == AppointmentStatus.CONFIRMED:
        zone = await catalogue.time_zone(change.session, event.clinic_id)
        await arrive.replan(change, appointment, day_of(appointment.start_time, zone))
    changed = news and status_before != appointment.status
    # No news is what was read through a moment ago, and not shown yet.
    await marks.mark(change, event.clinic_id, [event.doctor_id], phases=changed)


async def drop_appointment(change: Transaction, event: AppointmentCancelled, delivery: Delivery) -> None:
    """A cancelled appointment leaves no visit waiting."""
    await revision.advance(change, event.clinic_id)
    await replicas.keep_appointment(change, event.appointment, delivery.version)
    await move.cancel_with_appointment(change, event.appointment.id)
    await marks.mark(change, event.clinic_id, [event.doctor_id], phases=True)


async def keep_completed(change: Transaction, event: AppointmentCompleted, delivery: Delivery) -> None:
    """The appointment is over; whichever of its events comes first shows that on the reception's board."""
    await revision.advance(change, event.clinic_id)
    news = await replicas.keep_appointment(change, event.appointment, delivery.version)
    await marks.mark(change, event.clinic_id, [event.doctor_id], phases=news)


async def keep_patient(
    change: Transaction, event: PatientCreated | PatientUpdated, delivery: Delivery
) -> None:
    """A patient's new name is shown wherever they wait."""
    if await replicas.keep_patient(change, event.patient, delivery.version):
        await _mark_where_shown(change, event.patient.id)


async def forget_patient(change: Transaction, event: PatientDeleted, delivery: Delivery) -> None:
    """A deleted patient's card is kept nowhere, and shown nowhere."""
    await forget(change, KnownPatient, event.patient_id)
    await _mark_where_shown(change, event.patient_id)


async def keep_clinic(change: Transaction, event: ClinicChanged, delivery: Delivery) -> None:
    """A clinic's name, room and time zone are in all its pictures."""
    if await replicas.keep_clinic(change, event.clinic, delivery.version):
        await projector.mark_all(change, event.clinic_id)


async def keep_doctor(change: Transaction, event: DoctorChanged, delivery: Delivery) -> None:
    """A doctor first named has a queue, an empty one."""
    if await replicas.keep_doctor(change, event.doctor, delivery.version):
        await revision.advance(change, event.clinic_id)
        await marks.mark(change, event.clinic_id, [event.doctor.id])


async def keep_service(change: Transaction, event: ServiceChanged, delivery: Delivery) -> None:
    """A service's name is in the pictures of all its clinic's doctors."""
    if await replicas.keep_service(change, event.service, delivery.version):
        await projector.mark_all(change, event.clinic_id)


async def keep_payment(change: Transaction, event: PaymentRecorded, delivery: Delivery) -> None:
    """What was paid is on the dashboard, and the payment's id on the reception's board."""
    news = await replicas.keep_payment(
        change,
        event.payment,
        delivery.version,
        clinic_id=event.clinic_id,
        doctor_id=event.doctor_id,
        void=event.void,
    )
    if news:
        await revision.advance(change, event.clinic_id)
        await marks.mark(change, event.clinic_id, [event.doctor_id])


async def _mark_where_shown(change: Transaction, patient_id: int) -> None:
    for clinic_id, doctors in (await visits.shown_with(change.session, patient_id)).items():
        await revision.advance(change, clinic_id)
        await marks.mark(change, clinic_id, doctors)


HANDLERS: Handlers = {
    AppointmentCreated: plan_visit,
    AppointmentUpdated: follow_appointment,
    AppointmentCancelled: drop_appointment,
    AppointmentCompleted: keep_completed,
    PatientCreated: keep_patient,
    PatientUpdated: keep_patient,
    PatientDeleted: forget_patient,
    ClinicChanged: keep_clinic,
    DoctorChanged: keep_doctor,
    ServiceChanged: keep_service,
    PaymentRecorded: keep_payment,
}
