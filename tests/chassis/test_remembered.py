"""What is remembered of a token that was verified once, and what is looked at each time."""

from datetime import timedelta

import pytest

from chassis import jwks, remembered
from chassis.errors import Unauthenticated
from chassis.identity import Verifier
from chassis.remembered import LEEWAY
from chassis.service import Service
from chassis.settings import Settings
from contracts.identity import Role
from contracts.tokens import TokenRevoked
from tests.builders import NOW
from tests.chassis.issuer import issuing
from tests.chassis.notebook import PARTS
from tests.parts import SECRET, client, token


def verifier(**settings: object) -> Verifier:
    return Verifier.configured(Settings.model_validate({"jwt_secret": SECRET} | settings))


async def test_a_token_that_was_verified_is_not_verified_again() -> None:
    verifying, given = verifier(), token(Role.CASHIER, now=NOW)
    bearer = await verifying.bearer(given, NOW)
    assert await verifying.bearer(given, NOW) is bearer


async def test_a_remembered_token_is_refused_from_the_second_on_in_which_it_ends() -> None:
    verifying, given = verifier(), token(Role.CASHIER, now=NOW, ttl=60, nbf=NOW)
    bearer = await verifying.bearer(given, NOW)
    ends = NOW + timedelta(seconds=60 + LEEWAY)
    assert await verifying.bearer(given, ends) is bearer
    for never in (ends + timedelta(seconds=1), NOW - timedelta(seconds=LEEWAY + 1)):
        with pytest.raises(Unauthenticated):
            await verifying.bearer(given, never)


async def test_what_a_remembered_token_says_with_another_signature_opens_nothing() -> None:
    verifying, given = verifier(), token(Role.CASHIER, now=NOW)
    head, said, signature = given.split(".")
    other = token(Role.ADMIN, now=NOW).split(".")
    await verifying.bearer(given, NOW)
    for forged in (
        f"{head}.{said}.{other[2]}",
        f"{head}.{other[1]}.{signature}",
        f"{head}.{said}.",
        f"{head}.{said}",
        given[:-1],
    ):
        with pytest.raises(Unauthenticated):
            await verifying.bearer(forged, NOW)


async def test_a_key_is_no_longer_trusted_for_what_it_signed_once_the_keys_were_fetched_without_it() -> None:
    with issuing() as issuer:
        issuer.add("first", "EdDSA")
        issuer.add("second", "EdDSA")
        verifying = verifier(jwks_url=issuer.url)
        old, other = issuer.token("first", NOW), issuer.token("second", NOW)
        bearer = await verifying.bearer(old, NOW)
        still = NOW + jwks.LIFESPAN - timedelta(seconds=1)
        issuer.withdraw("first")
        assert await verifying.bearer(old, still) is bearer
        # Fetched anew for somebody else, well before the time of those known is over.
        issuer.add("third", "EdDSA")
        await verifying.bearer(issuer.token("third", NOW), still)
        with pytest.raises(Unauthenticated):
            await verifying.bearer(old, still)
        assert (await verifying.bearer(other, still)).sub == bearer.sub


async def test_a_withdrawn_key_opens_nothing_after_its_time_however_often_it_was_used() -> None:
    with issuing() as issuer:
        issuer.add("first", "EdDSA")
        issuer.add("second", "EdDSA")
        verifying = verifier(jwks_url=issuer.url)
        given = issuer.token("first", NOW)
        for minute in range(5):
            await verifying.bearer(given, NOW + timedelta(minutes=minute))
        issuer.withdraw("first")
        with pytest.raises(Unauthenticated):
            await verifying.bearer(given, NOW + jwks.LIFESPAN)


async def test_a_refusal_is_not_remembered() -> None:
    begins = NOW + timedelta(minutes=1)
    verifying, given = verifier(), token(Role.CASHIER, now=NOW, nbf=begins)
    with pytest.raises(Unauthenticated):
        await verifying.bearer(given, NOW)
    assert (await verifying.bearer(given, begins)).sub == "7"


@pytest.mark.parametrize("text", ["\ud800.a.b", "\ud800", "a.b.c", "", "é.é.é"])
@pytest.mark.parametrize("published", [True, False])
async def test_what_is_no_token_is_refused_by_every_kind_of_key(text: str, published: bool) -> None:
    with issuing() as issuer:
        issuer.add("first", "EdDSA")
        verifying = verifier(jwks_url=issuer.url if published else None)
        with pytest.raises(Unauthenticated):
            await verifying.bearer(text, NOW)


async def test_only_so_many_are_remembered_and_none_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "REMEMBERED", 3)
    verifying = verifier()
    given = [token(Role.CASHIER, now=NOW, clinics=(number,)) for number in range(1, 8)]
    bearers = [await verifying.bearer(one, NOW) for one in given]
    known = verifying._remembered._verified
    assert len(known) <= 3
    assert await verifying.bearer(given[-1], NOW) is bearers[-1]
    assert await verifying.bearer(given[0], NOW) is not bearers[0]
    assert not [one for one in given if one in str(known)]


async def test_what_has_ended_is_forgotten_as_others_come_behind_whatever_lasts_longer() -> None:
    verifying, month = verifier(), 30 * 86400
    boards = [token(Role.DISPLAY, now=NOW, ttl=month, clinics=(number,)) for number in range(1, 6)]
    bearers = [await verifying.bearer(board, NOW) for board in boards]
    for number in range(1, 11):
        await verifying.bearer(token(Role.CASHIER, now=NOW, ttl=60, clinics=(number,)), NOW)
    later = NOW + timedelta(seconds=60 + LEEWAY + 1)
    for number in range(1, 13):
        await verifying.bearer(token(Role.CASHIER, now=later, clinics=(number,)), later)
    assert len(verifying._remembered._verified) == 5 + 12
    for board, bearer in zip(boards, bearers, strict=True):
        assert await verifying.bearer(board, later) is bearer


async def test_a_remembered_token_that_is_revoked_is_refused_at_the_next_request() -> None:
    settings = Settings.model_validate({"database_url": "sqlite:///never-opened", "jwt_secret": SECRET})
    service = Service(settings, PARTS, lambda: NOW)
    given = token(Role.RECEPTIONIST, now=NOW, jti="taken-away")
    async with client(service, given) as http:
        # Let in, and then nothing of its body is right.
        assert (await http.post("/notes", json={})).status_code == 422
        later = NOW + timedelta(days=1)
        service.revocations.add(
            TokenRevoked(revocation_id=1, jti="taken-away", sub=None, revoked_at=NOW, expires_at=later), NOW
        )
        refused = await http.post("/notes", json={})
    assert refused.status_code == 401
    assert "revoked" in refused.json()["message"]
