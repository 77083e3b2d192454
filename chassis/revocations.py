"""Tokens that are refused before they expire, as every process remembers them."""

from datetime import datetime

from nats.aio.client import Client

from chassis import direct
from contracts.identity import Identity
from contracts.stream import REVOKED
from contracts.tokens import TokenRevoked


class Revocations:
    """What was revoked and has not expired by itself; asked on every request, so kept in memory."""

    def __init__(self) -> None:
        self._by_jti: dict[str, TokenRevoked] = {}
        self._by_sub: dict[str, TokenRevoked] = {}

    def add(self, revoked: TokenRevoked, now: datetime) -> None:
        """Refuse these tokens from now on, and forget what has expired."""
        for known in (self._by_jti, self._by_sub):
            for key in [key for key, old in known.items() if old.expires_at < now]:
                del known[key]
        if revoked.jti is not None:
            self._by_jti[revoked.jti] = revoked
        if revoked.sub is not None:
            before = self._by_sub.get(revoked.sub)
            if before is None or before.revoked_at < revoked.revoked_at:
                self._by_sub[revoked.sub] = revoked

    def refuses(self, identity: Identity) -> bool:
        """Whether this bearer's token was revoked: by its own id, or with all of the subject's until then."""
        if identity.jti is not None and identity.jti in self._by_jti:
            return True
        of_subject = self._by_sub.get(identity.sub)
        if of_subject is None:
            return False
        # A token that does not say when it was issued could be an old one.
        return identity.issued_at is None or identity.issued_at <= of_subject.revoked_at


async def kept(connection: Client) -> list[TokenRevoked]:
    """Every revocation that the broker keeps, also while their owner is away.

    Raises a nats error or TimeoutError when it does not answer.
    """
    found: list[TokenRevoked] = []
    start, more = 1, True
    while more:
        messages, more = await direct.get(connection, REVOKED, TokenRevoked.pattern(), start)
        found += [TokenRevoked.model_validate_json(message.data) for message in messages]
        if messages:
            start = int((messages[-1].headers or {})[direct.SEQUENCE]) + 1
    return found
