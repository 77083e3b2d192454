"""One message of the stream, as the bridge sees it: where it goes, and bytes it does not read."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts import headers
from socket_bridge.packets import Emission, Stamp


@dataclass(frozen=True, slots=True)
class Message:
    """A stored event: its place in the stream, its subject, its headers and its payload's JSON."""

    seq: int
    subject: str
    headers: Mapping[str, str]
    payload: bytes

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms it is for; none when it passes between services only."""
        named = self.headers.get(headers.ROOMS)
        return tuple(named.split(",")) if named else ()

    def emission(self) -> Emission:
        """The event as clients get it. Raises ValueError when its revision is no number."""
        revision = self.headers.get(headers.REVISION)
        stamp = Stamp(
            self.seq,
            int(revision) if revision else None,
            self.headers.get(headers.AT),
            self.headers.get(headers.MESSAGE_ID),
        )
        return Emission(self.subject.rpartition(".")[2], self.payload, stamp)
