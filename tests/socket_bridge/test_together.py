"""Events that wait together leave in one write to each client; one that comes alone waits for nothing."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
from nats.aio.msg import Msg

from contracts import (
    Event,
    NewCheckin,
    PatientUpdated,
    TokenRevoked,
    VisitCancelled,
    VisitStatusChanged,
    headers,
)
from contracts.identity import Role
from socket_bridge import forwarder as forwarding
from socket_bridge.forwarder import Forwarder
from socket_bridge.members import Member, Members
from socket_bridge.message import Message
from socket_bridge.parcel import addressed
from socket_bridge.reader import TOGETHER, TOGETHER_BYTES, _Consumer
from tests.builders import example, visit
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import LIMIT, House, Stage, now
from tests.socket_bridge.test_costs import event, forwarder_of
from tests.socket_bridge.test_forwarder import joined, plain
from tests.socket_bridge.test_interleavings import SOMEONE, Tape

EVENTS: tuple[Event, ...] = (
    example(VisitCancelled, reason="a"),
    example(VisitStatusChanged),
    example(PatientUpdated),
    example(VisitStatusChanged, visit=visit(doctor_id=3)),
    example(NewCheckin),
    example(VisitCancelled, reason="x" * 3000),
    example(VisitCancelled, clinic_id=9),
    example(PatientUpdated),
)
FIRST, *REST = EVENTS


@asynccontextmanager
async def held(stage: Stage, house: House, others: int = len(REST)) -> AsyncIterator[list[int]]:
    """Keep the bridge at a first event until this ends and the others are there; how many went together."""
    board, together, go, at_first = house.bridge._switchboard, list[int](), asyncio.Event(), asyncio.Event()
    assert board is not None
    hand_on = board.reader._on_messages

    async def wait(messages: Sequence[Message]) -> None:
        at_first.set()
        await go.wait()
        together.append(len(messages))
        await hand_on(messages)

    board.reader._on_messages = wait
    await stage.publish(FIRST)
    async with asyncio.timeout(LIMIT):
        await at_first.wait()
    yield together
    async with asyncio.timeout(LIMIT):
        while sum(one.pending_msgs for one in board._connection._subs.values()) < others:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    go.set()


async def test_what_waits_together_reaches_everyone_in_order_and_in_one_write(
    stage: Stage, house: House, direct_wire: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = list[int]()

    def write(fd: int, data: bytes) -> int:
        writes.append(fd)
        return os.write(fd, data)

    monkeypatch.setattr(forwarding, "write", write)
    async with AsyncExitStack() as stack:
        screens = [await stack.enter_async_context(joined(house, way)) for way in ("websocket", "upgraded")]
        polling = await stack.enter_async_context(joined(house, "polling"))
        stamped = await stack.enter_async_context(joined(house, cursor=True))
        cashier = Raw(house.url, {"token": token(Role.CASHIER)})
        await stack.enter_async_context(cashier)
        await cashier.event("connected")
        cashier.forget()
        async with held(stage, house) as together:
            sent = [stage.last, *[await stage.publish(one) for one in REST]]
        everyone = [one for one in EVENTS if one is not EVENTS[6]]
        for screen in (*screens, polling, stamped):
            while len(screen.packets) < len(everyone):
                await screen.event(everyone[len(screen.packets)].name())
            if screen is not stamped:
                assert screen.packets == [plain(one) for one in everyone]
        assert [stamp["seq"] for _, (_, stamp) in stamped.events()] == sent[:6] + sent[7:]
        while len(cashier.packets) < 2:
            await cashier.event("patient_updated")
        assert cashier.packets == [plain(example(PatientUpdated))] * 2
    assert together == [1, len(REST)]
    # Two for a screen, of which there are three besides the one that polls; one for the cashier.
    assert sorted(map(writes.count, set(writes))) == ([1, 2, 2, 2] if direct_wire else [])
    assert house.metric("deliveries_total") == 4 * len(everyone) + 2


def member_in(members: Members, *rooms: str) -> tuple[Member, Tape]:
    """Somebody in these rooms, and what they get."""
    member = Member(tape := Tape(), SOMEONE, cursor=False)
    members.add(str(len(members)), member)
    for room in rooms:
        members.enter(member, room, 0)
    return member, tape


def sequence(*audiences: str) -> list[Message]:
    """An event for each of these rooms; its payload is its number."""
    return [
        Message(seq, "clinic.0.visit_cancelled", {headers.ROOMS: rooms}, str(seq).encode())
        for seq, rooms in enumerate(audiences, start=1)
    ]


def heard(tape: Tape) -> list[int]:
    """The numbers of the events that came."""
    return [int(body.split(b",")[1].removesuffix(b"]")) for body in tape.got]


async def test_who_leaves_while_others_are_written_to_gets_no_more_than_what_their_rooms_are_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(forwarding, "STRETCH", 1)
    members = Members()
    _, first = member_in(members, "clinic_0", "doctor_2")
    leaver, left = member_in(members, "clinic_0", "doctor_2")
    _, gone = member_in(members, "clinic_0")
    forward = forwarder_of(members).forward(sequence("clinic_0", "doctor_2", "clinic_0,doctor_2", "staff"))
    going = asyncio.create_task(forward)
    await asyncio.sleep(0)
    written = [tape for tape in (first, left, gone) if tape.got]
    members.leave(leaver, "clinic_0")
    members.remove("2")
    assert len(written) == 1
    await going
    everything = {id(first): [1, 2, 3], id(left): [1, 2, 3], id(gone): [1, 3]}
    rest = {id(first): [1, 2, 3], id(left): [2, 3], id(gone): []}
    for tape in (first, left, gone):
        assert heard(tape) == (everything if tape in written else rest)[id(tape)]


async def test_whose_token_is_revoked_gets_nothing_that_comes_right_behind(
    stage: Stage, house: House
) -> None:
    gone, kept = token(Role.RECEPTIONIST, jti="gone"), token(Role.RECEPTIONIST, sub="8", jti="kept")
    async with Raw(house.url, {"token": gone}) as client, Raw(house.url, {"token": kept}) as colleague:
        await client.event("connected")
        await colleague.event("connected")
        async with held(stage, house, others=2):
            times = {"revoked_at": now(), "expires_at": now() + timedelta(days=1)}
            await stage.publish(example(TokenRevoked, jti="gone", sub=None, **times), rev=None)
            await stage.publish(example(PatientUpdated))
        await client.closed()
        await colleague.event("patient_updated")
    assert not [packet for packet in client.packets if "patient_updated" in packet]


async def test_nobody_comes_between_events_that_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forwarding, "STRETCH", 1)
    members = Members()
    for _ in range(3):
        member_in(members, "clinic_0")
    forwarder: Forwarder = forwarder_of(members)
    newcomer, tape = member_in(members)
    going = asyncio.create_task(forwarder.forward(sequence("clinic_0", "clinic_0")))
    await asyncio.sleep(0)
    assert forwarder.gate.locked()
    async with forwarder.gate:
        assert forwarder.seq == 2
        members.enter(newcomer, "clinic_0", forwarder.seq)
    await going
    assert heard(tape) == []
    await forwarder.forward((event(3, "clinic_0"),))
    assert len(tape.got) == 1


class Heard:
    """A consumer that is told what comes; `runs` is what it handed on, by sequence."""

    def __init__(self) -> None:
        self.runs = list[list[int]]()
        self.idle = 0
        self.consumer = _Consumer(SimpleNamespace(stats={"reconnects": 0}), self._take, self._idle)  # type: ignore[arg-type]  # it asks for no more

    def tell(self, *given: Msg) -> None:
        """These came at once."""
        for number, msg in enumerate(given, start=1):
            self.consumer._subscription = SimpleNamespace(pending_msgs=len(given) - number)  # type: ignore[assignment]  # it asks for no more
            hearing = self.consumer._hear(msg)
            with pytest.raises(StopIteration):  # it waits for nothing, not even a turn of the loop
                hearing.send(None)

    async def _take(self, messages: Sequence[Message], stored_at: float, pending: int) -> None:
        self.runs.append([message.seq for message in messages])

    def _idle(self) -> None:
        self.idle += 1


def stored(seq: int, *, size: int = 10, rooms: str | None = "clinic_1", place: int | None = None) -> Msg:
    """A message of the stream as nats-py gives it."""
    given = {} if rooms is None else {headers.ROOMS: rooms}
    reply = f"$JS.ACK.CLINIC.bridge.1.{seq}.{place or seq}.1700000000000000000.0"
    return Msg(None, "clinic.1.visit_cancelled", reply, b"x" * size, given)  # type: ignore[arg-type]  # nothing is sent


HEARTBEAT = Msg(None, "", "", b"", {"Status": "100", "Nats-Last-Consumer": "2"})  # type: ignore[arg-type]  # nothing is sent


def test_an_event_that_comes_alone_is_handed_on_at_once() -> None:
    heard = Heard()
    for seq in (1, 2, 3):
        heard.tell(stored(seq))
        assert heard.runs == [[one] for one in range(1, seq + 1)]


def test_events_that_came_at_once_are_handed_on_together_up_to_a_limit() -> None:
    heard = Heard()
    heard.tell(*(stored(seq) for seq in range(1, TOGETHER + 4)))
    assert heard.runs == [list(range(1, TOGETHER + 1)), list(range(TOGETHER + 1, TOGETHER + 4))]


def test_large_events_are_handed_on_with_fewer_others() -> None:
    heard = Heard()
    heard.tell(*(stored(seq, size=TOGETHER_BYTES // 2) for seq in range(1, 6)))
    assert heard.runs == [[1, 2], [3, 4], [5]]


def test_what_the_bridge_itself_has_to_know_keeps_its_place_alone() -> None:
    heard = Heard()
    heard.tell(stored(1), stored(2), stored(3, rooms=None), stored(4, rooms=None), stored(5), stored(6))
    assert heard.runs == [[1, 2], [3], [4], [5, 6]]


def test_a_heartbeat_comes_after_the_events_before_it() -> None:
    heard = Heard()
    heard.tell(stored(1), stored(2), HEARTBEAT)
    assert (heard.runs, heard.idle) == ([[1, 2]], 1)


def test_events_before_a_gap_are_left_to_the_next_consumer() -> None:
    heard = Heard()
    heard.tell(stored(1), stored(2), stored(4, place=4), stored(5, place=5))
    assert heard.runs == []
    assert heard.consumer._why is not None


def test_everyone_gets_a_parcel_of_what_is_for_their_rooms() -> None:
    members = Members()
    rooms = {"0": ["a"], "1": ["b"], "2": ["a", "b", "c"], "3": ["d"], "4": ["a"], "5": ["c"]}
    everyone = {member_in(members, *where)[0]: where for where in rooms.values()}
    emissions = [message.emission() for message in sequence("a,b", "b", "c,a")]
    sent = {one: parcel for parcel, them in addressed(emissions, members) for one in them}
    assert len(set(map(id, sent.values()))) == 4
    for member, where in everyone.items():
        mine = [one for one in emissions if not set(one.rooms).isdisjoint(where)]
        assert list(sent[member].emissions if member in sent else []) == mine
        if mine:
            assert sent[member].frames(cursor=False) == b"".join(one.plain.frame for one in mine)
            assert sent[member].frames(cursor=True) == b"".join(one.stamped.frame for one in mine)
