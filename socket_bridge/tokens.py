"""Whose token this is, and whether it still counts."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from chassis.errors import Unauthenticated
from chassis.identity import Verifier
from chassis.revocations import Revocations
from chassis.settings import Settings
from contracts.identity import Identity

REMEMBERED = 20_000
"""Tokens that were verified, kept until they expire: a storm of reconnects then costs no signatures."""

REQUIRED = "Authentication required"
INVALID = "Invalid authentication"
"""What the clients in the field know."""


class Tokens:
    """Verifies tokens, each signature once."""

    def __init__(self, settings: Settings, revocations: Revocations, clock: Callable[[], datetime]) -> None:
        self._verifier = Verifier.configured(settings)
        self._revocations = revocations
        self._clock = clock
        self._verified: dict[bytes, Identity] = {}
        """By the token's digest: the tokens themselves are nowhere to be read."""

    async def bearer(self, token: object) -> Identity:
        """Who this token stands for; raises `Unauthenticated` in the words that old clients know.

        Raises `Unavailable` when the issuer's keys can't be had just now.
        """
        if token is None or token == "":
            raise Unauthenticated(REQUIRED)
        if not isinstance(token, str):
            raise Unauthenticated(INVALID)
        digest = sha256(token.encode(errors="surrogatepass")).digest()
        identity = self._verified.get(digest)
        if identity is None or identity.expires_at <= self._clock():
            identity = await self._verify(token, digest)
        if self._revocations.refuses(identity):
            raise Unauthenticated(INVALID)
        return identity

    async def _verify(self, token: str, digest: bytes) -> Identity:
        self._verified.pop(digest, None)
        try:
            identity = await self._verifier.bearer(token, self._clock())
        except Unauthenticated as error:
            raise Unauthenticated(INVALID) from error
        self._verified[digest] = identity
        if len(self._verified) > REMEMBERED:
            del self._verified[next(iter(self._verified))]
        return identity
