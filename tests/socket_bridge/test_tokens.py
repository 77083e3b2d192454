"""What is remembered of a token that was verified once, and what is looked at each time."""

from datetime import datetime, timedelta

import pytest

from chassis.errors import Unauthenticated
from chassis.remembered import LEEWAY
from chassis.revocations import Revocations
from contracts.identity import Role
from contracts.tokens import TokenRevoked
from socket_bridge.settings import Settings
from socket_bridge.tokens import Tokens
from tests.parts import SECRET, token
from tests.socket_bridge.stage import now


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = now()

    def __call__(self) -> datetime:
        return self.at


def made(clock: Watch, revocations: Revocations) -> Tokens:
    """Tokens as a bridge has them."""
    return Tokens(Settings.model_validate({"jwt_secret": SECRET}), revocations, clock)


async def test_a_remembered_token_is_refused_once_it_was_revoked() -> None:
    clock, revocations = Watch(), Revocations()
    tokens, given = made(clock, revocations), token(Role.CASHIER)
    bearer = await tokens.bearer(given)
    assert await tokens.bearer(given) is bearer
    later = clock() + timedelta(days=1)
    revocation = TokenRevoked(revocation_id=1, jti=bearer.jti, sub=None, revoked_at=clock(), expires_at=later)
    revocations.add(revocation, clock())
    with pytest.raises(Unauthenticated):
        await tokens.bearer(given)


async def test_a_remembered_token_is_refused_once_it_has_expired() -> None:
    clock = Watch()
    tokens, given = made(clock, Revocations()), token(Role.CASHIER)
    bearer = await tokens.bearer(given)
    clock.at = bearer.expires_at + timedelta(seconds=LEEWAY + 1)
    with pytest.raises(Unauthenticated):
        await tokens.bearer(given)
