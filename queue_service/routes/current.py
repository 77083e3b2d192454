"""Who is with the calling doctor."""

from fastapi import APIRouter, Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access import Caller
from chassis.command import Commanded
from chassis.errors import Conflict, Forbidden, NotFound, Unavailable
from chassis.replicas import find
from chassis.reply import Reply
from chassis.service import Service, Serving
from chassis.transaction import Transaction
from contracts.identity import Identity
from contracts.questions import AskMedicalHistory, MedicalHistory
from contracts.shapes import Appointment, AppointmentStatus, Clinic, Doctor, PatientCard, VisitStatus
from contracts.shapes import Service as Offered
from queue_service import events, shapes, tables
from queue_service.actions import move
from queue_service.queries import catalogue, lists, visits
from queue_service.routes.moving import wish
from queue_service.routes.reading import only_doctor
from queue_service.tables import Visit

router = APIRouter(tags=["current"])


@router.get("/appointments/current", response_model=shapes.CurrentAppointment)
async def current(serving: Serving, caller: Caller) -> Response:
    """The visit in progress of the calling doctor, and what is known of the patient."""
    row = await _in_progress(serving, caller)
    if row is None:
        return Reply(shapes.CurrentAppointment(has_appointment=False)).response()
    patient = await _patient(serving, row.patient_id)
    async with serving.database.reading() as session:
        began = row.start_time or row.created_at
        earlier = await visits.earlier(session, row.patient_id, row.doctor_id, began)
        appointments = await lists.appointments_of_patient(
            session, row.patient_id, row.doctor_id, row.planned_time or began
        )
        answer = shapes.CurrentAppointment(
            has_appointment=True,
            visit=_noted(row),
            appointment=await _appointment(session, row),
            patient=patient,
            service=await find(session, tables.KnownService, row.service_id, Offered),
            clinic=await find(session, tables.KnownClinic, row.clinic_id, Clinic),
            doctor=await find(session, tables.KnownDoctor, row.doctor_id, Doctor),
            is_first_visit=not earlier,
            visit_count=len(earlier) + 1,
            previous_visits=tuple(_noted(visit) for visit in earlier),
            previous_appointments=appointments,
        )
    return Reply(answer).response()


@router.post("/appointments/current/complete", response_model=shapes.CurrentCompleted)
async def complete(command: Commanded, serving: Serving, given: shapes.Notes | None = None) -> Response:
    """End the consultation that the calling doctor is in."""
    row = await _in_progress(serving, command.caller)
    if row is None:
        raise Conflict("Nobody is with you now; start a consultation first")
    visit_id = row.id
    wanted = wish(serving, command, notes=given.notes if given else None)

    async def change(transaction: Transaction) -> Reply:
        done = await move.complete(transaction, visit_id, wanted)
        answer = shapes.CurrentCompleted(
            message="The consultation is completed",
            appointment=await _appointment(transaction.session, done),
            visit=events.visit(done),
        )
        return Reply(answer)

    return await command.run(change)


def _noted(row: Visit) -> shapes.NotedVisit:
    return shapes.NotedVisit(**events.visit(row).model_dump(), notes=row.notes)


async def _in_progress(serving: Service, caller: Identity) -> Visit | None:
    doctor_id = only_doctor(caller)
    if doctor_id is None:
        raise Forbidden("Only a doctor has a current patient")
    async with serving.database.reading() as session:
        doctor = await session.get(tables.KnownDoctor, doctor_id)
        if doctor is None:
            return None
        today = await catalogue.today(session, doctor.clinic_id, serving.now())
        there = await visits.with_doctor(session, doctor_id, today)
    return max(there, key=lambda visit: visit.start_time or visit.created_at, default=None)


async def _appointment(session: AsyncSession, row: Visit) -> Appointment | None:
    if row.appointment_id is None:
        return None
    known = await find(session, tables.KnownAppointment, row.appointment_id, Appointment)
    if known is None:
        return None
    # What its own service is about to say: an appointment's status follows its visit's (http.md).
    done = row.status == VisitStatus.COMPLETED
    status = AppointmentStatus.COMPLETED if done else AppointmentStatus.CHECKED_IN
    return known.model_copy(update={"visit": events.visit(row), "status": status})


async def _patient(serving: Service, patient_id: int) -> shapes.PatientWithHistory | None:
    async with serving.database.reading() as session:
        card = await find(session, tables.KnownPatient, patient_id, PatientCard)
    if card is None:
        return None
    # Asked with no session held: what another service takes its time for must not keep readers waiting.
    try:
        answer = await serving.ask(AskMedicalHistory(patient_id=card.id), MedicalHistory)
        history = answer.medical_history
    except (Unavailable, NotFound):
        # The rest of the page is worth showing without it (http.md).
        history = None
    return shapes.PatientWithHistory(**card.model_dump(), medical_history=history)
