"""Events to everyone in their rooms, each once, and those that wait together in one write."""

import asyncio
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import count
from os import write

from socket_bridge.door import Door
from socket_bridge.members import Member, Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.parcel import Parcel, addressed
from socket_bridge.ring import Ring
from socket_bridge.snapshots import Snapshots

STRETCH = 250
"""Members written to at a stretch; then pings, joins and others' reads have their turn (a few
milliseconds)."""

EVENT = 20
"""How many members an event costs as much as, whoever gets it: many small ones are a stretch too."""

REACHED = 10
"""Who waited for the same event and goes on in one turn of the loop: there may be a lot to send to each."""


class Forwarder:
    """Delivers messages in the order they come; `seq` is the last one that all its members have.

    `gate` is held while an event is half-way through its members. Who enters a room takes it first, so that
    to a newcomer each event is either wholly before the join or wholly after it.
    """

    def __init__(self, members: Members, snapshots: Snapshots, ring: Ring, metrics: Metrics) -> None:
        self._members = members
        self._snapshots = snapshots
        self._ring = ring
        self._metrics = metrics
        self.gate = asyncio.Lock()
        self.seq = 0
        self._since_turn = 0
        self._awaited: list[tuple[int, int, asyncio.Future[None]]] = []
        self._waits = count()
        self._door = Door(REACHED)

    async def forward(self, messages: Sequence[Message]) -> None:
        """Deliver these, one after another, to the members of their rooms."""
        emissions = [self._ring.emission(message) for message in messages]
        parcels = addressed(emissions, self._members)
        present = sum([len(members) for _, members in parcels])
        if present <= STRETCH:
            self._note(messages)
            for parcel, members in parcels:
                _write(parcel, members)
        else:
            async with self.gate:
                parcels = addressed(emissions, self._members)
                self._note(messages)
                present = await self._write_in_stretches(parcels)
        self.advance(messages[-1].seq)
        self._metrics.forwarded.inc(len(messages))
        self._metrics.deliveries.inc(sum([len(one.emissions) * len(members) for one, members in parcels]))
        self._since_turn += EVENT * len(messages) + present
        if self._since_turn >= STRETCH:
            # The reader takes what has come without a pause; between two events everyone else may.
            self._since_turn = 0
            await asyncio.sleep(0)

    def begin(self, seq: int) -> None:
        """Another stream, read from there on: who waits for a place in the one before waits no longer."""
        self.seq = seq
        for _, _, reached in self._awaited:
            if not reached.done():
                reached.set_result(None)
        self._awaited.clear()

    def advance(self, seq: int) -> None:
        """Everything up to there is at the sockets."""
        self.seq = seq
        while self._awaited and self._awaited[0][0] <= seq:
            _, _, reached = heappop(self._awaited)
            if not reached.done():
                reached.set_result(None)

    async def reached(self, seq: int) -> None:
        """Wait until everything up to there is at the sockets."""
        if seq > self.seq:
            reached = asyncio.get_running_loop().create_future()
            heappush(self._awaited, (seq, next(self._waits), reached))
            await reached
            await self._door.turn()

    def _note(self, messages: Sequence[Message]) -> None:
        """Keep the messages for those who come later."""
        for message in messages:
            self._ring.add(message)
            if message.snapshot:
                self._snapshots.pass_by(message.subject, self._ring.emission(message))

    async def _write_in_stretches(self, parcels: Sequence[tuple[Parcel, Sequence[Member]]]) -> int:
        """Write to all of them, with turns for everyone else; how many they were."""
        changes, written = self._members.changes, 0
        for parcel, members in parcels:
            at = 0
            while at < len(members):
                if written and written % STRETCH == 0:
                    await asyncio.sleep(0)
                stretch = members[at : at + STRETCH - written % STRETCH]
                at += len(stretch)
                written += len(stretch)
                if self._members.changes == changes:
                    _write(parcel, stretch)
                    continue
                for one in stretch:
                    # Who left meanwhile was told so already.
                    _write(parcel.left_for(one.rooms), (one,))
        return written


def _write(parcel: Parcel, members: Iterable[Member]) -> None:
    """The inner loop of the bridge: one write a member, and as little else as can be."""
    if not parcel.emissions:
        return
    frames: list[bytes | None] = [None, None]  # without the stamp, and with it
    for member in members:
        fd = member.outlet.fd
        if fd < 0:
            member.line.deliver_all(parcel.packets(member.cursor))
            continue
        data = frames[member.cursor]
        if data is None:
            data = frames[member.cursor] = parcel.frames(member.cursor)
        try:
            taken = write(fd, data)  # as `Outlet.write`, without a call for each member
        except OSError:
            taken = 0
        if taken < len(data):
            member.line.let_wait(data[taken:])
