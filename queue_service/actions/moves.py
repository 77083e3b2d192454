"""Every move by its name, for whoever knows only where a visit is to go."""

from collections.abc import Awaitable, Callable, Mapping

from chassis.errors import Conflict
from chassis.transaction import Transaction
from contracts.shapes import Phase, VisitStatus
from queue_service import events, rules
from queue_service.actions import arrive, move
from queue_service.actions.step import Wish, taken_up
from queue_service.rules import Move
from queue_service.tables import Visit

Action = Callable[[Transaction, int, Wish], Awaitable[Visit]]

ACTIONS: Mapping[Move, Action] = {
    Move.CHECK_IN: arrive.check_in,
    Move.CALL: move.call,
    Move.RECALL: move.recall,
    Move.REQUEUE: move.requeue,
    Move.START: move.start,
    Move.COMPLETE: move.complete,
    Move.MOVE_BACK: move.move_back,
    Move.CANCEL: move.cancel,
    Move.SKIP: move.skip,
    Move.REINSTATE: move.reinstate,
}


async def to_status(change: Transaction, visit_id: int, wanted: VisitStatus, wish: Wish) -> Visit:
    """Do what leads to this status; raises `Conflict` when nothing does from where the visit is."""
    row = await taken_up(change, visit_id, wish)
    leading = rules.move_to(VisitStatus(row.status), wanted)
    if leading is None:
        raise Conflict(f"A visit that is {row.status} can't become {wanted}", visit=events.visit(row))
    return await ACTIONS[leading](change, visit_id, wish)


async def to_clinic(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Let who has an appointment be here: checked in, or reinstated after all.

    Who is here already stays where they are, as on the queue's own route.
    """
    row = await taken_up(change, visit_id, wish)
    if rules.next_status(VisitStatus(row.status), Move.REINSTATE):
        return await move.reinstate(change, visit_id, wish)
    return await arrive.check_in(change, visit_id, wish)


async def to_phase(
    change: Transaction, visit_id: int, from_phase: Phase, to_phase: Phase, wish: Wish
) -> Visit:
    """Move a card between the reception's columns; raises `Conflict` when `from_phase` is not true."""
    row = await taken_up(change, visit_id, wish)
    true_phase = rules.PHASES.get(VisitStatus(row.status))
    if true_phase is not from_phase:
        raise Conflict(f"This visit is not in {from_phase}: it is {row.status}", visit=events.visit(row))
    leading = rules.PHASE_MOVES.get((from_phase, to_phase))
    if leading is None:
        raise Conflict(f"A visit can't go from {from_phase} to {to_phase}", visit=events.visit(row))
    return await ACTIONS[leading](change, visit_id, wish)
