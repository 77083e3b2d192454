"""Where in the stream a listener is, and so which events are new to it."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A place in the stream of an epoch."""

    since: int
    epoch: str


class Cursor:
    """Says from where to resume, and which events were not heard yet.

    While a return is under way, the rooms come back one by one, each with its own missed events: `seq` may
    jump back, and what was heard is remembered one by one. The place to resume from stays where it was until
    every room is back; then it is the newest that was heard. Pictures have a place of their own for each
    subject, because a newcomer is shown the last one, however old.
    """

    def __init__(self) -> None:
        self._epoch: str | None = None
        self._since = 0
        self._newest = 0
        self._settled = False
        self._heard: set[int] = set()
        self._pictures: dict[str, tuple[int, frozenset[str]]] = {}

    def place(self) -> Place | None:
        """What to resume from; nothing before the first connection."""
        return None if self._epoch is None else Place(self._since, self._epoch)

    def opened(self, epoch: str, seq: int) -> bool:
        """The bridge says where the stream is; False when that is not the one this cursor has a place in."""
        same = epoch == self._epoch and self._since <= seq
        if not same:
            self._epoch, self._since = epoch, 0
            self._heard.clear()
            self._pictures.clear()
        self._newest = seq  # of this connection: another bridge may be behind the one before
        return same

    def entered(self, room: str, seq: int, recovered: bool) -> None:
        """A room is entered at this place; without recovery the picture that follows counts, however old."""
        self._newest = max(self._newest, seq)
        if not recovered:
            self._pictures = {
                subject: (shown, rooms)
                for subject, (shown, rooms) in self._pictures.items()
                if room not in rooms
            }

    def settle(self) -> None:
        """Every room is back: from here on events come in their order."""
        self._settled = True
        self._since = self._newest
        self._heard = {seq for seq in self._heard if seq > self._since}

    def lost(self) -> None:
        """The connection is lost: the way back starts here."""
        self._settled = False

    def is_new(self, seq: int) -> bool:
        """Whether an event that is delivered each, in order, is new; asked once for each."""
        if seq <= self._since or seq in self._heard:
            return False
        if not self._settled:
            self._heard.add(seq)
        self._advance(seq)
        return True

    def is_newer(self, subject: str, rooms: Collection[str], seq: int) -> bool:
        """Whether a picture is newer than what its subject showed; asked once for each."""
        if seq <= self._pictures.get(subject, (-1, ()))[0]:
            return False
        self._pictures[subject] = (seq, frozenset(rooms))
        self._advance(seq)
        return True

    def _advance(self, seq: int) -> None:
        self._newest = max(self._newest, seq)
        if self._settled:
            self._since = self._newest
