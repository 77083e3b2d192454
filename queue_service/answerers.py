"""What queue_service answers to other services."""

from chassis.questions import Answerers
from chassis.service import Service
from contracts.questions import AskVisit, KnownVisit, MoveVisit
from contracts.shapes import VisitStatus
from queue_service import events, known
from queue_service.actions import moves
from queue_service.actions.step import Wish
from queue_service.queries import visits
from queue_service.seats import seats


def answerers(service: Service) -> Answerers:
    """The answers of this running service."""

    async def visit(question: AskVisit) -> KnownVisit:
        async with service.database.reading() as session:
            return KnownVisit(visit=events.visit(await visits.visit(session, question.visit_id)))

    async def move(question: MoveVisit) -> KnownVisit:
        find = known.arriving if question.to is VisitStatus.WAITING else known.visit
        row = await find(service, appointment_id=question.appointment_id)
        wish = Wish(
            question.caller,
            reason=question.reason,
            notes=question.notes,
            seats=seats(service),
            # The change is one of an appointment's status: the reception's board follows (http.md).
            shows_phases=True,
        )
        async with service.database.transaction(service.now(), question.caller.sub) as change:
            if question.to is VisitStatus.WAITING:
                moved = await moves.to_clinic(change, row.id, wish)
            else:
                moved = await moves.to_status(change, row.id, question.to, wish)
            return KnownVisit(visit=events.visit(moved))

    return {AskVisit: visit, MoveVisit: move}
