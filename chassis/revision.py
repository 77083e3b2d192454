"""The revision of a scope: dense, one step a change; taking it puts the scope's changes in one order."""

from collections.abc import Mapping

from sqlalchemy import ScalarSelect, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.bookkeeping import REVISION
from chassis.statement import Statement
from chassis.transaction import Transaction
from chassis.upsert import inserting

_OF = REVISION.c.scope == bindparam("of")
_STEP = Statement(
    lambda _: (
        update(REVISION).where(_OF).values(revision=REVISION.c.revision + 1).returning(REVISION.c.revision)
    )
)
_FIRST = Statement(inserting(REVISION, lambda insert: insert.on_conflict_do_nothing()), ("scope", "revision"))
_CURRENT = Statement(lambda _: select(REVISION.c.revision).where(_OF))
_HELD = Statement(lambda _: select(REVISION.c.revision).where(_OF).with_for_update())


async def advance(change: Transaction, scope: int) -> int:
    """Lock the scope's row and take its next revision; do it before reading what the change depends on.

    The lock is held until the commit, so the order of revisions is the order of commits and of events.
    """
    if scope in change.revisions:
        return change.revisions[scope]
    taken = await _STEP.value(change.session, {"of": scope})
    if taken is None:
        # The first change ever of this scope; two at once meet in the conflict and then in the row's lock.
        await _FIRST.run(change.session, {"scope": scope, "revision": 0})
        taken = await _STEP.value(change.session, {"of": scope})
    change.revisions[scope] = int(taken)
    return change.revisions[scope]


async def advance_found(change: Transaction, statement: Statement, given: Mapping[str, int]) -> None:
    """As `advance`, of the scope that a statement of `stepping` finds; of none where there is none yet."""
    for scope, taken in await statement.rows(change.session, given):
        change.revisions[scope] = taken


def stepping(scope: ScalarSelect[int]) -> Statement:
    """The statement that takes the next revision of the scope that this one finds."""
    step = update(REVISION).where(REVISION.c.scope == scope).values(revision=REVISION.c.revision + 1)
    return Statement(lambda _: step.returning(REVISION.c.scope, REVISION.c.revision))


async def current(session: AsyncSession, scope: int) -> int:
    """The scope's revision now; 0 when nothing has changed in it yet."""
    return int(await _CURRENT.value(session, {"of": scope}) or 0)


async def hold(change: Transaction, scope: int) -> int:
    """Lock the scope's row and leave its revision as it is: for pictures of what is there already."""
    change.revisions[scope] = int(await _HELD.value(change.session, {"of": scope}) or 0)
    return change.revisions[scope]
