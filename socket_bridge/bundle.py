"""Events that leave together: to each member those of its rooms, one frame after another, in one write.

Which of the events are meant is said by a number: its first bit is the first event's, and so on.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

from socket_bridge.packets import Emission, Packet


class Bundle:
    """Some events in the order of the stream; `rooms` says which of them go where."""

    __slots__ = ("plain", "rooms", "stamped")

    def __init__(self, emissions: Sequence[Emission], audiences: Iterable[Collection[str]]) -> None:
        rooms: dict[str, int] = {}
        for number, audience in enumerate(audiences):
            for room in audience:
                rooms[room] = rooms.get(room, 0) | 1 << number
        self.rooms: Mapping[str, int] = rooms
        self.plain = Frames(emissions, stamped=False)
        self.stamped = Frames(emissions, stamped=True)

    def share(self, rooms: Iterable[str]) -> int:
        """Which of the events are for somebody who is in these rooms."""
        share = 0
        for room in rooms:
            share |= self.rooms.get(room, 0)
        return share


class Frames(dict[int, bytes]):
    """The bytes of those events that a member gets, put together once for all who get the same."""

    __slots__ = ("_emissions", "_stamped")

    def __init__(self, emissions: Sequence[Emission], *, stamped: bool) -> None:
        self._emissions = emissions
        self._stamped = stamped

    def packets(self, share: int) -> list[Packet]:
        """The same, each by itself."""
        return [
            emission.stamped if self._stamped else emission.plain
            for number, emission in enumerate(self._emissions)
            if share >> number & 1
        ]

    def __missing__(self, share: int) -> bytes:
        frames = self[share] = b"".join([packet.frame for packet in self.packets(share)])
        return frames
