"""Whose token this is, and whether it still counts."""

from collections.abc import Callable
from datetime import datetime

from chassis.errors import Unauthenticated
from chassis.identity import Verifier
from chassis.revocations import Revocations
from chassis.settings import Settings
from contracts.identity import Identity

REQUIRED = "Authentication required"
INVALID = "Invalid authentication"
"""What the clients in the field know."""


class Tokens:
    """Verifies tokens, and looks at each time whether they were revoked."""

    def __init__(self, settings: Settings, revocations: Revocations, clock: Callable[[], datetime]) -> None:
        self._verifier = Verifier.configured(settings)
        self._revocations = revocations
        self._clock = clock

    async def bearer(self, token: object) -> Identity:
        """Who this token stands for; raises `Unauthenticated` in the words that old clients know.

        Raises `Unavailable` when the issuer's keys can't be had just now.
        """
        if token is None or token == "":
            raise Unauthenticated(REQUIRED)
        if not isinstance(token, str):
            raise Unauthenticated(INVALID)
        try:
            identity = await self._verifier.bearer(token, self._clock())
        except Unauthenticated as error:
            raise Unauthenticated(INVALID) from error
        if self._revocations.refuses(identity):
            raise Unauthenticated(INVALID)
        return identity
