"""The outbox: what a change says, written in the change's own transaction and published after it."""

from sqlalchemy import bindparam, delete, insert

from chassis.bookkeeping import OUTBOX
from chassis.statement import Statement
from chassis.transaction import Staged, Transaction
from contracts.encoding import encode
from contracts.event import Event

_WRITTEN = (
    *("id", "subject", "rooms", "payload", "revision", "version", "snapshot"),
    *("actor", "about", "became", "at"),
)
_WRITE = Statement(lambda _: insert(OUTBOX), _WRITTEN)
_DROP_UNSEEN = Statement(
    lambda _: delete(OUTBOX).where(
        OUTBOX.c.subject == bindparam("replaced"),
        OUTBOX.c.snapshot,
        # Word for word the condition of the index `outbox_waiting_snapshot`.
        OUTBOX.c.published_at.is_(None),
        OUTBOX.c.refused.is_(None),
    )
)


def stage(change: Transaction, event: Event, version: int = 0, also: tuple[str, ...] = ()) -> None:
    """Say `event` when this change commits; `version` is that of the entity it is about.

    `also` names further rooms (a doctor's whom an appointment was moved away from). Raises ValueError when
    another service owns the event. Called from actions and the projector only.
    """
    if event.owner is not change.process:
        raise ValueError(f"{type(event).__name__} is published by {event.owner}, not by {change.process}")
    change.staged.append(Staged(event, version, also))


async def write_staged(change: Transaction) -> None:
    """Write the staged events, in their order, as the last statement before the commit."""
    if not change.staged:
        return
    replaced = [{"replaced": one.event.address()} for one in change.staged if one.event.snapshot]
    if replaced:
        # A snapshot nobody has seen yet is out of date: the new one, with a new id, takes its place.
        await _DROP_UNSEEN.run(change.session, *replaced)
    await _WRITE.run(change.session, *(_row(change, staged) for staged in change.staged))


def _row(change: Transaction, staged: Staged) -> dict[str, object]:
    event = staged.event
    clinic = event.clinic_number()
    return {
        "id": change.mint(),
        "subject": event.address(),
        "rooms": ",".join(dict.fromkeys((*event.audience(), *staged.also))),
        "payload": encode(event),
        "revision": None if clinic is None else change.revisions.get(clinic),
        "version": staged.version,
        "snapshot": event.snapshot,
        "actor": change.actor,
        "about": event.thing(),
        "became": event.standing(),
        "at": change.now,
    }
