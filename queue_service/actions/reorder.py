"""Another place in the line."""

from chassis.errors import Conflict
from chassis.outbox import stage
from chassis.transaction import Transaction
from contracts.shapes import VisitStatus
from queue_service import events, rules
from queue_service.actions.step import Wish, taken_up
from queue_service.queries import marks, visits
from queue_service.rules import Place
from queue_service.tables import Visit


async def reorder(change: Transaction, visit_id: int, new_position: int, wish: Wish) -> Visit:
    """Put a waiting visit at this place of its clinic's line; past the end means the last place.

    Raises `Conflict` when the visit does not wait.
    """
    row = await taken_up(change, visit_id, wish)
    if row.status != VisitStatus.WAITING:
        raise Conflict(
            "Only who waits has a place in the line; this patient does not", visit=events.visit(row)
        )
    others = [one for one in await visits.line(change.session, row.clinic_id, row.day) if one[0] != row.id]
    index = min(new_position - 1, len(others))
    place = _between(row, others, index)
    if place is None:
        others = await _spread(change, others)
        place = _between(row, others, index)
    assert place is not None  # noqa: S101  # spread ranks always leave room
    row.priority, row.rank = place.priority, place.rank
    row.position = index + 1
    row.version += 1
    await visits.save(change, row)
    stage(change, events.queue_reordered(row, row.position), version=row.version)
    # Other doctors' lines keep their own order: who is between two of them changes nothing there.
    await marks.mark(change, row.clinic_id, [row.doctor_id])
    return row


def _between(row: Visit, others: list[tuple[int, Place]], index: int) -> Place | None:
    before = others[index - 1][1] if index > 0 else None
    after = others[index][1] if index < len(others) else None
    return rules.place_between(Place(row.priority, row.rank), before, after)


async def _spread(change: Transaction, others: list[tuple[int, Place]]) -> list[tuple[int, Place]]:
    places = rules.spread([place for _, place in others])
    for (id, before), place in zip(others, places, strict=True):
        if place != before:
            moved = await visits.visit(change.session, id)
            moved.rank = place.rank
            await visits.save(change, moved)
    return [(id, place) for (id, _), place in zip(others, places, strict=True)]
