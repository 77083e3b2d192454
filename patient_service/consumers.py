"""What patient_service keeps of the others: a patient's appointments and visits."""

from chassis.consumers import Delivery, Handlers
from chassis.replicas import keep
from chassis.transaction import Transaction
from contracts.appointments import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentCreated,
    AppointmentUpdated,
)
from contracts.queue import VisitStatusChanged
from patient_service.tables import KnownAppointment, KnownVisit

AppointmentEvent = AppointmentCreated | AppointmentUpdated | AppointmentCancelled | AppointmentCompleted


async def keep_appointment(change: Transaction, event: AppointmentEvent, delivery: Delivery) -> None:
    """Remember the appointment as it is now."""
    appointment = event.appointment
    await keep(
        change,
        KnownAppointment,
        appointment.id,
        delivery.version,
        # The patient is our own; a copy here would only grow stale.
        appointment.model_copy(update={"patient": None}),
        patient_id=appointment.patient_id,
        doctor_id=appointment.doctor_id,
        status=appointment.status,
        start_time=appointment.start_time,
    )


async def keep_visit(change: Transaction, event: VisitStatusChanged, delivery: Delivery) -> None:
    """Remember the visit as it is now."""
    visit = event.visit
    await keep(
        change,
        KnownVisit,
        visit.id,
        visit.version,
        visit,
        patient_id=visit.patient_id,
        doctor_id=visit.doctor_id,
        status=visit.status,
        created_at=visit.created_at,
    )


HANDLERS: Handlers = {
    AppointmentCreated: keep_appointment,
    AppointmentUpdated: keep_appointment,
    AppointmentCancelled: keep_appointment,
    AppointmentCompleted: keep_appointment,
    VisitStatusChanged: keep_visit,
}
