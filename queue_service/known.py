"""What a change refers to: known here as a replica, else asked of its owner and kept.

Each raises `NotFound` when nobody knows it, and `Unavailable` when its owner can't be asked.
"""

from chassis import revision
from chassis.replicas import find, known
from chassis.service import Service
from contracts import questions
from contracts.shapes import Clinic, Doctor, PatientCard
from contracts.shapes import Service as Offered
from queue_service import replicas, tables
from queue_service.actions import arrive
from queue_service.queries import visits
from queue_service.rules import day_of
from queue_service.tables import Visit


async def patient(service: Service, patient_id: int) -> PatientCard:
    """The patient's card."""
    here = await known(service.database, tables.KnownPatient, patient_id, PatientCard)
    if here is not None:
        return here
    asked = questions.AskPatient(patient_id=patient_id)
    answer = await service.ask(asked, questions.KnownPatient)
    async with service.database.transaction(service.now(), "replica") as change:
        await replicas.keep_patient(change, answer.patient, answer.version)
    return answer.patient


async def clinic(service: Service, clinic_id: int) -> Clinic:
    """The clinic."""
    here = await known(service.database, tables.KnownClinic, clinic_id, Clinic)
    if here is not None:
        return here
    answer = await service.ask(questions.AskClinic(clinic_id=clinic_id), questions.KnownClinic)
    async with service.database.transaction(service.now(), "replica") as change:
        await replicas.keep_clinic(change, answer.clinic, answer.version)
    return answer.clinic


async def doctor(service: Service, doctor_id: int) -> Doctor:
    """The doctor."""
    here = await known(service.database, tables.KnownDoctor, doctor_id, Doctor)
    if here is not None:
        return here
    answer = await service.ask(questions.AskDoctor(doctor_id=doctor_id), questions.KnownDoctor)
    async with service.database.transaction(service.now(), "replica") as change:
        await replicas.keep_doctor(change, answer.doctor, answer.version)
    return answer.doctor


async def offered(service: Service, service_id: int) -> Offered:
    """The service that a clinic offers."""
    here = await known(service.database, tables.KnownService, service_id, Offered)
    if here is not None:
        return here
    answer = await service.ask(questions.AskService(service_id=service_id), questions.KnownService)
    async with service.database.transaction(service.now(), "replica") as change:
        await replicas.keep_service(change, answer.service, answer.version)
    return answer.service


async def of_walk_in(
    service: Service, clinic_id: int, doctor_id: int, service_id: int, patient_id: int
) -> tuple[Clinic, Doctor, Offered, PatientCard]:
    """All that a walk-in names, as it is known here, which it nearly always is."""
    # Four looks on one connection: they need not be of one moment.
    async with service.database.looking() as session:
        there = await find(session, tables.KnownClinic, clinic_id, Clinic)
        who = await find(session, tables.KnownDoctor, doctor_id, Doctor)
        what = await find(session, tables.KnownService, service_id, Offered)
        whom = await find(session, tables.KnownPatient, patient_id, PatientCard)
    return (
        there or await clinic(service, clinic_id),
        who or await doctor(service, doctor_id),
        what or await offered(service, service_id),
        whom or await patient(service, patient_id),
    )


async def visit(service: Service, *, visit_id: int | None = None, appointment_id: int | None = None) -> Visit:
    """The visit, by its own id or its appointment's; one that was planned a moment ago is taken up."""
    async with service.database.reading() as session:
        if visit_id is not None:
            here = await visits.find(session, visit_id)
        else:
            here = await visits.of_appointment(session, appointment_id or 0)
    if here is not None:
        return here
    asked = questions.AskPlannedVisit(appointment_id=appointment_id, visit_id=visit_id)
    answer = await service.ask(asked, questions.PlannedVisit)
    zone = (await clinic(service, answer.visit.clinic_id)).time_zone
    booked = answer.appointment.start_time
    async with service.database.transaction(service.now(), "replica") as change:
        # The clinic's lock first, as the consumer takes it: it is likely planning this very visit.
        await revision.advance(change, answer.visit.clinic_id)
        await replicas.keep_appointment(change, answer.appointment, answer.version)
        return await arrive.plan(change, answer.visit, booked, day_of(booked, zone))


async def arriving(
    service: Service, *, visit_id: int | None = None, appointment_id: int | None = None
) -> Visit:
    """The visit of somebody who may be checked in now: that is told with the patient's card."""
    row = await visit(service, visit_id=visit_id, appointment_id=appointment_id)
    await patient(service, row.patient_id)
    return row
