"""HTTP in and out: appointments."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from appointment_service import events, known, rules
from appointment_service.actions import appointments, times
from appointment_service.actions.hold import hold
from appointment_service.moves import cancel_visit, move_visit
from appointment_service.queries import bookings
from appointment_service.queries.bookings import Wanted
from appointment_service.queries.statistics import statistics as counted
from appointment_service.routes.admission import refuse_other_clinic
from appointment_service.shapes import appointments as shapes
from appointment_service.shapes.basics import Day, Done
from appointment_service.tables import Appointment, Booking
from chassis.access import Caller
from chassis.command import Command, Commanded
from chassis.errors import Conflict, Forbidden, Unprocessable
from chassis.links import Link, leads, to
from chassis.pages import Paged
from chassis.reply import Reply
from chassis.service import Service, Serving
from chassis.transaction import Transaction
from contracts.identity import Identity
from contracts.shapes import AppointmentStatus, Id, Visit

router = APIRouter(tags=["appointments"])

AppointmentId = Annotated[Id, Path()]
OptionalId = Annotated[Id | None, Query()]


def _of(place: str) -> dict[str, Link]:
    """Where an appointment leads whose id is there in the answer."""
    verbs = {"appointment": "GET", "change": "PUT", "cancel": "DELETE"}
    path = "/appointments/{appointment_id}"
    return {name: to(f"{verb} {path}", appointment_id=place) for name, verb in verbs.items()}


@router.post(
    "/appointments",
    status_code=201,
    response_model=shapes.AppointmentBooked,
    responses=leads(_of("appointment/id"), 201),
)
async def book(given: shapes.NewAppointment, command: Commanded, serving: Serving) -> Response:
    """Book a time for a patient."""
    refuse_other_clinic(command.caller, given.clinic_id)
    await known.patient(serving, given.patient_id)

    async def change(transaction: Transaction) -> Reply:
        booking = await appointments.book(transaction, given)
        answer = shapes.AppointmentBooked(
            message=f"The appointment is booked: {booking.row.booking_id}",
            appointment=_shown(booking),
            visit=events.visit(booking),
        )
        return Reply(answer, 201)

    return await command.run(change)


@router.put(
    "/appointments/{appointment_id}",
    response_model=shapes.AppointmentSaved,
    responses=leads(_of("appointment/id")),
)
async def update(
    appointment_id: AppointmentId, given: shapes.AppointmentChanges, command: Commanded, serving: Serving
) -> Response:
    """Change what is given of an appointment; its status as far as its visit's owner agrees."""
    if given.clinic_id is not None:
        refuse_other_clinic(command.caller, given.clinic_id)
    async with serving.database.reading() as session:
        row = await _seen(session, appointment_id, command.caller)
        moves = await times.wanted(session, row, given) != times.place_of(row)
    if not rules.may_update(command.caller, given.status, AppointmentStatus(row.status)):
        raise Forbidden(f"A {command.caller.role} may not change this about an appointment")
    visit: Visit | None = None
    if given.status is not None and given.status != row.status:
        if moves:
            raise Unprocessable("Move the appointment first, and change its status in another request")
        visit = await _decided(serving, command, row, given.status, given.reason, given.notes)

    async def change(transaction: Transaction) -> Reply:
        if visit is not None:
            await appointments.follow_visit(transaction, visit)
        held = await hold(transaction, appointment_id, given.clinic_id)
        booking = await appointments.update(transaction, held, given)
        answer = shapes.AppointmentSaved(message="The appointment is updated", appointment=_shown(booking))
        return Reply(answer)

    return await command.run(change)


@router.delete("/appointments/{appointment_id}", response_model=Done)
async def cancel(
    appointment_id: AppointmentId,
    command: Commanded,
    serving: Serving,
    given: Annotated[shapes.Cancellation | None, Body()] = None,
) -> Response:
    """Cancel an appointment and its visit."""
    async with serving.database.reading() as session:
        row = await _seen(session, appointment_id, command.caller)
    reason = None if given is None else given.reason
    visit = await _decided(serving, command, row, AppointmentStatus.CANCELLED, reason)

    async def change(transaction: Transaction) -> Reply:
        await appointments.follow_visit(transaction, visit)
        return Reply(Done(message="The appointment is cancelled"))

    return await command.run(change)


@router.get("/appointments", response_model=shapes.AppointmentList, responses=leads(_of("appointments/0/id")))
async def listed(
    serving: Serving,
    caller: Caller,
    page: Paged,
    clinic_id: OptionalId = None,
    doctor_id: OptionalId = None,
    patient_id: OptionalId = None,
    date: Annotated[Day | None, Query()] = None,
    status: Annotated[AppointmentStatus | None, Query()] = None,
) -> Response:
    """The caller's appointments, a page at a time: a day's in its order, else newest first."""
    wanted = Wanted(caller, clinic_id, doctor_id, patient_id, date, status)
    async with serving.database.reading() as session:
        rows, total = await bookings.page_of(session, wanted, page)
        found = await bookings.bookings(session, rows)
    answer = shapes.AppointmentList(
        appointments=tuple(_shown(booking) for booking in found),
        total=total,
        pages=page.pages(total),
        current_page=page.page,
        per_page=page.per_page,
    )
    return Reply(answer).response()


@router.get("/appointments/statistics", response_model=shapes.AppointmentStatistics)
async def statistics(
    serving: Serving,
    caller: Caller,
    date: Annotated[Day | None, Query()] = None,
    clinic_id: OptionalId = None,
    doctor_id: OptionalId = None,
) -> Response:
    """How many appointments the caller's clinics have."""
    wanted = Wanted(caller, clinic_id, doctor_id, date=date)
    async with serving.database.reading() as session:
        return Reply(await counted(session, wanted, serving.now())).response()


@router.get("/appointments/{appointment_id}", response_model=shapes.AppointmentFound)
async def found(appointment_id: AppointmentId, serving: Serving, caller: Caller) -> Response:
    """An appointment, with its patient's medical history for who may read it."""
    async with serving.database.reading() as session:
        booking = await bookings.booking(session, await _seen(session, appointment_id, caller))
    history = None
    if booking.patient is not None and rules.may_read_history(caller):
        history = await known.medical_history(serving, booking.patient.id)
    return Reply(shapes.AppointmentFound(appointment=_shown(booking, history))).response()


async def _seen(session: AsyncSession, appointment_id: int, caller: Identity) -> Appointment:
    row = await bookings.appointment(session, appointment_id)
    if not rules.may_see(caller, row.clinic_id, row.doctor_id):
        raise Forbidden("This appointment is another clinic's or another doctor's")
    return row


async def _decided(
    serving: Service,
    command: Command,
    row: Appointment,
    status: AppointmentStatus,
    reason: str | None = None,
    notes: str | None = None,
) -> Visit:
    try:
        if status is AppointmentStatus.CANCELLED:
            return await cancel_visit(serving, command, row.id, reason)
        if status is AppointmentStatus.CONFIRMED:
            raise Conflict("Nothing leads back to confirmed; book another appointment")
        return await move_visit(serving, command, row.id, rules.VISIT_FOR_STATUS[status], reason, notes)
    except Conflict as refused:
        async with serving.database.reading() as session:
            now = await bookings.booking(session, await bookings.appointment(session, row.id))
        raise Conflict(refused.message, appointment=_shown(now)) from refused


def _shown(booking: Booking, medical_history: str | None = None) -> shapes.Appointment:
    patient = booking.patient and shapes.Patient(
        **booking.patient.model_dump(), medical_history=medical_history
    )
    told = dict(events.appointment(booking))
    return shapes.Appointment(**told | {"patient": patient, "payment": booking.payment})
