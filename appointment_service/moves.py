"""How an appointment gets another status: its visit's owner decides first, and in the caller's name."""

from appointment_service.actions import appointments
from appointment_service.actions.hold import hold
from chassis.command import Command
from chassis.errors import Refusal, Unavailable
from chassis.service import Service
from contracts.questions import KnownVisit, MoveVisit
from contracts.shapes import Visit, VisitStatus


async def move_visit(
    service: Service,
    command: Command,
    appointment_id: int,
    to: VisitStatus,
    reason: str | None = None,
    notes: str | None = None,
) -> Visit:
    """The appointment's visit after its move; raises the queue's refusal, or `Unavailable`."""
    question = MoveVisit(
        appointment_id=appointment_id, to=to, reason=reason, notes=notes, caller=command.caller
    )
    return (await service.ask(question, KnownVisit)).visit


async def cancel_visit(service: Service, command: Command, appointment_id: int, reason: str | None) -> Visit:
    """The appointment's visit after its cancellation; raises as `move_visit` does.

    The wish is written down first: the visit's event may be here before the answer, and is then told as the
    desk's cancellation. A refusal takes it back; when nobody answers it stays, for the queue may have heard.
    """
    async with service.database.transaction(command.now, command.caller.sub) as change:
        await appointments.ask_to_cancel(change, await hold(change, appointment_id))
    try:
        return await move_visit(service, command, appointment_id, VisitStatus.CANCELLED, reason)
    except Unavailable:
        raise
    except Refusal:
        async with service.database.transaction(service.now(), command.caller.sub) as change:
            await appointments.withdraw_cancel(change, appointment_id)
        raise
