"""The desk's and the doctors' commands."""

from fastapi import APIRouter, Response

from chassis.command import Command, Commanded
from chassis.errors import Forbidden, NotFound, Unprocessable
from chassis.links import leads
from chassis.reply import Reply
from chassis.service import Service, Serving
from chassis.transaction import Transaction
from contracts.shapes import Phase, VisitStatus
from queue_service import events, known, shapes
from queue_service.actions import arrive, move, moves, reorder
from queue_service.actions.arrive import WalkingIn
from queue_service.routes.leading import OF_VISIT
from queue_service.routes.moving import moved, wish

router = APIRouter(tags=["queue"])


@router.post(
    "/queue/checkin", status_code=201, response_model=shapes.TicketGiven, responses=leads(OF_VISIT, 201)
)
async def check_in(given: shapes.CheckIn, command: Commanded, serving: Serving) -> Response:
    """Check in the patient of an appointment; a second time answers 200 and the same visit."""
    return await checked_in(serving, command, given)


@router.post(
    "/queue/walkin", status_code=201, response_model=shapes.TicketGiven, responses=leads(OF_VISIT, 201)
)
async def walk_in(given: shapes.WalkIn, command: Commanded, serving: Serving) -> Response:
    """Give a ticket to a patient without an appointment."""
    return await walked_in(serving, command, given)


@router.post("/queue/call", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def call(given: shapes.Call, command: Commanded, serving: Serving) -> Response:
    """Call a patient: a given visit's, or the next one of a doctor."""
    if given.visit_id is not None:
        return await moved(
            serving, command, given.visit_id, move.call, wish(serving, command), "The patient is called"
        )
    clinic_id, doctor_id = given.clinic_id, given.doctor_id
    if clinic_id is None or doctor_id is None:
        raise Unprocessable("Give visit_id, or clinic_id and doctor_id for the next one")

    async def change(transaction: Transaction) -> Reply:
        row = await move.call_next(transaction, clinic_id, doctor_id, wish(serving, command))
        return Reply(shapes.VisitMoved(message="The next patient is called", visit=events.visit(row)))

    return await command.run(change)


@router.post("/queue/recall", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def recall(given: shapes.OfVisit, command: Commanded, serving: Serving) -> Response:
    """Call once more."""
    return await moved(
        serving,
        command,
        given.visit_id,
        move.recall,
        wish(serving, command, notes=given.notes),
        "The patient is called again",
    )


@router.post("/queue/requeue", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def requeue(given: shapes.OfVisit, command: Commanded, serving: Serving) -> Response:
    """Let who was called wait again."""
    return await moved(
        serving,
        command,
        given.visit_id,
        move.requeue,
        wish(serving, command, notes=given.notes),
        "The patient waits again",
    )


@router.post("/queue/start", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def start(given: shapes.OfVisit, command: Commanded, serving: Serving) -> Response:
    """Begin the consultation."""
    return await moved(
        serving,
        command,
        given.visit_id,
        move.start,
        wish(serving, command, notes=given.notes),
        "The consultation has begun",
    )


@router.post("/queue/complete", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def complete(given: shapes.OfVisit, command: Commanded, serving: Serving) -> Response:
    """End the consultation."""
    wanted = wish(serving, command, notes=given.notes)
    return await moved(
        serving, command, given.visit_id, move.complete, wanted, "The consultation is completed"
    )


@router.post("/queue/skip", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def skip(given: shapes.Ending, command: Commanded, serving: Serving) -> Response:
    """Count the patient as a no-show."""
    wanted = wish(serving, command, reason=given.reason or "No show")
    return await moved(
        serving, command, given.visit_id, move.skip, wanted, "The patient is marked as a no-show"
    )


@router.post("/queue/cancel", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def cancel(given: shapes.Ending, command: Commanded, serving: Serving) -> Response:
    """Cancel the visit."""
    wanted = wish(serving, command, reason=given.reason)
    return await moved(serving, command, given.visit_id, move.cancel, wanted, "The visit is cancelled")


@router.put("/queue/reorder", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def reordered(given: shapes.Reorder, command: Commanded, serving: Serving) -> Response:
    """Put a waiting patient at another place."""

    async def change(transaction: Transaction) -> Reply:
        row = await reorder.reorder(transaction, given.visit_id, given.new_position, wish(serving, command))
        message = f"The patient has place {row.position} now"
        return Reply(shapes.VisitMoved(message=message, visit=events.visit(row)))

    return await command.run(change)


@router.post("/queue/phases/move", response_model=shapes.PhaseMoved, responses=leads(OF_VISIT))
async def move_phase(given: shapes.PhaseMove, command: Commanded, serving: Serving) -> Response:
    """Move a card between the columns of the reception's board."""
    find = known.arriving if given.to_phase is Phase.WAITING else known.visit
    row = await find(serving, visit_id=given.visit_id, appointment_id=given.appointment_id)
    if given.appointment_id is not None and row.appointment_id != given.appointment_id:
        raise Unprocessable("visit_id and appointment_id name two different visits")
    wanted = wish(serving, command, notes=given.notes, shows_phases=True)

    async def change(transaction: Transaction) -> Reply:
        done = await moves.to_phase(transaction, row.id, given.from_phase, given.to_phase, wanted)
        answer = shapes.PhaseMoved(
            message=f"The patient is moved to {given.to_phase}",
            visit=events.visit(done),
            from_phase=given.from_phase,
            to_phase=given.to_phase,
            new_status=VisitStatus(done.status),
        )
        return Reply(answer)

    return await command.run(change)


async def checked_in(serving: Service, command: Command, given: shapes.CheckIn) -> Response:
    """What a check-in answers, by whichever route."""
    row = await known.arriving(serving, appointment_id=given.appointment_id)

    async def change(transaction: Transaction) -> Reply:
        done = await arrive.check_in(transaction, row.id, wish(serving, command))
        news = bool(transaction.staged)
        answer = shapes.TicketGiven(
            message="The patient is checked in" if news else "The patient was checked in already",
            visit=events.visit(done),
            queue_number=done.queue_number or 0,
        )
        return Reply(answer, 201 if news else 200)

    return await command.run(change)


async def walked_in(serving: Service, command: Command, given: shapes.WalkIn) -> Response:
    """What a walk-in answers, by whichever route."""
    # One's own clinic first: what another one has is not told.
    if not command.caller.works_in(given.clinic_id):
        raise Forbidden("This clinic is not yours")
    clinic, doctor, offered, _ = await known.of_walk_in(
        serving, given.clinic_id, given.doctor_id, given.service_id, given.patient_id
    )
    if doctor.clinic_id != clinic.id or offered.clinic_id != clinic.id:
        raise Unprocessable("The doctor and the service must be of this clinic")
    if not (clinic.is_active and doctor.is_active and offered.is_active):
        raise NotFound("The clinic, the doctor or the service is no longer active; choose another")
    coming = WalkingIn(given.patient_id, clinic.id, doctor.id, offered.id, given.priority, given.notes)

    async def change(transaction: Transaction) -> Reply:
        row = await arrive.walk_in(transaction, coming, transaction.mint(), wish(serving, command))
        answer = shapes.TicketGiven(
            message="The patient is in the queue",
            visit=events.visit(row),
            queue_number=row.queue_number or 0,
        )
        return Reply(answer, 201)

    return await command.run(change)
