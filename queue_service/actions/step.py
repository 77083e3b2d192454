"""What every move of a visit has in common: the clinic's lock, the guards, and what is said afterwards."""

from dataclasses import dataclass

from chassis import revision
from chassis.errors import Conflict, Forbidden, Stale
from chassis.outbox import stage
from chassis.transaction import Transaction
from contracts.identity import Identity, Role
from contracts.shapes import VisitStatus
from queue_service import events, rules
from queue_service.queries import marks, visits
from queue_service.tables import Visit

_DONE = {
    VisitStatus.SCHEDULED: "has not been checked in yet",
    VisitStatus.WAITING: "is waiting",
    VisitStatus.CALLED: "has been called already",
    VisitStatus.IN_PROGRESS: "is with the doctor",
    VisitStatus.COMPLETED: "has been completed",
    VisitStatus.CANCELLED: "was cancelled",
    VisitStatus.NO_SHOW: "did not show up",
}


@dataclass(frozen=True)
class Wish:
    """Who wants a visit moved, and how.

    `expected_version` is what they have seen (None: whichever), `seats` how many patients a doctor may have
    at once, `shows_phases` whether the reception's board is to be sent as well.
    """

    caller: Identity
    expected_version: int | None = None
    reason: str | None = None
    notes: str | None = None
    seats: int = 1
    shows_phases: bool = False


async def taken_up(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """The visit, its clinic locked, the caller's right to it and the version seen checked.

    Raises `NotFound`, `Forbidden` and `Stale`.
    """
    if not change.revisions:
        await visits.lock_clinic(change, visit_id)
    row = await locked(change, await visits.visit(change.session, visit_id))
    check_caller(row.clinic_id, row.doctor_id, wish.caller)
    if wish.expected_version is not None and wish.expected_version != row.version:
        raise Stale(
            "This visit has changed since you saw it; look at it as it is now and repeat",
            visit=events.visit(row),
        )
    return row


async def locked(change: Transaction, row: Visit) -> Visit:
    """The visit as it is once its clinic is locked; it may have been moved to another one meanwhile."""
    while row.clinic_id not in change.revisions:
        await revision.advance(change, row.clinic_id)
        row = await visits.visit(change.session, row.id)
    return row


def check_caller(clinic_id: int, doctor_id: int, caller: Identity) -> None:
    """Raise `Forbidden` unless the visit is in the caller's clinic, and a doctor's own."""
    if not caller.works_in(clinic_id):
        raise Forbidden("This visit is in a clinic that is not yours")
    if caller.role is Role.DOCTOR and caller.doctor_id != doctor_id:
        raise Forbidden("This visit is another doctor's")


def follow(row: Visit, move: rules.Move, wish: Wish) -> None:
    """Take the step in the row; raises `Forbidden` when it is not the caller's to take.

    Raises `Conflict`, with the visit as it is, when the step is not from here.
    """
    if wish.caller.role not in rules.MOVERS[move]:
        raise Forbidden(f"A {wish.caller.role} may not {move} a visit")
    step(row, move)
    row.notes = wish.notes or row.notes


def step(row: Visit, move: rules.Move) -> None:
    """Take the step in the row, whoever asks; raises `Conflict` when it is not from here."""
    target = rules.next_status(VisitStatus(row.status), move)
    if target is None:
        raise Conflict(
            f"You can't {move} this visit: the patient {_DONE[VisitStatus(row.status)]}",
            visit=events.visit(row),
        )
    row.status = target
    row.version += 1


async def into_line(change: Transaction, row: Visit) -> None:
    """Let the visit wait: it has a ticket, a rank and a place."""
    if row.queue_number is None:
        row.queue_number = await visits.next_ticket(change.session, row.clinic_id, row.day)
    row.seat = None
    row.position = await visits.position(change.session, row)


async def to_the_end(change: Transaction, row: Visit) -> None:
    """Put the visit behind those who wait for the doctor now, whatever their priority or booked time."""
    line = await visits.line(change.session, row.clinic_id, row.day, row.doctor_id)
    last = next((place for id, place in reversed(line) if id != row.id), None)
    place = rules.place_behind(rules.Place(row.priority, rules.rank_at(change.now)), last)
    row.priority, row.rank = place.priority, place.rank


async def refuse_second(change: Transaction, row: Visit) -> None:
    """Raise `Conflict` when the patient has another visit going on with this doctor today."""
    other = await visits.active_of_patient(change.session, row.patient_id, row.doctor_id, row.day)
    if other is not None and other.id != row.id:
        raise Conflict(
            "This patient is in the doctor's queue already; use that visit", visit=events.visit(other)
        )


async def conclude(change: Transaction, row: Visit, wish: Wish | None = None) -> None:
    """Store the visit as it was moved, and say so."""
    await visits.save(change, row)
    await say(change, row, wish)


async def say(change: Transaction, row: Visit, wish: Wish | None = None) -> None:
    """Say that the visit's status is another one, and let the pictures it is in be made again."""
    stage(change, events.visit_status_changed(row), version=row.version)
    shows_phases = wish is not None and wish.shows_phases
    await marks.mark(change, row.clinic_id, [row.doctor_id], phases=shows_phases)
