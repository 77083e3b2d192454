"""A client that was away gets what it missed, from memory and from the stream, or is told to start anew."""

import asyncio
import time
from contextlib import AsyncExitStack

import pytest

from contracts import (
    DoctorQueueUpdated,
    NewCheckin,
    PatientUpdated,
    PaymentProcessed,
    QueueUpdated,
    VisitCancelled,
    VisitStatusChanged,
)
from contracts.identity import Role
from tests.builders import example, visit
from tests.cable import cable
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, served

TRANSPORTS = pytest.mark.parametrize("transport", ["websocket", "polling"])


def auth(cursor: dict[str, object] | None = None, role: Role = Role.RECEPTIONIST) -> dict[str, object]:
    """The auth of a client that keeps a cursor, and comes back with this one."""
    signed = token(role, doctor_id=2 if role is Role.DOCTOR else None)
    return {"token": signed, "cursor": True} | (cursor or {})


async def where(house: House) -> dict[str, object]:
    """The cursor of a client that just left."""
    async with Raw(house.url, auth()) as client:
        answer = await client.call("join_queue_room", {"clinic_id": 1})
        return {"since": answer["seq"], "epoch": answer["epoch"]}


async def cancelled(stage: Stage, numbers: range) -> None:
    """Publish a numbered event for each."""
    for number in numbers:
        await stage.publish(example(VisitCancelled, reason=str(number)))


def numbers(client: Raw) -> list[str]:
    """The numbers that came."""
    return [given[0]["reason"] for name, given in client.events() if name == "visit_cancelled"]


@TRANSPORTS
async def test_what_was_missed_comes_in_order_before_anything_newer(
    stage: Stage, house: House, transport: str
) -> None:
    cursor = await where(house)
    await cancelled(stage, range(30))
    await house.reached(stage.last)
    async with Raw(house.url, auth(), transport=transport) as client:
        await client.event("connected")
        publishing = asyncio.create_task(cancelled(stage, range(30, 60)))
        answer = await client.call("join_queue_room", {"clinic_id": 1, **cursor})
        assert answer["ok"] is True
        assert answer["recovered"] is True
        await publishing
        while len(numbers(client)) < 60:
            await client.event("visit_cancelled")
        assert numbers(client) == [str(number) for number in range(60)]
        assert "queue_updated" not in {name for name, _ in client.events()}


async def test_an_event_of_two_rooms_is_replayed_once(stage: Stage, house: House) -> None:
    cursor = await where(house)
    await stage.publish(example(VisitStatusChanged))
    await stage.publish(example(DoctorQueueUpdated))
    await house.reached(stage.last)
    async with Raw(house.url, auth()) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is True
        assert (await client.call("join_doctor_room", {"doctor_id": 2, **cursor}))["recovered"] is True
        names = [name for name, _ in client.events()]
        assert sorted(names) == ["connected", "queue_updated", "visit_status_changed"]


async def test_of_snapshots_only_the_last_is_replayed(stage: Stage, house: House) -> None:
    cursor = await where(house)
    for total in range(5):
        await stage.publish(example(QueueUpdated, total=total))
        await stage.publish(example(NewCheckin))
    await house.reached(stage.last)
    async with Raw(house.url, auth()) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is True
        events = [(name, given[0].get("total")) for name, given in client.events() if name != "connected"]
        assert events == [*[("new_checkin", None)] * 4, ("queue_updated", 4), ("new_checkin", None)]


async def test_staff_and_desk_resume_at_connect(stage: Stage, house: House) -> None:
    cursor = await where(house)
    await stage.publish(example(PatientUpdated))
    await stage.publish(example(PaymentProcessed))
    await stage.publish(example(PaymentProcessed, visit=visit(clinic_id=9)))
    await house.reached(stage.last)
    async with Raw(house.url, auth(cursor)) as client:
        [connected] = await client.event("connected")
        assert connected["recovered"] is True
        names = [name for name, _ in client.events()]
        assert names == ["patient_updated", "payment_processed", "connected"]


async def test_a_client_that_missed_nothing_gets_nothing(house: House) -> None:
    cursor = await where(house)
    async with Raw(house.url, auth(cursor)) as client:
        assert (await client.event("connected"))[0]["recovered"] is True
        assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is True
        assert [name for name, _ in client.events()] == ["connected"]


WRONG: list[dict[str, object]] = [
    {"epoch": "another"},
    {"epoch": None},
    {"epoch": 5},
    {"since": 10**9},
    {"since": -1},
    {"since": "0"},
    {"since": True},
    {"since": 1.5},
    {"since": None},
]


async def test_a_cursor_that_can_not_be_followed_is_not(stage: Stage, house: House) -> None:
    right = await where(house)
    await cancelled(stage, range(3))
    for wrong in WRONG:
        cursor = right | wrong
        await house.reached(stage.last)
        async with Raw(house.url, auth(cursor)) as client:
            assert (await client.event("connected"))[0]["recovered"] is False, wrong
            assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is False
            await client.event("queue_updated")
            assert numbers(client) == []


async def test_who_comes_from_a_bridge_that_is_ahead_is_followed_once_we_are_there(
    stage: Stage, direct_wire: bool
) -> None:
    async with cable(stage.broker.port) as line:
        url = line.url.replace("http", "nats")
        settings = stage.settings("bridge", direct_wire=direct_wire, nats_url=url)
        await stage.publish(example(QueueUpdated))
        async with (
            served(settings) as house,
            Raw(house.url, auth()) as client,
            Raw(house.url, auth()) as bystander,
        ):
            cursor = await where(house)
            line.hold()
            await cancelled(stage, range(3))
            ahead = cursor | {"since": stage.last}
            joining = asyncio.create_task(client.call("join_queue_room", {"clinic_id": 1, **ahead}))
            async with Raw(house.url, auth(ahead)) as other:
                connecting = asyncio.create_task(other.event("connected"))
                # Who is answered after them tells that they were heard.
                assert (await bystander.call("leave_board_room", {"clinic_id": 1}))["ok"] is True
                line.flow()
                assert (await joining)["recovered"] is True
                assert (await connecting)[0]["recovered"] is True
            await cancelled(stage, range(3, 5))
            await client.event("visit_cancelled")
            await client.event("visit_cancelled")
            assert numbers(client) == ["3", "4"]


async def test_a_client_without_a_cursor_of_its_own_is_not_replayed_to(stage: Stage, house: House) -> None:
    cursor = await where(house)
    await cancelled(stage, range(3))
    await house.reached(stage.last)
    async with Raw(house.url, {"token": token(Role.RECEPTIONIST)}) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is False
        assert numbers(client) == []


async def test_a_bridge_that_restarted_still_knows(stage: Stage, direct_wire: bool) -> None:
    settings = stage.settings("bridge", direct_wire=direct_wire)
    async with served(settings) as house:
        cursor = await where(house)
        await cancelled(stage, range(20))
    await cancelled(stage, range(20, 40))
    async with served(settings) as house, Raw(house.url, auth()) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is True
        assert numbers(client) == [str(number) for number in range(40)]


@pytest.mark.parametrize(
    ("role", "message", "named"),
    [
        (Role.RECEPTIONIST, "join_queue_room", {"clinic_id": 1}),
        (Role.RECEPTIONIST, "join_doctor_room", {"doctor_id": 2}),
        (Role.DOCTOR, "join_doctor_room", {"doctor_id": 2}),
    ],
)
async def test_what_memory_no_longer_has_comes_from_the_stream(
    stage: Stage, direct_wire: bool, role: Role, message: str, named: dict[str, int]
) -> None:
    await stage.answer()
    settings = stage.settings("bridge", direct_wire=direct_wire, ring_events=100)
    async with served(settings) as house:
        cursor = await where(house)
        for number in range(700):
            await stage.publish(example(VisitStatusChanged), rev=number)
        await house.reached(stage.last)
        async with Raw(house.url, auth(role=role)) as client:
            assert (await client.call(message, named | cursor))["recovered"] is True
            revisions = [given[1]["rev"] for name, given in client.events() if name == "visit_status_changed"]
            assert revisions == list(range(700))


async def test_many_who_missed_the_same_are_answered_by_one_read_of_the_stream(
    stage: Stage, direct_wire: bool
) -> None:
    async with cable(stage.broker.port) as line, AsyncExitStack() as stack:
        url = line.url.replace("http", "nats")
        settings = stage.settings("bridge", direct_wire=direct_wire, nats_url=url, ring_events=100)
        await stage.publish(example(QueueUpdated))
        house = await stack.enter_async_context(served(settings))
        cursor = await where(house)
        await cancelled(stage, range(150))
        await house.reached(stage.last)
        clients = [await stack.enter_async_context(Raw(house.url, auth())) for _ in range(5)]
        for client in clients:
            await client.event("connected")
        line.hold()
        joins = [
            asyncio.create_task(one.call("join_queue_room", {"clinic_id": 1, **cursor})) for one in clients
        ]
        async with Raw(house.url, auth()) as bystander:
            # Who is answered after them tells that they were heard.
            await bystander.event("connected")
        line.flow()
        assert [answer["recovered"] for answer in await asyncio.gather(*joins)] == [True] * 5
        assert all(numbers(client) == [str(number) for number in range(150)] for client in clients)
        assert house.metric("stream_reads_total") == 1


async def test_staff_are_replayed_to_from_the_stream(stage: Stage, direct_wire: bool) -> None:
    settings = stage.settings("bridge", direct_wire=direct_wire, ring_events=100)
    async with served(settings) as house:
        cursor = await where(house)
        await stage.publish(example(PatientUpdated))
        await stage.publish(example(PaymentProcessed))
        await cancelled(stage, range(150))
        await house.reached(stage.last)
        async with Raw(house.url, auth(cursor)) as client:
            assert (await client.event("connected"))[0]["recovered"] is True
            names = [name for name, _ in client.events()]
            assert names == ["patient_updated", "payment_processed", "connected"]


@pytest.mark.parametrize("ring", [100, 20_000])
async def test_who_missed_too_much_starts_anew(stage: Stage, ring: int) -> None:
    settings = stage.settings("bridge", ring_events=ring, replay_limit=120)
    async with served(settings) as house:
        cursor = await where(house)
        await cancelled(stage, range(121))
        await house.reached(stage.last)
        async with Raw(house.url, auth()) as client:
            assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is False
            await client.event("queue_updated")
            assert numbers(client) == []


async def test_who_was_away_for_longer_than_the_stream_keeps_starts_anew(stage: Stage) -> None:
    async with served(stage.settings("bridge", ring_events=100)) as house:
        cursor = await where(house)
        # Each fills a fair part of what the stream may hold.
        for number in range(150):
            await stage.publish(example(VisitCancelled, reason=f"{number} " + "x" * 500_000))
        await house.reached(stage.last)
        async with Raw(house.url, auth()) as client:
            assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is False


async def test_a_long_replay_waits_for_its_client_and_cuts_nobody(stage: Stage, direct_wire: bool) -> None:
    settings = stage.settings("bridge", direct_wire=direct_wire)
    async with served(settings) as house:
        cursor = await where(house)
        for number in range(60):
            await stage.publish(example(VisitCancelled, reason=f"{number} " + "x" * 100_000))
        await house.reached(stage.last)
        async with Raw(house.url, auth(), transport="polling") as client:
            assert (await client.call("join_queue_room", {"clinic_id": 1, **cursor}))["recovered"] is True
            assert [one.split()[0] for one in numbers(client)] == [str(number) for number in range(60)]
        assert house.metric("slow_clients_cut_total") == 0


async def test_the_clients_hear_when_the_bridge_is_behind_and_when_it_is_not(
    stage: Stage, house: House
) -> None:
    async with Raw(house.url, auth()) as client:
        await client.event("connected")
        await stage.broker.stop()
        assert (await client.event("bridge_status"))[0]["state"] == "catching_up"
        started = time.monotonic()
        await stage.broker.start()
        [status] = await client.event("bridge_status")
        assert status == {"state": "live", "lag_ms": 0}
        assert time.monotonic() - started < 2
