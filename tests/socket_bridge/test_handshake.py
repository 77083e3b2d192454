"""How a connection becomes a member, and how it ends."""

import pytest

from contracts import PatientUpdated, PaymentProcessed, TokenRevoked
from contracts.identity import Role
from contracts.questions import Revocations
from tests.builders import example, visit
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, now, served

TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])


@TRANSPORTS
async def test_a_token_in_auth_connects(house: House, transport: str) -> None:
    async with Raw(house.url, {"token": token(Role.RECEPTIONIST)}, transport=transport) as client:
        assert await client.event("connected") == [{"message": "Connected to real-time updates"}]


@TRANSPORTS
async def test_a_token_in_the_query_connects(house: House, transport: str) -> None:
    query = "&token=" + token(Role.RECEPTIONIST)
    async with Raw(house.url, query=query, transport=transport) as client:
        assert await client.event("connected") == [{"message": "Connected to real-time updates"}]


REFUSED: list[tuple[object, str]] = [
    (None, "Authentication required"),
    ({}, "Authentication required"),
    ({"token": ""}, "Authentication required"),
    ({"token": None}, "Authentication required"),
    ([], "Authentication required"),
    ({"token": "nonsense"}, "Invalid authentication"),
    ({"token": 5}, "Invalid authentication"),
    ({"token": ["x"]}, "Invalid authentication"),
    ({"token": token(Role.DOCTOR, ttl=-60)}, "Invalid authentication"),
    ({"token": token(Role.DOCTOR, type="refresh")}, "Invalid authentication"),
    ({"token": token(Role.RECEPTIONIST, clinics="*")}, "Invalid authentication"),
]


@TRANSPORTS
async def test_without_a_valid_token_the_connection_is_refused(house: House, transport: str) -> None:
    for auth, message in REFUSED:
        async with Raw(house.url, auth, transport=transport) as client:
            packet = await client.until(lambda text: text.startswith("44"))
            assert packet == f'44{{"message":"{message}"}}', auth
            await client.emit("join_queue_room", {"clinic_id": 1})
            assert client.events() == []
    assert house.metric("connections") == 0
    assert house.metric("connections_refused_total") == len(REFUSED)


async def test_a_client_with_a_cursor_hears_where_it_begins(stage: Stage, house: House) -> None:
    auth = {"token": token(Role.RECEPTIONIST), "cursor": True}
    async with Raw(house.url, auth) as client:
        [connected] = await client.event("connected")
    assert connected["seq"] == 0
    assert connected["epoch"]
    assert connected["recovered"] is False


@pytest.mark.parametrize(
    ("role", "clinics", "hears"),
    [
        (Role.RECEPTIONIST, (1,), {"patient_updated", "payment_processed"}),
        (Role.CASHIER, (1, 3), {"patient_updated", "payment_processed"}),
        (Role.ADMIN, (1,), {"patient_updated", "payment_processed"}),
        (Role.ADMIN, "*", {"patient_updated", "payment_processed"}),
        (Role.RECEPTIONIST, (3,), {"patient_updated"}),
        (Role.DOCTOR, (1,), {"patient_updated"}),
        (Role.DISPLAY, (1,), set[str]()),
    ],
)
async def test_staff_and_desk_are_in_their_rooms_from_the_start(
    stage: Stage, house: House, role: Role, clinics: tuple[int, ...] | str, hears: set[str]
) -> None:
    async with Raw(house.url, {"token": token(role, clinics=clinics)}) as client:
        await client.event("connected")
        await stage.publish(example(PaymentProcessed, visit=visit(clinic_id=1)))
        await stage.publish(example(PatientUpdated), rooms=("staff", "fence"))
        if Role.DISPLAY is role:
            # Nothing is for it but what it joins: its board, whose event comes after the others.
            await client.call("join_board_room", {"clinic_id": 1})
            await stage.publish(example(PatientUpdated), rooms=("board_1",))
            await client.event("patient_updated")
            names = [name for name, _ in client.events()]
            assert names == ["connected", "board_updated", "patient_updated"]
            return
        await client.event("patient_updated")
        assert {name for name, _ in client.events()} == hears | {"connected"}


async def test_a_token_that_expires_ends_the_connection(house: House) -> None:
    # Valid for another half second of the ten that clocks may differ by.
    expiring = token(Role.RECEPTIONIST, exp=now().timestamp() - 9.5)
    async with Raw(house.url, {"token": expiring}) as client:
        await client.event("connected")
        assert await client.event("error") == [{"message": "Your session has ended: sign in again"}]
        await client.closed()
        assert "41" in client.packets
    assert house.metric("connections") == 0


@pytest.mark.parametrize("by", ["jti", "sub"])
async def test_a_revoked_token_ends_its_connections_and_no_others(
    stage: Stage, house: House, by: str
) -> None:
    mine, other = token(Role.RECEPTIONIST, jti="gone"), token(Role.RECEPTIONIST, sub="8", jti="kept")
    async with (
        Raw(house.url, {"token": mine}) as client,
        Raw(house.url, {"token": other}) as colleague,
    ):
        await client.event("connected")
        await colleague.event("connected")
        revocation = {"jti": "gone", "sub": None} if by == "jti" else {"jti": None, "sub": "7"}
        times = {"revoked_at": now(), "expires_at": now().replace(year=now().year + 1)}
        await stage.publish(example(TokenRevoked, **revocation, **times), rev=None)
        await client.closed()
        await stage.publish(example(PatientUpdated))
        await colleague.event("patient_updated")
    async with Raw(house.url, {"token": mine}) as again:
        assert (
            await again.until(lambda text: text.startswith("44")) == '44{"message":"Invalid authentication"}'
        )


async def test_what_was_revoked_before_the_bridge_started_is_refused(stage: Stage) -> None:
    gone = example(TokenRevoked, jti="gone", expires_at=now().replace(year=now().year + 1))
    stage.revoked = Revocations(revocations=(gone,))
    async with (
        served(stage.settings("bridge")) as house,
        Raw(house.url, {"token": token(Role.DOCTOR, jti="gone")}) as client,
    ):
        # appointment_service is away: the connection is taken, and ends once it is known.
        await client.event("connected")
        await stage.answer()
        await client.closed()


async def test_a_connection_that_never_shows_a_token_is_ended(stage: Stage) -> None:
    async with (
        served(stage.settings("bridge", connect_limit=0.2)) as house,
        Raw(house.url, {"token": "nonsense"}) as client,
    ):
        await client.closed()


async def test_a_second_bridge_serves_its_own_sockets_without_coordination(
    stage: Stage, house: House
) -> None:
    async with (
        served(stage.settings("bridge")) as second,
        Raw(house.url, {"token": token(Role.DOCTOR)}) as one,
        Raw(second.url, {"token": token(Role.DOCTOR)}) as other,
    ):
        await one.event("connected")
        await other.event("connected")
        event = example(PatientUpdated)
        await stage.publish(event)
        assert await one.event("patient_updated") == await other.event("patient_updated")
