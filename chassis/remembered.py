"""Tokens that were verified, remembered for as long as they count: each signature is looked at once."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import islice

from contracts.identity import Identity

LEEWAY = 10
"""Seconds that clocks may differ by (design: at most 10)."""

REMEMBERED = 20_000
"""How many: a storm of reconnects, and whoever asks again and again, cost no signatures."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a token with a good signature says, and from when on it counts (`nbf`, in seconds of 1970)."""

    bearer: Identity
    not_before: float

    def ended(self, now: datetime) -> bool:
        """Whether the token has expired."""
        return (now - self.bearer.expires_at).total_seconds() > LEEWAY

    def counts(self, now: datetime) -> bool:
        """Whether the token counts at this time."""
        return not (self.ended(now) or self.not_before > now.timestamp() + LEEWAY)


class Remembered:
    """What was verified by the keys that count now; `keys` is another object once they are others."""

    def __init__(self) -> None:
        self._keys: object = None
        self._verified: dict[bytes, Verified] = {}
        """By the token's digest: the tokens themselves are nowhere to be read."""

    def find(self, token: str, keys: object) -> Verified | None:
        """What is known of this token, all of it: another signature is another token."""
        return self._verified.get(_digest(token)) if keys is self._keys else None

    def keep(self, token: str, verified: Verified, keys: object, now: datetime) -> None:
        """Remember what was verified by these keys; what was by others is verified again."""
        if keys is not self._keys:
            self._keys = keys
            self._verified.clear()
        # Two at most for each one that comes, in turn: what lasts for weeks must not hide what has ended.
        for digest in tuple(islice(self._verified, 2)):
            looked_at = self._verified.pop(digest)
            if not looked_at.ended(now) and len(self._verified) < REMEMBERED - 1:
                self._verified[digest] = looked_at
        self._verified[_digest(token)] = verified


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="surrogatepass")).digest()
