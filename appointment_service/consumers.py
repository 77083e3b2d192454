"""What appointment_service does about the others' events."""

from appointment_service.actions import appointments
from appointment_service.tables import KnownPatient, KnownPayment
from chassis.consumers import Delivery, Handlers
from chassis.replicas import forget, keep
from chassis.transaction import Transaction
from contracts.patients import PatientCreated, PatientDeleted, PatientUpdated
from contracts.payments import PaymentRecorded
from contracts.queue import VisitStatusChanged


async def follow_visit(change: Transaction, event: VisitStatusChanged, delivery: Delivery) -> None:
    """Let the appointment follow its visit; a walk-in has none."""
    await appointments.follow_visit(change, event.visit)


async def keep_patient(
    change: Transaction, event: PatientCreated | PatientUpdated, delivery: Delivery
) -> None:
    """Remember the patient's card as it is now."""
    await keep(change, KnownPatient, event.patient.id, delivery.version, event.patient)


async def forget_patient(change: Transaction, event: PatientDeleted, delivery: Delivery) -> None:
    """Forget the patient's card."""
    await forget(change, KnownPatient, event.patient_id)


async def keep_payment(change: Transaction, event: PaymentRecorded, delivery: Delivery) -> None:
    """Remember the visit's payment as it is now."""
    payment = event.payment
    await keep(
        change,
        KnownPayment,
        payment.id,
        delivery.version,
        payment,
        visit_id=payment.visit_id,
        void=event.void,
    )


HANDLERS: Handlers = {
    VisitStatusChanged: follow_visit,
    PatientCreated: keep_patient,
    PatientUpdated: keep_patient,
    PatientDeleted: forget_patient,
    PaymentRecorded: keep_payment,
}
