"""An event to everyone in its rooms, each once."""

import asyncio
from collections.abc import Collection, Iterable
from heapq import heappop, heappush
from itertools import count
from os import write

from contracts.stream import event_of
from socket_bridge.door import Door
from socket_bridge.members import Member, Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.packets import Emission
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

    async def forward(self, message: Message) -> None:
        """Deliver this message to the members of its rooms."""
        present = self._members.present(message.rooms)
        if len(present) <= STRETCH:
            _write(self._note(message), present)
        else:
            async with self.gate:
                present = tuple(self._members.present(message.rooms))
                await self._write_in_stretches(self._note(message), message.rooms, present)
        self.advance(message.seq)
        self._metrics.forwarded.inc()
        self._metrics.deliveries.inc(len(present))
        self._since_turn += EVENT + len(present)
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

    def _note(self, message: Message) -> Emission:
        """Keep the message for those who come later."""
        emission = self._ring.emission(message)
        self._ring.add(message)
        contract = event_of(message.subject)
        if contract is not None and contract.snapshot:
            self._snapshots.pass_by(message.subject, emission)
        return emission

    async def _write_in_stretches(
        self, emission: Emission, rooms: tuple[str, ...], present: tuple[Member, ...]
    ) -> None:
        changes = self._members.changes
        for start in range(0, len(present), STRETCH):
            stretch: Collection[Member] = present[start : start + STRETCH]
            if start:
                await asyncio.sleep(0)
            if self._members.changes != changes:
                # Who left meanwhile was told so already.
                stretch = [one for one in stretch if not one.rooms.keys().isdisjoint(rooms)]
            _write(emission, stretch)


def _write(emission: Emission, members: Iterable[Member]) -> None:
    """The inner loop of the bridge: one write a member, and as little else as can be."""
    for member in members:
        packet = emission.stamped if member.cursor else emission.plain
        fd = member.outlet.fd
        if fd < 0:
            member.line.deliver(packet)
            continue
        frame = packet.frame
        try:
            taken = write(fd, frame)  # as `Outlet.write`, without a call for each member
        except OSError:
            taken = 0
        if taken < len(frame):
            member.line.let_wait(frame[taken:])
