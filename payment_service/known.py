"""What a payment needs of the others: the replica, or their answer, which becomes the replica.

Each raises `NotFound` when the owner knows none, and `Unavailable` when it does not answer.
"""

from contextlib import AbstractAsyncContextManager, suppress

from chassis.errors import NotFound, Refusal, Unavailable
from chassis.replicas import known
from chassis.service import Service as Serving
from chassis.transaction import Transaction
from contracts.questions import (
    AskClinic,
    AskDoctor,
    AskPatient,
    AskPlannedVisit,
    AskService,
    AskVisit,
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownService,
    KnownVisit,
    PlannedVisit,
)
from contracts.shapes import Clinic, Doctor, PatientCard, Service, Visit
from payment_service import actions, rules, tables


async def visit(serving: Serving, visit_id: int) -> Visit:
    """The visit: asked of queue_service, and while it is only planned of appointment_service."""
    here = await known(serving.database, tables.KnownVisit, visit_id, Visit)
    if here is not None:
        return here
    try:
        answer = await serving.ask(AskVisit(visit_id=visit_id), KnownVisit)
    except (NotFound, Unavailable) as refusal:
        return await _planned(serving, visit_id, refusal)
    async with _keeping(serving) as change:
        await actions.follow(change, answer.visit, rules.version_of(answer.visit))
    return answer.visit


async def _planned(serving: Serving, visit_id: int, refusal: Refusal) -> Visit:
    try:
        plan = await serving.ask(AskPlannedVisit(visit_id=visit_id), PlannedVisit)
    except NotFound:
        # Not planned either; but while the queue is away, it may be a walk-in that only the queue knows.
        raise refusal from None
    async with _keeping(serving) as change:
        await actions.follow_plan(change, plan.appointment, plan.visit, plan.version)
    return plan.visit


async def service(serving: Serving, service_id: int) -> Service:
    """The service and its price; visits that waited for the price are billed."""
    here = await known(serving.database, tables.KnownService, service_id, Service)
    if here is not None:
        return here
    answer = await serving.ask(AskService(service_id=service_id), KnownService)
    async with _keeping(serving) as change:
        await actions.learn_price(change, answer.service, answer.version)
    return answer.service


async def doctor(serving: Serving, doctor_id: int) -> Doctor:
    """The doctor and their share."""
    here = await known(serving.database, tables.KnownDoctor, doctor_id, Doctor)
    if here is not None:
        return here
    answer = await serving.ask(AskDoctor(doctor_id=doctor_id), KnownDoctor)
    async with _keeping(serving) as change:
        await actions.learn_doctor(change, answer.doctor, answer.version)
    return answer.doctor


async def clinic(serving: Serving, clinic_id: int) -> Clinic:
    """The clinic."""
    here = await known(serving.database, tables.KnownClinic, clinic_id, Clinic)
    if here is not None:
        return here
    answer = await serving.ask(AskClinic(clinic_id=clinic_id), KnownClinic)
    async with _keeping(serving) as change:
        await actions.learn_clinic(change, answer.clinic, answer.version)
    return answer.clinic


async def patient(serving: Serving, patient_id: int) -> PatientCard:
    """The patient's card."""
    here = await known(serving.database, tables.KnownPatient, patient_id, PatientCard)
    if here is not None:
        return here
    answer = await serving.ask(AskPatient(patient_id=patient_id), KnownPatient)
    async with _keeping(serving) as change:
        await actions.learn_patient(change, answer.patient, answer.version)
    return answer.patient


async def concerned(serving: Serving, visit: Visit) -> None:
    """Learn who and what a visit concerns, as far as their owners answer; the rest is shown as null."""
    with suppress(NotFound, Unavailable):
        await patient(serving, visit.patient_id)
    with suppress(NotFound, Unavailable):
        await doctor(serving, visit.doctor_id)
        await clinic(serving, visit.clinic_id)
        await service(serving, visit.service_id)


def _keeping(serving: Serving) -> AbstractAsyncContextManager[Transaction]:
    return serving.database.transaction(serving.now(), "read-through")
