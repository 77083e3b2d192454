"""How tokens are refused before they expire."""

from datetime import UTC, timedelta

from appointment_service import events, rules
from appointment_service.shapes import tokens as shapes
from appointment_service.tables import Revocation
from chassis.errors import Unprocessable
from chassis.outbox import stage
from chassis.transaction import Transaction

LONGEST_TOKEN = timedelta(days=30)
"""How long a token can be good for at most: a display's (design.md, "Identity")."""


async def revoke(change: Transaction, given: shapes.Revocation) -> Revocation:
    """Refuse a token, or all of a subject's until now, for as long as any of them could be good.

    Raises `Unprocessable` when that is over already.
    """
    until = rules.moment(given.expires_at, UTC) if given.expires_at else change.now + LONGEST_TOKEN
    if until <= change.now:
        raise Unprocessable("expires_at is over: a token that has expired needs no revocation")
    row = Revocation(id=change.mint(), jti=given.jti, sub=given.sub, revoked_at=change.now, expires_at=until)
    change.session.add(row)
    stage(change, events.token_revoked(row), version=1)
    return row
