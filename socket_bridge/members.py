"""Who is connected, and who is in which room: two maps that point at each other, so that nothing is
scanned."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from contracts.identity import Identity
from socket_bridge.outlet import Outlet
from socket_bridge.packets import Emission, Packet


@dataclass(frozen=True)
class Cursor:
    """Where a client was when its connection was lost: the last sequence it had, of which stream."""

    since: int
    epoch: str


class Line(Protocol):
    """The way to one client: everything it gets goes through here, in this order."""

    outlet: Outlet
    """Where frames may be written right away."""

    def let_wait(self, rest: bytes) -> None:
        """Send this, which the outlet did not take, before anything that follows."""

    def deliver(self, packet: Packet) -> None:
        """Send this now, or when the client next asks."""

    def deliver_all(self, packets: Sequence[Packet]) -> None:
        """Send these, one after another, as one."""

    async def drained(self, below: int) -> bool:
        """Wait until fewer bytes than this wait for the client; False when the connection has ended."""

    def hang_up(self, farewell: Packet | None) -> None:
        """Send a last packet, if any, and end the connection."""


class Member:
    """A client that showed a valid token; `cursor` says that it wants each event's stamp.

    `came_from` is its cursor when it was here before. `rooms` says of each room since when: the sequence
    after which this member has had all of its events. `paused_at` is the last sequence it got from them,
    while it is to get nothing from them.
    """

    __slots__ = (
        "came_from",
        "connected",
        "cursor",
        "expiry",
        "identity",
        "line",
        "outlet",
        "paused_at",
        "rooms",
    )

    def __init__(self, line: Line, identity: Identity, cursor: bool, came_from: Cursor | None = None) -> None:
        self.line = line
        self.outlet = line.outlet
        self.identity = identity
        self.cursor = cursor
        self.came_from = came_from
        self.rooms: dict[str, int] = {}
        self.paused_at: int | None = None
        self.expiry: asyncio.TimerHandle | None = None
        self.connected = True

    def receive(self, emission: Emission) -> None:
        """Send an event to this member."""
        self.line.deliver(emission.stamped if self.cursor else emission.plain)


class Members:
    """All members of this bridge, by connection and by room."""

    def __init__(self) -> None:
        self._by_key: dict[str, Member] = {}
        self._by_room: dict[str, set[Member]] = {}
        self.changes = 0
        """How often somebody has left a room: who counts again and finds the same, missed nothing."""

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def rooms(self) -> int:
        """How many rooms have someone in them."""
        return len(self._by_room)

    def all(self) -> list[Member]:
        """Everyone, as of now."""
        return list(self._by_key.values())

    def get(self, key: str) -> Member | None:
        """The member on this connection, None when it has not shown a token."""
        return self._by_key.get(key)

    def add(self, key: str, member: Member) -> None:
        """Remember who is on this connection."""
        self._by_key[key] = member

    def remove(self, key: str) -> Member | None:
        """Forget who was on this connection; they leave their own rooms, and no others are looked at."""
        member = self._by_key.pop(key, None)
        if member is not None:
            self.dismiss(member)
        return member

    def dismiss(self, member: Member) -> None:
        """Let a member hear no more from here on, whatever becomes of the connection."""
        member.connected = False
        if member.expiry is not None:
            member.expiry.cancel()
        for room in tuple(member.rooms):
            self.leave(member, room)

    def enter(self, member: Member, room: str, since: int) -> None:
        """Put a member in a room; nothing changes for one who is there already, or gone meanwhile."""
        if member.connected and room not in member.rooms:
            member.rooms[room] = since
            self._by_room.setdefault(room, set()).add(member)

    def pause(self, member: Member, seq: int) -> None:
        """Leave a member out of what its rooms get after `seq`, until it is resumed."""
        if member.paused_at is None:
            member.paused_at = seq
            for room in member.rooms:
                self._take_out(member, room)

    def resume(self, member: Member) -> None:
        """Let a paused member get again what its rooms get; it has had everything until now."""
        if member.paused_at is not None:
            member.paused_at = None
            if member.connected:
                for room in member.rooms:
                    self._by_room.setdefault(room, set()).add(member)

    def leave(self, member: Member, room: str) -> None:
        """Take a member out of a room; not being there changes nothing."""
        member.rooms.pop(room, None)
        self._take_out(member, room)

    def _take_out(self, member: Member, room: str) -> None:
        present = self._by_room.get(room)
        if present is not None:
            present.discard(member)
            self.changes += 1
            if not present:
                del self._by_room[room]

    def present(self, rooms: Iterable[str]) -> Collection[Member]:
        """Who is in any of these rooms, each once."""
        occupied = [present for room in rooms if (present := self._by_room.get(room))]
        if len(occupied) == 1:
            return occupied[0]
        return set().union(*occupied)

    def shares(self, rooms: Mapping[str, int]) -> dict[Member, int]:
        """Who is in any of these rooms, each once, with the bits of all of them that they are in."""
        shares: dict[Member, int] = {}
        for room, bits in rooms.items():
            present = self._by_room.get(room, ())
            if not shares:
                shares = dict.fromkeys(present, bits)
                continue
            for member in present:
                shares[member] = shares.get(member, 0) | bits
        return shares
