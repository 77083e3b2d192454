"""What a client or an event costs is the same however many others there are: counted, not timed."""

import asyncio
import json
import sys
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import Any

import orjson

from contracts import headers
from socket_bridge.forwarder import STRETCH, Forwarder
from socket_bridge.members import Member, Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.ring import Ring
from socket_bridge.snapshots import Snapshots
from tests.socket_bridge.test_interleavings import SOMEONE, Tape


def steps(work: Callable[..., object], *given: object) -> int:
    """How many of the interpreter's instructions this takes."""
    counted = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work(*given)
    finally:
        sys.settrace(before)
    return counted


def clinics(rooms: int) -> Members:
    """So many rooms with ten members each."""
    members = Members()
    for number in range(rooms * 10):
        member = Member(Tape(), SOMEONE, cursor=False)
        members.add(str(number), member)
        for room in (f"clinic_{number % rooms}", f"desk_{number % rooms}"):
            members.enter(member, room, 0)
    return members


def forwarder_of(members: Members) -> Forwarder:
    """A forwarder to these members."""
    snapshots = Snapshots.__new__(Snapshots)
    snapshots._wanted, snapshots._last, snapshots._passed = {}, {}, {}
    return Forwarder(members, snapshots, Ring(100, 10**6), Metrics())


def event(seq: int, rooms: str) -> Message:
    """An event for these rooms."""
    return Message(seq, "clinic.0.visit_cancelled", {headers.ROOMS: rooms}, b'{"visit_id":5}')


def test_joining_leaving_and_going_cost_the_same_beside_ten_and_beside_five_thousand() -> None:
    costs = []
    for rooms in (1, 500):
        members, newcomer = clinics(rooms), Member(Tape(), SOMEONE, cursor=False)
        costs.append(
            [
                steps(members.add, "new", newcomer),
                steps(members.enter, newcomer, "clinic_0", 0),
                steps(members.leave, newcomer, "clinic_0"),
                steps(members.remove, "new"),
                steps(members.remove, "0"),
            ]
        )
    assert costs[0] == costs[1]


async def test_an_event_costs_the_same_beside_one_room_and_beside_five_hundred() -> None:
    costs = []
    for rooms in (1, 500):
        forwarder = forwarder_of(clinics(rooms))
        await forwarder.forward((event(1, "clinic_0,desk_0"),))
        forward = forwarder.forward((event(2, "clinic_0,desk_0"),))

        def run() -> None:
            try:
                forward.send(None)  # noqa: B023  # run at once
            except StopIteration:
                return
            raise AssertionError("it waited")

        costs.append(steps(run))
    assert costs[0] == costs[1]


async def test_an_event_is_put_into_its_packet_without_reading_or_writing_json() -> None:
    forwarder, called = forwarder_of(clinics(1)), list[object]()
    sys.setprofile(lambda _, what, function: called.append(function) if what == "c_call" else None)
    try:
        await forwarder.forward((event(1, "clinic_0"),))
    finally:
        sys.setprofile(None)
    assert called
    assert not {orjson.loads, orjson.dumps, json.loads, json.dumps}.intersection(
        one for one in called if one.__hash__ is not None
    )


async def test_others_have_their_turn_within_a_large_event_and_between_many_small_ones() -> None:
    members = Members()
    tapes = [Tape() for _ in range(5_000)]
    for number, tape in enumerate(tapes):
        members.add(str(number), member := Member(tape, SOMEONE, cursor=False))
        members.enter(member, "clinic_0", 0)
        members.enter(member, f"doctor_{number // 10}", 0)
    forwarder, between = forwarder_of(members), list[int]()

    async def look() -> None:
        seen = 0
        while True:
            await asyncio.sleep(0)
            written = sum(len(tape.got) for tape in tapes)
            between.append(written - seen)
            seen = written

    looking = asyncio.create_task(look())
    await asyncio.sleep(0)
    await forwarder.forward((event(1, "clinic_0"),))
    for seq in range(2, 502):
        await forwarder.forward((event(seq, f"doctor_{seq - 2}"),))
    await asyncio.sleep(0)
    looking.cancel()
    assert sum(between) == 10_000
    assert max(between) <= STRETCH


async def test_others_have_their_turn_within_large_events_that_wait_together() -> None:
    members, tapes = Members(), [Tape() for _ in range(1_000)]
    for number, tape in enumerate(tapes):
        members.add(str(number), member := Member(tape, SOMEONE, cursor=False))
        members.enter(member, "clinic_0", 0)
        members.enter(member, f"doctor_{number % 7}", 0)
    audiences = ["clinic_0"] * 3 + [f"doctor_{number}" for number in range(7)]
    events = [event(seq, rooms) for seq, rooms in enumerate(audiences, start=1)]
    forwarding, served = asyncio.create_task(forwarder_of(members).forward(events)), [0]
    while not forwarding.done():
        await asyncio.sleep(0)
        served.append(sum(len(tape.got) == 4 for tape in tapes))
    assert served[-1] == len(tapes)
    assert max(after - before for before, after in pairwise(served)) <= STRETCH
