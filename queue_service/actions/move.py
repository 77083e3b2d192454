"""The moves between a visit's arrival and its end, and how it ends."""

from chassis import revision
from chassis.errors import Conflict
from chassis.outbox import stage
from chassis.transaction import Transaction
from contracts.shapes import VisitStatus
from queue_service import events, rules
from queue_service.actions.step import (
    Wish,
    check_caller,
    conclude,
    follow,
    into_line,
    locked,
    refuse_second,
    step,
    taken_up,
    to_the_end,
)
from queue_service.queries import catalogue, visits
from queue_service.rules import Move
from queue_service.tables import Visit


async def call(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Call a patient who waits; raises `Conflict` when somebody else was quicker, or the patient has left."""
    row = await taken_up(change, visit_id, wish)
    follow(row, Move.CALL, wish)
    row.called_time, row.position = change.now, None
    await conclude(change, row)
    return row


async def call_next(change: Transaction, clinic_id: int, doctor_id: int, wish: Wish) -> Visit:
    """Call the first in the doctor's line; raises `Conflict` when nobody waits.

    Chosen under the clinic's lock: two who call at once get two patients.
    """
    check_caller(clinic_id, doctor_id, wish.caller)
    await revision.advance(change, clinic_id)
    today = await catalogue.today(change.session, clinic_id, change.now)
    row = await visits.next_waiting(change.session, clinic_id, doctor_id, today)
    if row is None:
        raise Conflict("Nobody is waiting for this doctor")
    follow(row, Move.CALL, wish)
    row.called_time, row.position = change.now, None
    await conclude(change, row)
    return row


async def recall(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Call again who was called and has not come."""
    row = await taken_up(change, visit_id, wish)
    follow(row, Move.RECALL, wish)
    row.called_time = change.now
    await conclude(change, row)
    return row


async def requeue(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Let who was called wait again, behind those who wait now: the next call reaches somebody else."""
    row = await taken_up(change, visit_id, wish)
    follow(row, Move.REQUEUE, wish)
    await to_the_end(change, row)
    await into_line(change, row)
    await conclude(change, row)
    return row


async def start(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Let the patient be with the doctor; raises `Conflict` while the doctor's seats are taken."""
    row = await taken_up(change, visit_id, wish)
    # Read before the step is taken: a refusal shows the visit as it is.
    others = await visits.with_doctor(change.session, row.doctor_id, row.day)
    taken = {visit.seat for visit in others}
    free = next((seat for seat in range(1, wish.seats + 1) if seat not in taken), None)
    if free is None and rules.next_status(VisitStatus(row.status), Move.START):
        raise Conflict(
            "The doctor has a patient already; complete that visit, or move it back",
            visit=events.visit(row),
            in_progress=events.visit(others[0]),
        )
    follow(row, Move.START, wish)
    row.seat, row.start_time, row.position = free, change.now, None
    await conclude(change, row, wish)
    doctor_user_id = await catalogue.doctor_user_id(change.session, row.doctor_id)
    stage(change, events.current_appointment_available(row, doctor_user_id), version=row.version)
    return row


async def complete(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """End the consultation; raises `Forbidden` for whoever is neither its doctor nor an admin."""
    row = await taken_up(change, visit_id, wish)
    follow(row, Move.COMPLETE, wish)
    row.end_time, row.seat = change.now, None
    await conclude(change, row, wish)
    return row


async def move_back(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Let who is with the doctor wait again, at the place they had."""
    row = await taken_up(change, visit_id, wish)
    follow(row, Move.MOVE_BACK, wish)
    row.start_time = None
    await into_line(change, row)
    await conclude(change, row, wish)
    return row


async def cancel(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Cancel a visit that has not begun."""
    return await _end(change, visit_id, Move.CANCEL, wish)


async def skip(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Count a patient as a no-show."""
    return await _end(change, visit_id, Move.SKIP, wish)


async def reinstate(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Let a patient who was missed, or has been seen, wait again on the same day."""
    row = await taken_up(change, visit_id, wish)
    today = await catalogue.today(change.session, row.clinic_id, change.now)
    if row.status in (VisitStatus.NO_SHOW, VisitStatus.COMPLETED) and row.day != today:
        raise Conflict(
            f"This visit was on {row.day}; a patient is reinstated on the same day only",
            visit=events.visit(row),
        )
    await refuse_second(change, row)
    follow(row, Move.REINSTATE, wish)
    row.check_in_time = row.check_in_time or change.now
    row.rank = rules.rank_at(change.now)
    row.called_time = row.start_time = row.end_time = None
    await into_line(change, row)
    await conclude(change, row, wish)
    return row


async def cancel_with_appointment(change: Transaction, appointment_id: int) -> None:
    """Cancel what an appointment planned, if that has not begun: no visit outlives its appointment."""
    known = await visits.of_appointment(change.session, appointment_id)
    if known is None:
        return
    row = await locked(change, known)
    if rules.next_status(VisitStatus(row.status), Move.CANCEL) is None:
        return
    step(row, Move.CANCEL)
    await _ended(change, row, "The appointment was cancelled")


async def _end(change: Transaction, visit_id: int, move: Move, wish: Wish) -> Visit:
    row = await taken_up(change, visit_id, wish)
    follow(row, move, wish)
    await _ended(change, row, wish.reason)
    return row


async def _ended(change: Transaction, row: Visit, reason: str | None) -> None:
    row.position = None
    # The visit's own event first, then what every change of status says.
    stage(change, events.visit_cancelled(row, reason), version=row.version)
    await conclude(change, row)
