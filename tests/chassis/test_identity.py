"""Whose token it is: the secret or the issuer's published keys, and nothing else."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt
import pytest

from chassis import jwks
from chassis.errors import Unauthenticated, Unavailable
from chassis.identity import Verifier
from chassis.remembered import LEEWAY
from chassis.settings import Settings
from contracts.identity import Role
from tests.builders import NOW
from tests.chassis.issuer import Issuer, issuing
from tests.parts import SECRET, token

LATER = NOW + jwks.LIFESPAN + timedelta(seconds=1)


def verifier(**settings: object) -> Verifier:
    return Verifier.configured(Settings.model_validate({"jwt_secret": SECRET} | settings))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as one:
        yield one


@pytest.mark.parametrize("algorithm", jwks.ALGORITHMS)
async def test_a_token_of_a_published_key_counts(issuer: Issuer, algorithm: str) -> None:
    issuer.add("first", algorithm)
    bearer = await verifier(jwks_url=issuer.url).bearer(issuer.token("first", NOW), NOW)
    assert (bearer.sub, bearer.role, bearer.clinics) == ("7", Role.CASHIER, frozenset({1}))


async def test_with_published_keys_the_secret_opens_nothing(issuer: Issuer) -> None:
    issuer.add("first", "RS256")
    verifying = verifier(jwks_url=issuer.url)
    claims = {"sub": "7", "role": "admin", "clinics": "*", "exp": NOW + timedelta(hours=1)}
    forged = [
        token(Role.ADMIN, now=NOW),
        jwt.encode(claims, SECRET, "HS256", headers={"kid": "first"}),
        jwt.encode(claims, "", "none", headers={"kid": "first"}),
        # The oldest trick: what everybody may read, taken for a secret.
        jwt.encode(claims, issuer.jwks()[1:-1], "HS256", headers={"kid": "first"}),
    ]
    for one in forged:
        with pytest.raises(Unauthenticated):
            await verifying.bearer(one, NOW)


async def test_a_key_of_another_kind_by_a_known_name_opens_nothing(issuer: Issuer) -> None:
    issuer.add("first", "ES256")
    verifying = verifier(jwks_url=issuer.url)
    with issuing() as stranger:
        for algorithm in jwks.ALGORITHMS:
            stranger.add("first", algorithm)
            with pytest.raises(Unauthenticated):
                await verifying.bearer(stranger.token("first", NOW), NOW)


async def test_keys_are_fetched_once_for_all_who_come_at_once(issuer: Issuer) -> None:
    issuer.add("first", "EdDSA")
    verifying = verifier(jwks_url=issuer.url)
    signed = issuer.token("first", NOW)
    await asyncio.gather(*(verifying.bearer(signed, NOW) for _ in range(50)))
    assert issuer.fetched == 1


async def test_a_new_key_counts_without_a_restart_and_a_withdrawn_one_no_longer(issuer: Issuer) -> None:
    issuer.add("first", "RS256")
    verifying = verifier(jwks_url=issuer.url)
    old = issuer.token("first", NOW)
    await verifying.bearer(old, NOW)
    issuer.add("second", "ES256")
    soon = NOW + jwks.PAUSE
    assert (await verifying.bearer(issuer.token("second", NOW), soon)).sub == "7"
    assert (await verifying.bearer(old, soon)).sub == "7"
    issuer.withdraw("first")
    with pytest.raises(Unauthenticated):
        await verifying.bearer(old, LATER)


async def test_keys_that_do_not_exist_do_not_flood_the_issuer(issuer: Issuer) -> None:
    issuer.add("first", "EdDSA")
    verifying = verifier(jwks_url=issuer.url)
    await verifying.bearer(issuer.token("first", NOW), NOW)
    issuer.add("unknown", "EdDSA")
    issuer.withdraw("unknown")
    for _ in range(100):
        with pytest.raises(Unauthenticated):
            await verifying.bearer(issuer.token("unknown", NOW), NOW + jwks.PAUSE)
    assert issuer.fetched == 2


async def test_an_issuer_that_is_away_locks_nobody_out_whose_key_is_known(issuer: Issuer) -> None:
    issuer.add("first", "EdDSA")
    verifying = verifier(jwks_url=issuer.url)
    signed = issuer.token("first", NOW)
    await verifying.bearer(signed, NOW)
    issuer.away = True
    for minutes in range(6, 60):
        assert (await verifying.bearer(signed, NOW + timedelta(minutes=minutes))).sub == "7"
    assert issuer.fetched > 1
    # Whether a key that is not known exists can't be told now.
    issuer.add("second", "EdDSA")
    with pytest.raises(Unavailable):
        await verifying.bearer(issuer.token("second", NOW), LATER + timedelta(minutes=1))
    issuer.away = False
    back = NOW + timedelta(minutes=59, seconds=30)
    assert (await verifying.bearer(issuer.token("second", NOW), back)).sub == "7"


async def test_an_issuer_that_was_never_reached_is_said_to_be_away(issuer: Issuer) -> None:
    issuer.add("first", "EdDSA")
    issuer.away = True
    verifying = verifier(jwks_url=issuer.url)
    with pytest.raises(Unavailable):
        await verifying.bearer(issuer.token("first", NOW), NOW)
    issuer.away = False
    assert (await verifying.bearer(issuer.token("first", NOW), NOW + jwks.PAUSE)).sub == "7"


@pytest.mark.parametrize(
    "claims",
    [
        {"type": "refresh"},
        {"typ": "Refresh"},
        {"typ": "ID"},
        {"token_use": "id"},
        {"type": ["access"]},
        {"type": None},
    ],
)
async def test_a_token_that_is_for_something_else_opens_nothing(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        await verifier().bearer(token(Role.ADMIN, now=NOW, **claims), NOW)


@pytest.mark.parametrize("claims", [{"type": "access"}, {"typ": "Bearer"}, {"token_use": "access"}])
async def test_a_token_that_says_it_is_for_access_counts(claims: dict[str, Any]) -> None:
    assert (await verifier().bearer(token(Role.ADMIN, now=NOW, **claims), NOW)).role is Role.ADMIN


async def test_a_token_of_another_audience_or_issuer_opens_nothing() -> None:
    verifying = verifier(jwt_audience="clinic", jwt_issuer="https://issuer.example")
    ours: dict[str, Any] = {"aud": "clinic", "iss": "https://issuer.example"}
    assert (await verifying.bearer(token(Role.ADMIN, now=NOW, **ours), NOW)).sub == "7"
    others: tuple[dict[str, Any], ...] = (
        {"aud": "pharmacy"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"iss": None},
    )
    for wrong in others:
        given = {name: value for name, value in (ours | wrong).items() if value is not None}
        with pytest.raises(Unauthenticated):
            await verifying.bearer(token(Role.ADMIN, now=NOW, **given), NOW)


async def test_an_expired_token_counts_for_as_long_as_clocks_may_differ() -> None:
    signed = token(Role.ADMIN, now=NOW, ttl=60)
    ends = NOW + timedelta(seconds=60 + LEEWAY)
    assert (await verifier().bearer(signed, ends)).sub == "7"
    with pytest.raises(Unauthenticated):
        await verifier().bearer(signed, ends + timedelta(seconds=1))
    early = token(Role.ADMIN, now=NOW, nbf=NOW + timedelta(seconds=LEEWAY + 1))
    with pytest.raises(Unauthenticated):
        await verifier().bearer(early, NOW)


@pytest.mark.parametrize(
    "secret",
    [
        "short",
        "x" * 40,
        "supersecret" * 4,
        "change-me-change-me-change-me-please",
        "Your-256-bit-secret-goes-in-here-now",
        "the default secret of every installation",
    ],
)
def test_a_weak_secret_is_refused_with_what_to_do(secret: str) -> None:
    with pytest.raises(ValueError, match=r"JWT_SECRET .*; make one with: openssl rand -base64 48"):
        verifier(jwt_secret=secret)


def test_neither_secret_nor_keys_is_refused() -> None:
    with pytest.raises(ValueError, match="set JWT_SECRET"):
        verifier(jwt_secret=None)
