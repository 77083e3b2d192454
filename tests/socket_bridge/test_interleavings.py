"""Joins that race with live events, in every interleaving that hypothesis thinks of."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts import headers
from contracts.identity import Identity
from socket_bridge import forwarder as forwarding
from socket_bridge import replay as replaying
from socket_bridge.forwarder import Forwarder
from socket_bridge.members import Cursor, Member, Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.outlet import Outlet
from socket_bridge.packets import Packet
from socket_bridge.replay import Replay
from socket_bridge.ring import Ring
from socket_bridge.snapshots import Snapshots
from socket_bridge.stored import Stored
from tests.socket_bridge.stage import LIMIT

ROOMS = ("clinic_1", "doctor_2", "staff")

SOMEONE = Identity.model_validate(
    {
        "sub": "7",
        "name": "Tess",
        "role": "admin",
        "clinics": "*",
        "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
    }
)


class Tape:
    """A client's line that writes down what it gets, and is read at when the test says so."""

    def __init__(self) -> None:
        self.outlet = Outlet()
        self.got: list[bytes] = []
        self.unread = 0
        self.read = asyncio.Event()
        self.ended = False

    def deliver(self, packet: Packet) -> None:
        """Write it down."""
        self.got.append(packet.body)
        self.unread += 1

    def deliver_all(self, packets: Sequence[Packet]) -> None:
        """Write them down."""
        for packet in packets:
            self.deliver(packet)

    def let_wait(self, rest: bytes) -> None:
        """The outlet is never open."""

    async def drained(self, below: int) -> bool:
        """Wait until the client has read."""
        while self.unread > 2:
            self.read.clear()
            await self.read.wait()
        return True

    def hang_up(self, farewell: Packet | None) -> None:
        """The client has to come back."""
        self.ended = True


class Stream(Stored):
    """All that was ever published, as direct get would find it: of snapshots the newest."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def end(self) -> Cursor:
        """Where the last lies, found after a while."""
        await asyncio.sleep(0)
        return Cursor(len(self.messages), "epoch")

    async def after(
        self, since: int, until: int, rooms: Collection[str], clinic: int | None, limit: int
    ) -> tuple[list[Message], int]:
        """What lies between, found after a while."""
        await asyncio.sleep(0)
        newest = {message.subject: message.seq for message in self.messages}
        await asyncio.sleep(0)
        found = [
            message
            for message in self.messages
            if since < message.seq <= until
            and set(rooms) & set(message.rooms)
            and (not is_snapshot(message) or newest[message.subject] == message.seq)
        ]
        return found, until


def is_snapshot(message: Message) -> bool:
    """Whether it replaces the one before."""
    return message.subject.endswith("queue_updated")


PUBLISH = st.tuples(
    st.just("publish"),
    st.sampled_from(["clinic.1.queue_updated", "clinic.1.visit_cancelled", "patient.4.patient_updated"]),
    st.lists(st.sampled_from(ROOMS), min_size=1, max_size=3, unique=True),
)
JOIN = st.tuples(st.just("join"), st.sampled_from(ROOMS), st.integers(0, 30))
TURN = st.tuples(st.just("turn"), st.integers(1, 3))
READ = st.tuples(st.just("read"))
STEPS = st.lists(st.one_of(PUBLISH, PUBLISH, JOIN, TURN, READ), max_size=40)

Step = tuple[object, ...]


class Scene:
    """The real members, ring, forwarder and replay, around one client."""

    def __init__(self, ring_limit: int) -> None:
        self.members = Members()
        self.ring = Ring(ring_limit, 10**6)
        self.stream = Stream()
        snapshots = Snapshots.__new__(Snapshots)
        snapshots._wanted, snapshots._last, snapshots._passed = {}, {}, {}
        metrics = Metrics()
        self.forwarder = Forwarder(self.members, snapshots, self.ring, metrics)
        self.replay = Replay(
            self.members, self.forwarder, self.ring, self.stream, self._epoch, metrics, limit=10_000
        )
        self.tape = Tape()
        self.member = Member(self.tape, SOMEONE, cursor=True)
        self.members.add("one", self.member)
        for number in range(3):
            # Others, so that an event takes several stretches.
            other = Member(Tape(), SOMEONE, cursor=False)
            self.members.add(f"other {number}", other)
            for room in ROOMS:
                self.members.enter(other, room, 0)
        self.begun: int | None = None  # what had come when the join first held the gate
        self.entered: list[tuple[tuple[str, ...], int, bool, int, int]] = []

    async def play(self, steps: list[Step], at_connect: tuple[str, ...], since: int) -> None:
        """Publish as one reader does, connect and join as one client does, both at once."""
        joins: asyncio.Queue[Step | None] = asyncio.Queue()
        published: asyncio.Queue[Message | None] = asyncio.Queue()

        async def join() -> None:
            await self._join(at_connect, since)
            while (wish := await joins.get()) is not None and not self.tape.ended:
                await self._join((str(wish[1]),), int(str(wish[2])))

        async def forward() -> None:
            while (message := await published.get()) is not None:
                waiting = [message]
                while not published.empty() and (message := published.get_nowait()) is not None:
                    waiting.append(message)
                await self.forwarder.forward(waiting)
                if message is None:
                    return

        work = [asyncio.create_task(join()), asyncio.create_task(forward())]
        seq = 0
        for step in steps:
            match step:
                case ("publish", str(subject), [*rooms]):
                    seq += 1
                    named = {headers.ROOMS: ",".join(map(str, rooms))}
                    message = Message(seq, subject, named, b"{}")
                    self.stream.messages.append(message)
                    published.put_nowait(message)
                case ("join", _, _):
                    joins.put_nowait(step)
                case ("turn", int(times)):
                    for _ in range(times):
                        await asyncio.sleep(0)
                case _:
                    self._read()
        joins.put_nowait(None)
        published.put_nowait(None)
        async with asyncio.timeout(LIMIT):
            while not all(task.done() for task in work):
                self._read()
                await asyncio.sleep(0)
        await asyncio.gather(*work)

    async def _join(self, rooms: tuple[str, ...], since: int) -> None:
        had = {room for room in rooms if room in self.member.rooms}
        self.begun = None

        def entered(recovered: bool) -> None:
            if not had:
                self.entered.append((rooms, since, recovered, self.forwarder.seq, self.begun or 0))

        await self.replay.enter(self.member, rooms, Cursor(since, "epoch"), 1, entered)

    def _epoch(self) -> str:
        if self.begun is None:
            self.begun = len(self.tape.got)
        return "epoch"

    def _read(self) -> None:
        self.tape.unread = 0
        self.tape.read.set()

    def check(self) -> None:
        """Each event of each room once, in order, from where the room was entered; nothing else."""
        got = [int(body.rpartition(b'"seq":')[2].split(b"}")[0].split(b",")[0]) for body in self.tape.got]
        assert len(got) == len(set(got)), "an event came twice"
        newest = {message.subject: message.seq for message in self.stream.messages}
        by_seq = {message.seq: message for message in self.stream.messages}
        mine = {room for rooms, *_ in self.entered for room in rooms}
        assert all(mine & set(by_seq[seq].rooms) for seq in got), "an event of no room of ours came"
        for rooms, since, recovered, seq, begun in self.entered:
            start = since if recovered else seq
            for room in rooms:
                there = [one for one in got if room in by_seq[one].rooms and one > start]
                # What came before the join came by another room, and is not sent again.
                since_then = [one for one in got[begun:] if one in there]
                assert since_then == sorted(since_then), f"events of {room} came out of order"
                must = {
                    message.seq
                    for message in self.stream.messages
                    if room in message.rooms
                    and message.seq > start
                    and (not is_snapshot(message) or newest[message.subject] == message.seq)
                }
                # Who was too slow for what memory holds is told to come back, and gets the rest then.
                assert must <= set(there) or (self.tape.ended and self.ring.start), (
                    f"events of {room} are missing"
                )


TWO_JOINS: list[Step] = [
    *[("publish", "clinic.1.visit_cancelled", ["clinic_1"])] * 5,
    *[("join", "clinic_1", 0), ("turn", 1)],
    *[("publish", "clinic.1.visit_cancelled", ["clinic_1", "staff"])] * 5,
    ("join", "doctor_2", 0),
]
"""A client enters one room while events of another go on, and then a second one."""


@settings(max_examples=150, deadline=None)
@given(
    steps=STEPS,
    at_connect=st.lists(st.sampled_from(ROOMS), max_size=2, unique=True).map(tuple),
    since=st.integers(0, 5),
    ring_limit=st.integers(1, 20),
)
@example(
    steps=TWO_JOINS,
    at_connect=("staff",),
    since=0,
    ring_limit=3,
)
@example(
    steps=TWO_JOINS,
    at_connect=("staff",),
    since=0,
    ring_limit=20,
)
def test_a_join_that_races_loses_doubles_and_reorders_nothing(
    steps: list[Step], at_connect: tuple[str, ...], since: int, ring_limit: int
) -> None:
    async def play() -> None:
        scene = Scene(ring_limit)
        await scene.play(steps, at_connect, since)
        scene.check()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forwarding, "STRETCH", 1)
        patch.setattr(replaying, "STRETCH", 2)
        asyncio.run(play())
