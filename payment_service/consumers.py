"""What payment_service keeps of the others, and what it does about it: a payment follows its visit."""

from chassis.consumers import Delivery, Handlers
from chassis.transaction import Transaction
from contracts.appointments import AppointmentCancelled, AppointmentCreated, AppointmentUpdated
from contracts.catalogue import ClinicChanged, DoctorChanged, ServiceChanged
from contracts.patients import PatientCreated, PatientDeleted, PatientUpdated
from contracts.queue import VisitStatusChanged, WalkinAdded
from payment_service import actions, rules


async def follow_booking(change: Transaction, event: AppointmentCreated, delivery: Delivery) -> None:
    """Bill the planned visit."""
    await actions.follow_plan(change, event.appointment, event.visit, delivery.version)


async def follow_appointment(
    change: Transaction, event: AppointmentUpdated | AppointmentCancelled, delivery: Delivery
) -> None:
    """Move the bill with its appointment."""
    if event.appointment.visit is not None:
        await actions.follow_plan(change, event.appointment, event.appointment.visit, delivery.version)


async def follow_visit(change: Transaction, event: VisitStatusChanged | WalkinAdded, _: Delivery) -> None:
    """Bill a walk-in; void the bill of a visit that does not take place."""
    await actions.follow(change, event.visit, rules.version_of(event.visit))


async def keep_clinic(change: Transaction, event: ClinicChanged, delivery: Delivery) -> None:
    """Remember the clinic as it is now."""
    await actions.learn_clinic(change, event.clinic, delivery.version)


async def keep_doctor(change: Transaction, event: DoctorChanged, delivery: Delivery) -> None:
    """Remember the doctor, and their share, as it is now."""
    await actions.learn_doctor(change, event.doctor, delivery.version)


async def keep_service(change: Transaction, event: ServiceChanged, delivery: Delivery) -> None:
    """Remember the service, and its price, as it is now."""
    await actions.learn_price(change, event.service, delivery.version)


async def keep_patient(
    change: Transaction, event: PatientCreated | PatientUpdated, delivery: Delivery
) -> None:
    """Remember the patient's card as it is now."""
    await actions.learn_patient(change, event.patient, delivery.version)


async def forget_patient(change: Transaction, event: PatientDeleted, _: Delivery) -> None:
    """Forget who the patient was."""
    await actions.forget_patient(change, event.patient_id)


HANDLERS: Handlers = {
    AppointmentCreated: follow_booking,
    AppointmentUpdated: follow_appointment,
    AppointmentCancelled: follow_appointment,
    WalkinAdded: follow_visit,
    VisitStatusChanged: follow_visit,
    ClinicChanged: keep_clinic,
    DoctorChanged: keep_doctor,
    ServiceChanged: keep_service,
    PatientCreated: keep_patient,
    PatientUpdated: keep_patient,
    PatientDeleted: forget_patient,
}
