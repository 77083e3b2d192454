"""The issuer's public keys: fetched from its JWKS, remembered, and fetched again when they are others."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import jwt
import structlog

from chassis.errors import Unavailable

log = structlog.get_logger()

ALGORITHMS = ("RS256", "ES256", "EdDSA")

LIFESPAN = timedelta(minutes=5)
"""How long keys count before they are fetched again: a withdrawn one opens nothing after that."""

PAUSE = timedelta(seconds=1)
"""Between two fetches: whoever sends tokens of keys that don't exist must not flood the issuer."""

TIMEOUT = 5.0
"""Seconds an issuer has to answer."""


class PublishedKeys:
    """The keys that the issuer publishes now, or the last ones known while it can't be reached."""

    algorithms: tuple[str, ...] = ALGORITHMS

    def __init__(self, url: str) -> None:
        self._client = jwt.PyJWKClient(url, cache_jwk_set=False, timeout=TIMEOUT)
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._unreachable = False

    def at_hand(self, now: datetime) -> object | None:
        """The keys as they were fetched last, None once that is too long ago."""
        fresh = self._fetched_at is not None and now - self._fetched_at < LIFESPAN
        return self._keys if fresh else None

    async def prepare(self, token: str, now: datetime) -> None:
        """Fetch the keys where those known are old, or not this token's.

        Raises `Unavailable` while the issuer can't be reached and the token's key is not known.
        """
        known = self._find(token) is not None
        if known and self.at_hand(now) is not None:
            return
        if self._fetching is None and (self._tried_at is None or now - self._tried_at >= PAUSE):
            self._tried_at = now
            self._fetching = asyncio.create_task(self._fetch(now))
        # An issuer that was away a moment ago keeps nobody waiting whose key is known.
        if self._fetching is not None and not (known and self._unreachable):
            await asyncio.shield(self._fetching)
        if self._unreachable and self._find(token) is None:
            raise Unavailable("The issuer's keys can't be fetched right now; try again in a moment")

    def key_for(self, token: str) -> jwt.PyJWK:
        """The published key that the token names, or the only one there is; raises `jwt.PyJWTError`."""
        found = self._find(token)
        if found is None:
            raise jwt.InvalidKeyError("no published key is this token's")
        return found

    def _find(self, token: str) -> jwt.PyJWK | None:
        try:
            name = jwt.get_unverified_header(token).get("kid")
        except (jwt.PyJWTError, UnicodeError):
            return None
        if name is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(name)

    async def _fetch(self, now: datetime) -> None:
        try:
            published = jwt.PyJWKSet.from_dict(await asyncio.to_thread(self._client.fetch_data))
            self._keys = {key.key_id: key for key in published.keys if key.public_key_use in (None, "sig")}
            self._fetched_at = now
            self._unreachable = False
        except (jwt.PyJWTError, LookupError, ValueError, TypeError, OSError) as error:
            # What is known goes on counting: the issuer being away must not close the clinic.
            self._unreachable = True
            log.warning("jwks_unreachable", reason=type(error).__name__, keys_known=len(self._keys))
        finally:
            self._fetching = None
