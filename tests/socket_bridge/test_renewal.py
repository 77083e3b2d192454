"""A token's life on a connection: said to end, renewed in place, revoked everywhere."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from contracts import PatientUpdated, PaymentProcessed, QueueUpdated, TokenRevoked
from contracts.identity import Role
from contracts.questions import KnownDoctor
from contracts.stream import REVOKED
from tests.builders import doctor, example, visit
from tests.chassis.issuer import issuing
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, now, served

TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])


@pytest.fixture
async def house(stage: Stage) -> AsyncIterator[House]:
    """A served bridge; which way packets go makes no difference to whose they are."""
    await stage.answer()
    async with served(stage.settings("bridge")) as one:
        yield one


def names(client: Raw) -> list[str]:
    return [name for name, _ in client.events()]


@TRANSPORTS
async def test_a_token_that_is_about_to_end_is_said_to_be(house: House, transport: str) -> None:
    ends = int(now().timestamp()) + 61
    async with Raw(house.url, {"token": token(Role.RECEPTIONIST, exp=ends)}, transport=transport) as client:
        await client.event("connected")
        assert "auth_expiring" not in names(client)
        [told] = await client.event("auth_expiring")
        assert datetime.fromisoformat(told["expires_at"]).timestamp() == ends


async def test_who_connects_in_the_last_minute_is_told_at_once_and_once(house: House) -> None:
    ending = token(Role.DISPLAY, exp=now().timestamp() - 9.5)
    async with Raw(house.url, {"token": ending}) as client:
        await client.closed()
        assert names(client) == ["connected", "auth_expiring", "error"]


@TRANSPORTS
async def test_a_new_token_lets_the_connection_go_on(stage: Stage, house: House, transport: str) -> None:
    # Valid for another half second of the ten that clocks may differ by.
    ending = token(Role.RECEPTIONIST, exp=now().timestamp() - 9.5)
    async with (
        Raw(house.url, {"token": ending}, transport=transport) as client,
        Raw(house.url, {"token": ending}) as colleague,
    ):
        await client.call("join_queue_room", {"clinic_id": 1})
        fresh = token(Role.RECEPTIONIST)
        answer = await client.call("auth_refresh", {"token": fresh})
        assert (answer["ok"], answer["left"]) == (True, [])
        assert answer["expires_at"] > now().isoformat()
        await colleague.closed()
        client.forget()
        await stage.publish(example(QueueUpdated, total=5, clinic_id=1))
        [queue] = await client.event("queue_updated")
        assert queue["total"] == 5


NO_NEW_TOKENS: list[tuple[object, str]] = [
    ({"token": token(Role.RECEPTIONIST, sub="another")}, "another person's"),
    ({"token": token(Role.RECEPTIONIST, ttl=-60)}, "Invalid authentication"),
    ({"token": token(Role.RECEPTIONIST, type="refresh")}, "Invalid authentication"),
    ({"token": "nonsense"}, "Invalid authentication"),
    ({"token": 5}, "Invalid authentication"),
    ({"token": None}, "Authentication required"),
    ({}, "token is required"),
    (None, "token is required"),
    (["x"], "token is required"),
]


async def test_what_is_no_new_token_of_the_same_person_changes_nothing(stage: Stage, house: House) -> None:
    async with Raw(house.url, {"token": token(Role.RECEPTIONIST)}) as client:
        for given, message in NO_NEW_TOKENS:
            answer = await client.call("auth_refresh", given)
            assert answer["ok"] is False, given
            assert message in answer["message"], given
            assert (await client.event("error")) == [{"message": answer["message"]}]
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")


async def test_every_room_is_looked_at_anew_with_a_new_token(stage: Stage, house: House) -> None:
    stage.doctors[8] = KnownDoctor(doctor=doctor(id=8, clinic_id=3), version=1)
    before = token(Role.RECEPTIONIST, clinics=(1, 3))
    async with Raw(house.url, {"token": before}) as client:
        for number in (1, 3):
            await client.call("join_queue_room", {"clinic_id": number})
            await client.call("join_board_room", {"clinic_id": number})
        for number in (2, 8):
            await client.call("join_doctor_room", {"doctor_id": number})
        answer = await client.call("auth_refresh", {"token": token(Role.RECEPTIONIST, clinics=(3, 4))})
        assert set(answer["left"]) == {"desk_1", "clinic_1", "board_1", "doctor_2"}
        client.forget()
        await stage.publish(example(PaymentProcessed, visit=visit(clinic_id=1)))
        await stage.publish(example(PaymentProcessed, visit=visit(clinic_id=3, id=33)))
        await stage.publish(example(PaymentProcessed, visit=visit(clinic_id=4, id=44)))
        await stage.publish(example(QueueUpdated, clinic_id=1))
        await stage.publish(example(QueueUpdated, clinic_id=3))
        assert (await client.event("payment_processed"))[0]["visit"]["id"] == 33
        assert (await client.event("payment_processed"))[0]["visit"]["id"] == 44
        assert (await client.event("queue_updated"))[0]["clinic_id"] == 3
        assert names(client) == ["payment_processed", "payment_processed", "queue_updated"]


async def test_who_is_a_screen_on_the_wall_now_hears_no_person_any_more(stage: Stage, house: House) -> None:
    async with Raw(house.url, {"token": token(Role.RECEPTIONIST)}) as client:
        await client.call("join_queue_room", {"clinic_id": 1})
        await client.call("join_board_room", {"clinic_id": 1})
        answer = await client.call("auth_refresh", {"token": token(Role.DISPLAY)})
        assert set(answer["left"]) == {"staff", "desk_1", "clinic_1"}
        client.forget()
        await stage.publish(example(PatientUpdated))
        await stage.publish(example(PatientUpdated), rooms=("board_1",))
        await client.event("patient_updated")
        assert names(client) == ["patient_updated"]
        assert not (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]


async def test_a_revoked_token_is_no_new_one_and_revoking_the_old_one_ends_nothing_renewed(
    stage: Stage, house: House
) -> None:
    first, second = token(Role.RECEPTIONIST, jti="first"), token(Role.RECEPTIONIST, jti="second")
    times = {"revoked_at": now(), "expires_at": now() + timedelta(days=1)}
    async with Raw(house.url, {"token": first}) as client:
        await client.call("auth_refresh", {"token": second})
        await house.reached(await stage.publish(example(TokenRevoked, jti="first", **times), rev=None))
        answer = await client.call("auth_refresh", {"token": first})
        assert answer == {"ok": False, "message": "Invalid authentication"}
        await stage.publish(example(TokenRevoked, jti="second", **times), rev=None)
        await client.closed()


@pytest.mark.parametrize("by", ["jti", "sub"])
async def test_a_revocation_ends_connections_on_every_bridge_within_a_second(
    stage: Stage, house: House, by: str
) -> None:
    lost = {"token": token(Role.DOCTOR, sub="lost", jti="lost")}
    async with served(stage.settings("bridge")) as second, served(stage.settings("bridge")) as third:
        bridges = (house, second, third)
        clients = [
            Raw(bridge.url, lost, transport=transport)
            for bridge in bridges
            for transport in ("websocket", "polling")
        ]
        for client in clients:
            await client.__aenter__()
            await client.event("connected")
        times = {"revoked_at": now(), "expires_at": now() + timedelta(days=1)}
        who = {"jti": None, "sub": None} | {by: "lost"}
        ended = asyncio.gather(*(client.closed() for client in clients))
        await stage.publish(example(TokenRevoked, **who, **times), rev=None)
        async with asyncio.timeout(1):
            await ended
        for client in clients:
            await client.__aexit__(None, None, None)
        for bridge in bridges:
            async with Raw(bridge.url, lost) as again:
                packet = await again.until(lambda text: text.startswith("44"))
                assert packet == '44{"message":"Invalid authentication"}'


async def test_a_bridge_that_starts_while_nobody_can_be_asked_knows_what_was_revoked(stage: Stage) -> None:
    times = {"revoked_at": now(), "expires_at": now() + timedelta(days=1)}
    await stage.publish(example(TokenRevoked, jti="lost", **times), rev=None)
    manager = (await stage.provisioner()).jetstream()
    async with asyncio.timeout(5):
        while not (await manager.stream_info(REVOKED)).state.messages:  # noqa: ASYNC110  # the broker's work
            await asyncio.sleep(0.01)
    # Far behind what a bridge reads when it starts.
    for _ in range(150):
        await stage.publish(example(PatientUpdated))
    async with served(stage.settings("bridge", ring_events=100)) as house:
        for jti, answer in (("lost", "44"), ("kept", "40")):
            async with Raw(house.url, {"token": token(Role.RECEPTIONIST, jti=jti)}) as client:
                assert (await client.until(lambda text: text[0] == "4")).startswith(answer), jti


async def test_a_bridge_takes_an_issuers_published_keys_and_says_when_it_can_not_have_them(
    stage: Stage,
) -> None:
    with issuing() as issuer:
        issuer.add("first", "EdDSA")
        signed = {"token": issuer.token("first", now())}
        async with served(stage.settings("bridge", jwks_url=issuer.url)) as house:
            issuer.away = True
            assert "keys can't be fetched right now" in await _answered(house, signed)
            issuer.away = False
            # It is asked again after a moment, as long as somebody wants in.
            async with asyncio.timeout(5):
                while (await _answered(house, signed)).startswith("44"):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
            async with Raw(house.url, signed) as client:
                await client.event("connected")
                issuer.add("second", "RS256")
                answer = await client.call("auth_refresh", {"token": token(Role.CASHIER)})
                assert answer["message"] == "Invalid authentication"


async def _answered(house: House, auth: object) -> str:
    """What a connection with this is answered."""
    async with Raw(house.url, auth) as client:
        return await client.until(lambda text: text.startswith(("40", "44")))
