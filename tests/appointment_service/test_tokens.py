"""Tokens that are refused before they expire."""

from datetime import timedelta

import httpx
import pytest

from appointment_service.main import PARTS
from appointment_service.queries.tokens import in_force
from chassis.service import Service
from contracts import TokenRevoked
from contracts.event import Process
from contracts.identity import Role
from contracts.questions import AskRevocations, Revocations
from tests.appointment_service.desk import now
from tests.builders import NOW
from tests.others import Ear, playing, until
from tests.parts import Broker, client, service_running, token


async def test_a_revoked_token_opens_nothing_from_then_on(
    workers: tuple[Service, Service], admin: httpx.AsyncClient, ear: Ear
) -> None:
    bearer = token(Role.RECEPTIONIST, now=NOW, jti="lost-phone")
    async with client(workers[0], bearer) as here, client(workers[1], bearer) as there:
        assert (await here.get("/clinics")).status_code == 200
        answer = await admin.post("/auth/revoke", json={"jti": "lost-phone"})
        assert answer.status_code == 201, answer.text
        assert (await here.get("/clinics")).status_code == 401
        told = await ear.wait_for(TokenRevoked)
        assert (told.jti, told.sub, told.revoked_at) == ("lost-phone", None, NOW)
        assert told.expires_at == NOW + timedelta(days=30)

        async def refused_there_too() -> bool:
            return (await there.get("/clinics")).status_code == 401

        await until(refused_there_too)


async def test_all_tokens_of_a_subject_until_now_are_refused_and_later_ones_not(
    service: Service, admin: httpx.AsyncClient
) -> None:
    answer = await admin.post("/auth/revoke", json={"sub": "left"})
    assert answer.status_code == 201, answer.text
    old = token(Role.RECEPTIONIST, now=NOW, sub="left")
    new = token(Role.RECEPTIONIST, now=NOW + timedelta(seconds=1), sub="left")
    for bearer, status in ((old, 401), (new, 200)):
        async with client(service, bearer) as http:
            assert (await http.get("/clinics")).status_code == status


async def test_a_revocation_outlives_a_restart_and_is_answered_until_it_is_over(
    service: Service, admin: httpx.AsyncClient, broker: Broker
) -> None:
    soon = (NOW + timedelta(minutes=5)).isoformat()
    await admin.post("/auth/revoke", json={"jti": "for-a-while", "expires_at": soon})
    await admin.post("/auth/revoke", json={"jti": "for-long"})
    async with playing(broker, Process.BRIDGE) as bridge:
        told = await bridge.ask(AskRevocations(), Revocations)
    assert [one.jti for one in told.revocations] == ["for-a-while", "for-long"]
    settings = service.settings.model_copy(update={"nats_url": "nats://127.0.0.1:1", "worker": 2})
    # Without the broker too: it knows from its own table.
    async with service_running(PARTS, settings, lambda: now() + timedelta(minutes=6)) as restarted:
        assert {
            jti: restarted.revocations.refuses(
                restarted.verifier.verify(token(Role.ADMIN, now=NOW, jti=jti), NOW)
            )
            for jti in ("for-a-while", "for-long")
        } == {"for-a-while": False, "for-long": True}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"jti": "a", "sub": "b"},
        {"jti": ""},
        {"jti": "a\x00"},
        {"jti": "x" * 201},
        {"sub": 5},
        {"jti": "a", "expires_at": "2026-03-01T00:00:00Z"},
        {"jti": "a", "expires_at": "9999-12-31T23:59:59-12:00"},
        {"jti": "a", "expires_at": "0001-01-01T00:00:00+12:00"},
        [],
        None,
    ],
)
async def test_what_names_no_token_is_refused(
    service: Service, admin: httpx.AsyncClient, body: object
) -> None:
    answer = await admin.post("/auth/revoke", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["message"]
    async with service.database.reading() as session:
        assert await in_force(session, NOW - timedelta(days=9999)) == []


async def test_only_an_admin_revokes(desk: httpx.AsyncClient) -> None:
    assert (await desk.post("/auth/revoke", json={"jti": "a"})).status_code == 403
