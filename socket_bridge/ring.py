"""The latest events, kept in memory so that a client that was away for a moment costs the broker nothing."""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator

from socket_bridge.message import Message
from socket_bridge.packets import Emission

EMISSIONS, EMITTED = 5_000, 8 * 1024 * 1024
"""How many events, and bytes of payload, are kept as packets too, if the ring has as many: clients that come
back at once miss the same ones, those of each clinic others."""


class Ring:
    """Every event with rooms after `start`, bounded by number and bytes; of snapshots the newest of a
    subject."""

    def __init__(self, limit: int, bytes_limit: int) -> None:
        self._limit = limit
        self._bytes_limit = bytes_limit
        self._emissions_limit = min(limit, EMISSIONS)
        self._emissions: OrderedDict[int, Emission] = OrderedDict()
        self.begin(0)

    def begin(self, start: int) -> None:
        """Forget everything; what is added from now on follows `start`."""
        self.start = start
        self._bytes = 0
        self._messages: OrderedDict[int, Message] = OrderedDict()
        self._snapshots: dict[str, int] = {}
        self._by_room: dict[str, deque[int]] = {}
        self._emissions.clear()
        self._emitted = 0

    def add(self, message: Message) -> None:
        """Keep this event, which follows all that were added before."""
        if message.snapshot:
            replaced = self._snapshots.get(message.subject)
            self._snapshots[message.subject] = message.seq
            if replaced is not None:
                self._drop(replaced)
        self._messages[message.seq] = message
        self._bytes += len(message.payload)
        for room in message.rooms:
            kept = self._by_room.setdefault(room, deque())
            while kept and kept[0] not in self._messages:
                kept.popleft()
            kept.append(message.seq)
        while len(self._messages) > self._limit or self._bytes > self._bytes_limit:
            self.start = next(iter(self._messages))
            self._drop(self.start)

    def covers(self, since: int) -> bool:
        """Whether everything after `since` is here."""
        return since >= self.start

    def after(self, since: int, rooms: Collection[str], limit: int) -> list[Message]:
        """The first events after `since` for any of these rooms, in order, `limit` of them at most."""
        found = {seq for room in rooms for seq in self._missed(room, since)}
        return [self._messages[seq] for seq in sorted(found)[:limit]]

    def emission(self, message: Message) -> Emission:
        """The event as packets, kept for the next who missed it."""
        emission = self._emissions.get(message.seq)
        if emission is None:
            emission = self._emissions[message.seq] = message.emission()
            self._emitted += len(message.payload)
            while len(self._emissions) > self._emissions_limit or self._emitted > EMITTED:
                self._emitted -= len(self._emissions.popitem(last=False)[1].payload)
        return emission

    def _missed(self, room: str, since: int) -> Iterator[int]:
        for seq in reversed(self._by_room.get(room, ())):
            if seq <= since:
                return
            if seq in self._messages:
                yield seq

    def _drop(self, seq: int) -> None:
        message = self._messages.pop(seq, None)
        if message is None:
            return
        self._bytes -= len(message.payload)
        if self._snapshots.get(message.subject) == seq:
            del self._snapshots[message.subject]
        for room in message.rooms:
            kept = self._by_room.get(room)
            while kept and kept[0] not in self._messages:
                kept.popleft()
            if kept is not None and not kept:
                del self._by_room[room]
