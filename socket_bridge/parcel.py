"""Events that leave together: to each member those of its rooms, one frame after another, in one write."""

from collections.abc import Collection, Iterable, Sequence

from socket_bridge.members import Member, Members
from socket_bridge.packets import Emission, Packet


class Parcel:
    """Some events in the order of the stream, for all who get just these."""

    __slots__ = ("emissions",)

    def __init__(self, emissions: Sequence[Emission]) -> None:
        self.emissions = emissions

    def packets(self, cursor: bool) -> list[Packet]:
        """The events one by one, with their stamps for a member with a cursor."""
        return [one.stamped if cursor else one.plain for one in self.emissions]

    def frames(self, cursor: bool) -> bytes:
        """The same as one."""
        return b"".join([packet.frame for packet in self.packets(cursor)])

    def left_for(self, rooms: Collection[str]) -> "Parcel":
        """What of it is for somebody who is in these rooms."""
        left = [one for one in self.emissions if not set(one.rooms).isdisjoint(rooms)]
        return self if len(left) == len(self.emissions) else Parcel(left)


def addressed(emissions: Sequence[Emission], members: Members) -> list[tuple[Parcel, Sequence[Member]]]:
    """These events to everyone in their rooms: a parcel for all who get the same of them."""
    rooms = emissions[0].rooms
    if len(emissions) == 1 or all(one.rooms == rooms for one in emissions):
        return [(Parcel(emissions), tuple(members.present(rooms)))]
    alike: dict[int, list[Member]] = {}
    for member, share in members.shares(_shares(emissions)).items():
        alike.setdefault(share, []).append(member)
    return [
        (Parcel([one for number, one in enumerate(emissions) if share >> number & 1]), them)
        for share, them in alike.items()
    ]


def _shares(emissions: Iterable[Emission]) -> dict[str, int]:
    """Which of the events go to each room: a bit an event, the first event's is the first."""
    shares: dict[str, int] = {}
    for number, emission in enumerate(emissions):
        for room in emission.rooms:
            shares[room] = shares.get(room, 0) | 1 << number
    return shares
