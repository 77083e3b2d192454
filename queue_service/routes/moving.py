"""What the routes that move a visit have in common."""

from collections.abc import Awaitable, Callable

from fastapi import Response

from chassis.command import Command
from chassis.errors import NotFound
from chassis.reply import Reply
from chassis.service import Service
from chassis.transaction import Transaction
from queue_service import events, known
from queue_service.actions.step import Wish
from queue_service.seats import seats
from queue_service.shapes import VisitMoved
from queue_service.tables import Visit

Action = Callable[[Transaction, int, Wish], Awaitable[Visit]]


def wish(
    service: Service,
    command: Command,
    *,
    reason: str | None = None,
    notes: str | None = None,
    shows_phases: bool = False,
) -> Wish:
    """What the caller of a route wants, and may know."""
    return Wish(command.caller, command.expected_version, reason, notes, seats(service), shows_phases)


async def moved(
    service: Service, command: Command, visit_id: int, action: Action, wanted: Wish, message: str
) -> Response:
    """Do the action with a visit; one that was planned a moment ago is taken up and then moved."""

    async def change(transaction: Transaction) -> Reply:
        done = await action(transaction, visit_id, wanted)
        return Reply(VisitMoved(message=message, visit=events.visit(done)))

    try:
        return await command.run(change)
    except NotFound:
        await known.visit(service, visit_id=visit_id)
        return await command.run(change)
