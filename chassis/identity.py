"""A token's way to an `Identity`: verified by the configured key and algorithm, nothing else accepted."""

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

import jwt
from jwt.algorithms import HMACAlgorithm

from chassis.errors import Unauthenticated
from chassis.jwks import PublishedKeys
from chassis.remembered import Remembered, Verified
from chassis.settings import Settings
from contracts.identity import Identity, Role

SUBJECT_LIMIT = 200
"""Characters of `sub`: the outbox and the remembered answers keep it beside what its bearer did."""

KINDS = ("type", "typ", "token_use")
"""The claims by which issuers say what a token is for."""

ACCESS = frozenset({"access", "bearer", "jwt", "at+jwt"})
"""What they say there of a token that opens things; a refresh or identity token opens nothing here."""

PLACEHOLDERS = ("changeme", "change-me", "change_me", "your-", "your_", "placeholder", "default", "password")
"""Parts of secrets that stand in manuals, and therefore are none."""


class Keys(Protocol):
    """Where the key that signed a token comes from."""

    algorithms: tuple[str, ...]

    def at_hand(self, now: datetime) -> object | None:
        """What is another object once the keys are others, None while they are to be fetched first."""

    async def prepare(self, token: str, now: datetime) -> None:
        """Have this token's key at hand; raises `Unavailable` when that can't be done just now."""

    def key_for(self, token: str) -> Any:
        """The key to verify this token with; raises `jwt.PyJWTError` when there is none."""


class SharedSecret:
    """One secret for HS256, known to the issuer and to us."""

    algorithms: tuple[str, ...] = ("HS256",)

    def __init__(self, secret: str) -> None:
        encoded = base64.urlsafe_b64encode(secret.encode()).decode()
        self._key = jwt.PyJWK({"kty": "oct", "k": encoded}, "HS256")
        try:
            self._key.Algorithm.prepare_key(secret)
        except jwt.InvalidKeyError as error:
            raise ValueError("JWT_SECRET is a public key; set JWKS_URL instead") from error
        self._key.Algorithm = _Prepared(HMACAlgorithm.SHA256)

    def at_hand(self, now: datetime) -> object:
        """The secret, which is never another."""
        return self._key

    async def prepare(self, token: str, now: datetime) -> None:
        """It is at hand."""

    def key_for(self, token: str) -> jwt.PyJWK:
        """The secret, whichever token it is."""
        return self._key


class _Prepared(HMACAlgorithm):
    """HS256 with a secret that was looked at already: PyJWT would do so again for each token."""

    def prepare_key(self, key: Any) -> Any:
        """It is prepared."""
        return key


class Verifier:
    """Turns a token into the identity of its bearer."""

    def __init__(self, keys: Keys, issuer: str | None = None, audience: str | None = None) -> None:
        self._keys = keys
        self._issuer = issuer
        self._audience = audience
        self._remembered = Remembered()

    @classmethod
    def configured(cls, settings: Settings) -> "Verifier":
        """A verifier as the environment says; raises ValueError when it says neither secret nor JWKS."""
        if settings.jwks_url:
            keys: Keys = PublishedKeys(settings.jwks_url)
        elif settings.jwt_secret:
            secret = settings.jwt_secret.get_secret_value()
            weakness = _weakness(secret)
            if weakness:
                raise ValueError(f"JWT_SECRET {weakness}; make one with: openssl rand -base64 48")
            keys = SharedSecret(secret)
        else:
            raise ValueError("set JWT_SECRET (at least 32 bytes) or JWKS_URL")
        return cls(keys, settings.jwt_issuer, settings.jwt_audience)

    async def bearer(self, token: str, now: datetime) -> Identity:
        """The bearer of this token, its key fetched first where that is needed, its signature checked once.

        Raises `Unauthenticated` when it is not valid at `now`, `Unavailable` when its key can't be had.
        """
        keys = self._keys.at_hand(now)
        known = None if keys is None else self._remembered.find(token, keys)
        if known is not None and known.counts(now):
            return known.bearer
        await self._keys.prepare(token, now)
        verified = self._verify(token, now)
        keys = self._keys.at_hand(now)
        if keys is not None:
            self._remembered.keep(token, verified, keys, now)
        return verified.bearer

    def verify(self, token: str, now: datetime) -> Identity:
        """The bearer of this token by the keys at hand; raises `Unauthenticated`."""
        return self._verify(token, now).bearer

    def _verify(self, token: str, now: datetime) -> Verified:
        try:
            claims = jwt.decode(
                token,
                self._keys.key_for(token),
                algorithms=list(self._keys.algorithms),
                issuer=self._issuer,
                audience=self._audience,
                options={
                    "require": ["exp", "sub"],
                    # Checked below against the given time, which a test can set.
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "verify_aud": self._audience is not None,
                },
            )
            verified = Verified(_identity(claims), claims.get("nbf", 0))
            if not verified.counts(now):
                raise ValueError("expired, or not yet valid")
        except (jwt.PyJWTError, LookupError, ValueError, TypeError, OverflowError, OSError) as error:
            raise Unauthenticated("Invalid authentication: sign in again") from error
        return verified


def _weakness(secret: str) -> str | None:
    """What makes a secret one that others can find, None when nothing does."""
    if len(secret.encode()) < 32:
        return "is shorter than 32 bytes"
    if any(part in secret.lower() for part in PLACEHOLDERS):
        return "is an example that others know too"
    if len(set(secret)) < 10 or secret in (secret + secret)[1:-1]:
        return "repeats itself, so it can be guessed"
    return None


def _identity(claims: Mapping[str, Any]) -> Identity:
    if any(str(claims.get(kind, "access")).lower() not in ACCESS for kind in KINDS):
        raise ValueError("not an access token")
    subject = claims["sub"]
    if not (0 < len(subject) <= SUBJECT_LIMIT and subject.isprintable()):
        raise ValueError("not a subject that can be written down")
    role = Role(claims["role"])
    clinics = claims.get("clinics", [])
    if clinics != "*" and not isinstance(clinics, list):
        raise ValueError("clinics are a list of ids")
    if clinics == "*" and role is not Role.ADMIN:
        raise ValueError("only an admin belongs to every clinic")
    issued_at = claims.get("iat")
    return Identity(
        sub=subject,
        name=str(claims.get("name", "")),
        role=role,
        clinics=clinics if clinics == "*" else frozenset(clinics),
        doctor_id=claims.get("doctor_id"),
        jti=claims.get("jti"),
        issued_at=None if issued_at is None else datetime.fromtimestamp(issued_at, UTC),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )
