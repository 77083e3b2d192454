"""One message of the stream, as the bridge sees it: where it goes, and bytes it does not read."""

from collections.abc import Mapping

from contracts.headers import AT, MESSAGE_ID, REVISION, ROOMS
from contracts.stream import event_of
from socket_bridge.packets import Emission, Stamp


class Message:
    """A stored event: its place in the stream, its subject, its headers and its payload's JSON.

    `rooms` are those it is for, none when it passes between services only; a `snapshot` replaces the one
    before it on its subject.
    """

    __slots__ = ("headers", "payload", "rooms", "seq", "snapshot", "subject")

    def __init__(self, seq: int, subject: str, headers: Mapping[str, str], payload: bytes) -> None:
        self.seq = seq
        self.subject = subject
        self.headers = headers
        self.payload = payload
        # Asked for again and again: worked out once.
        rooms = headers.get(ROOMS)
        self.rooms = tuple(rooms.split(",")) if rooms else ()
        contract = event_of(subject)
        self.snapshot = contract is not None and contract.snapshot

    def emission(self) -> Emission:
        """The event as clients get it; a revision that is no number is none."""
        revision = self.headers.get(REVISION)
        stamp = Stamp(
            self.seq,
            int(revision) if revision and revision.isdecimal() else None,
            self.headers.get(AT),
            self.headers.get(MESSAGE_ID),
        )
        return Emission(self.subject.rpartition(".")[2], self.payload, stamp, self.rooms)
