"""What reaches whom: every event, the union of its rooms, byte for byte, in order."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
import pytest

from contracts import (
    EVENTS,
    BoardUpdated,
    Event,
    NewCheckin,
    PatientUpdated,
    PaymentProcessed,
    QueueUpdated,
    VisitCancelled,
    VisitStatusChanged,
    encode,
)
from contracts.event import Process
from contracts.identity import Role
from socket_bridge.forwarder import Forwarder
from socket_bridge.members import Members
from socket_bridge.metrics import Metrics
from socket_bridge.ring import Ring
from socket_bridge.snapshots import Snapshots
from tests.builders import NOW, example, visit
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import LIMIT, House, Stage

TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling", "upgraded"])


@asynccontextmanager
async def joined(house: House, transport: str = "websocket", *, cursor: bool = False) -> AsyncIterator[Raw]:
    """A receptionist's screen in clinic 1's room and doctor 2's, with nothing received yet."""
    auth = {"token": token(Role.RECEPTIONIST), "cursor": cursor}
    first = "websocket" if transport == "websocket" else "polling"
    async with Raw(house.url, auth, transport=first) as client:
        await client.event("connected")
        if transport == "upgraded":
            await client.upgrade()
        for message, named in (("join_queue_room", {"clinic_id": 1}), ("join_doctor_room", {"doctor_id": 2})):
            assert (await client.call(message, named))["ok"]
            await client.event("queue_updated")
        client.forget()
        yield client


def plain(event: Event) -> str:
    """The packet that those get who did not ask for more."""
    return f'42["{event.name()}",{encode(event).decode()}]'


@TRANSPORTS
async def test_the_payload_arrives_byte_for_byte(stage: Stage, house: House, transport: str) -> None:
    event = example(PatientUpdated)
    odd = event.model_copy(
        update={"patient": event.patient.model_copy(update={"name": 'Zoë "Zig" \\ \u2028 \U0001f600 \x7f'})}
    )
    async with joined(house, transport) as client:
        await stage.publish(odd)
        await client.event("patient_updated")
        assert client.packets[-1] == plain(odd)


@TRANSPORTS
async def test_a_packet_of_any_size_arrives_whole(stage: Stage, house: House, transport: str) -> None:
    async with joined(house, transport) as client:
        for size in (10, 100, 125, 200, 65_400, 65_536, 70_000, 200_000):
            event = example(VisitCancelled, reason="x" * size)
            await stage.publish(event)
            await client.event("visit_cancelled")
            assert client.packets == [plain(event)]
            client.forget()


@TRANSPORTS
async def test_who_is_in_two_of_the_rooms_gets_the_event_once(
    stage: Stage, house: House, transport: str
) -> None:
    async with joined(house, transport) as client:
        await stage.publish(example(VisitStatusChanged))
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")
        assert [name for name, _ in client.events()] == ["visit_status_changed", "patient_updated"]


@TRANSPORTS
async def test_the_second_argument_is_for_those_who_asked(stage: Stage, house: House, transport: str) -> None:
    event = example(NewCheckin)
    async with joined(house, transport, cursor=True) as asked, joined(house, transport) as not_:
        seq = await stage.publish(event, rev=88)
        await asked.event("new_checkin")
        await not_.event("new_checkin")
        assert not_.packets == [plain(event)]
        [(_, [payload, stamp])] = asked.events()
        assert payload == orjson.loads(encode(event))
        assert stamp == {"seq": seq, "rev": 88, "at": NOW.isoformat(), "id": stamp["id"]}
        assert stamp["id"].startswith("event-")


async def test_an_event_without_a_clinic_has_no_revision(stage: Stage, house: House) -> None:
    async with joined(house, cursor=True) as client:
        await stage.publish(example(PatientUpdated), rev=None)
        _, stamp = await client.event("patient_updated")
        assert set(stamp) == {"seq", "at", "id"}


@TRANSPORTS
async def test_events_come_in_the_order_of_the_stream(stage: Stage, house: House, transport: str) -> None:
    async with joined(house, transport, cursor=True) as client:
        sent = [await stage.publish(example(VisitCancelled, reason=str(n))) for n in range(200)]
        while len(client.events()) < 200:
            await client.event("visit_cancelled")
        assert [stamp["seq"] for _, (_, stamp) in client.events()] == sent
        assert [payload["reason"] for _, (payload, _) in client.events()] == [str(n) for n in range(200)]


async def test_nothing_is_lost_or_overtaken_while_a_client_upgrades(stage: Stage, house: House) -> None:
    client = Raw(house.url, {"token": token(Role.RECEPTIONIST)}, transport="polling")
    async with client:
        await client.event("connected")
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        going = True

        async def publish() -> int:
            number = 0
            while going or number < 50:
                number += 1
                await stage.publish(example(VisitCancelled, reason=str(number)))
            return number

        publishing = asyncio.create_task(publish())
        await client.event("visit_cancelled")
        await client.upgrade()
        await client.event("visit_cancelled")
        going = False
        number = await publishing
        async with asyncio.timeout(LIMIT):
            while (await client.event("visit_cancelled"))[0]["reason"] != str(number):
                pass
        reasons = [given[0]["reason"] for name, given in client.events() if name == "visit_cancelled"]
        assert reasons == [str(n + 1) for n in range(number)]


SCREENS: dict[str, tuple[Role, tuple[int, ...] | str, str | None, dict[str, int]]] = {
    "clinic_1": (Role.CASHIER, (1,), "join_queue_room", {"clinic_id": 1}),
    "clinic_9": (Role.CASHIER, (9,), "join_queue_room", {"clinic_id": 9}),
    "doctor_2": (Role.DOCTOR, (1,), "join_doctor_room", {"doctor_id": 2}),
    "board_1": (Role.DISPLAY, (1,), "join_board_room", {"clinic_id": 1}),
    "desk_all": (Role.ADMIN, "*", None, {}),
}

ALSO = {
    "clinic_1": {"staff", "desk_1"},
    "clinic_9": {"staff", "desk_9"},
    "doctor_2": {"staff"},
    "board_1": set[str](),
    "desk_all": {"staff", "desk_all"},
}
"""The rooms that each of them was put in at connect."""


async def test_each_event_reaches_its_rooms_and_nobody_else(stage: Stage, house: House) -> None:
    async with AsyncExitStack() as stack:
        clients: dict[str, Raw] = {}
        for room, (role, clinics, message, named) in SCREENS.items():
            signed = {"token": token(role, clinics=clinics, doctor_id=2)}
            clients[room] = await stack.enter_async_context(Raw(house.url, signed))
            await clients[room].event("connected")
            if message:
                assert (await clients[room].call(message, named))["ok"]
        for number, event in enumerate(example(contract) for contract in EVENTS if contract.rooms):
            await stage.publish(event)
            # The last to come, to everyone: what is not there by then was not sent.
            await stage.publish(example(QueueUpdated, total=1000 + number), rooms=tuple(SCREENS))
            for room, client in clients.items():
                while (await client.event("queue_updated"))[0].get("total") != 1000 + number:
                    pass
                got = [given[0] for name, given in client.events() if name == event.name()]
                expected = not {room, *ALSO[room]}.isdisjoint(event.audience())
                assert (orjson.loads(encode(event)) in got) is expected, (room, event.name())
                client.forget()


async def test_a_board_gets_nothing_of_what_is_for_staff(stage: Stage, house: House) -> None:
    async with Raw(house.url, {"token": token(Role.DISPLAY)}) as board:
        assert (await board.call("join_queue_room", {"clinic_id": 1}))["ok"] is False
        assert (await board.call("join_doctor_room", {"doctor_id": 2}))["ok"] is False
        assert (await board.call("join_board_room", {"clinic_id": 1}))["ok"] is True
        for event in (NewCheckin, PatientUpdated, PaymentProcessed, QueueUpdated, VisitStatusChanged):
            await stage.publish(example(event))
        await stage.publish(example(BoardUpdated))
        while not (await board.event("board_updated"))[0]["waiting"]:
            pass
        assert {name for name, _ in board.events()} == {"connected", "error", "board_updated"}


async def test_a_message_that_makes_no_sense_holds_up_nothing(stage: Stage, house: House) -> None:
    async with joined(house) as client:
        await stage.publish_bytes(Process.APPOINTMENT, "revocation.5.token_revoked", b"{not JSON")
        await stage.publish_bytes(Process.APPOINTMENT, "clinic.1.doctor_changed", b"[]")
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")
    assert house.metric("events_unreadable_total") == 2


async def test_a_payment_reaches_the_visits_doctor(stage: Stage, house: House) -> None:
    auth = {"token": token(Role.DOCTOR, doctor_id=2)}
    async with Raw(house.url, auth) as client:
        assert (await client.call("join_doctor_room", {"doctor_id": 2}))["ok"]
        await stage.publish(example(PaymentProcessed, visit=visit(doctor_id=3)))
        await stage.publish(example(PaymentProcessed, visit=visit(doctor_id=2)))
        assert (await client.event("payment_processed"))[0]["visit"]["doctor_id"] == 2


async def test_who_waits_for_a_place_is_woken_there_and_by_another_stream() -> None:
    snapshots = Snapshots.__new__(Snapshots)
    forwarder = Forwarder(Members(), snapshots, Ring(10, 1000), Metrics())
    forwarder.begin(5)
    await forwarder.reached(5)
    near, far = (asyncio.create_task(forwarder.reached(seq)) for seq in (6, 9))
    await asyncio.sleep(0)
    forwarder.advance(7)
    async with asyncio.timeout(LIMIT):
        await near
        assert not far.done()
        forwarder.begin(1)
        await far
