"""Events to everyone in their rooms, each once, and those that wait together in one write."""

import asyncio
from collections.abc import Iterable, Sequence
from heapq import heappop, heappush
from itertools import count, islice
from os import write

from socket_bridge.bundle import Bundle
from socket_bridge.door import Door
from socket_bridge.members import Member, Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
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
        bundle = Bundle([self._ring.emission(one) for one in messages], [one.rooms for one in messages])
        shares = self._members.shares(bundle.rooms)
        if len(shares) <= STRETCH:
            self._note(messages)
            _write(bundle, shares.items())
        else:
            async with self.gate:
                shares = self._members.shares(bundle.rooms)
                self._note(messages)
                await self._write_in_stretches(bundle, shares)
        self.advance(messages[-1].seq)
        self._metrics.forwarded.inc(len(messages))
        self._metrics.deliveries.inc(sum(map(int.bit_count, shares.values())))
        self._since_turn += EVENT * len(messages) + len(shares)
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

    async def _write_in_stretches(self, bundle: Bundle, shares: dict[Member, int]) -> None:
        changes = self._members.changes
        rest = iter(shares.items())
        for start in range(0, len(shares), STRETCH):
            stretch: Iterable[tuple[Member, int]] = islice(rest, STRETCH)
            if start:
                await asyncio.sleep(0)
            if self._members.changes != changes:
                # Who left meanwhile was told so already.
                stretch = [(one, left) for one, share in stretch if (left := share & bundle.share(one.rooms))]
            _write(bundle, stretch)


def _write(bundle: Bundle, shares: Iterable[tuple[Member, int]]) -> None:
    """The inner loop of the bridge: one write a member, and as little else as can be."""
    plain, stamped = bundle.plain, bundle.stamped
    for member, share in shares:
        frames = stamped if member.cursor else plain
        fd = member.outlet.fd
        if fd < 0:
            member.line.deliver_all(frames.packets(share))
            continue
        data = frames[share]
        try:
            taken = write(fd, data)  # as `Outlet.write`, without a call for each member
        except OSError:
            taken = 0
        if taken < len(data):
            member.line.let_wait(data[taken:])
