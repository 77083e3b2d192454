"""Judges a run by what each screen wrote down and what the databases hold; it shares no code with either."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.faults.driver import Promise
from tests.faults.house import Row
from tests.faults.screens import Began, Came, Entered, Screen, text

SNAPSHOTS = ("queue_updated", "board_updated", "phases_updated")

REPLAY_LIMIT = 5_000
"""Missed events up to which a screen must be able to come back (README: REPLAY_LIMIT)."""


@dataclass
class Verdict:
    """What is wrong, by kind; and what was looked at."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)
    unpublished: list[str] = field(default_factory=list)
    broken_promises: list[str] = field(default_factory=list)
    needless_gaps: list[str] = field(default_factory=list)
    committed: int = 0
    received: int = 0
    recovered: int = 0
    gaps: int = 0

    @property
    def faults(self) -> dict[str, list[str]]:
        """What is wrong; empty when nothing is."""
        kinds = {
            "lost": self.lost,
            "doubled": self.doubled,
            "reordered": self.reordered,
            "invented": self.invented,
            "stale": self.stale,
            "unpublished": self.unpublished,
            "broken promises": self.broken_promises,
            "needless gaps": self.needless_gaps,
        }
        return {kind: found for kind, found in kinds.items() if found}


Line = tuple[str, str, str]
"""Whose order is promised: a service's events of one clinic, or of one patient, in a room."""


def _line(row: Row, room: str) -> Line:
    # These rooms bring more than one clinic's, and changes of two clinics, or two patients, may overlap.
    several = room in ("staff", "desk_all")
    return row.service, room, row.subject.split(".")[1] if several else ""


@dataclass
class Stretch:
    """What came of one room between two honest gaps: positions in the room's own list."""

    epoch: str
    after: int
    places: list[int] = field(default_factory=list)


def judge(
    rows: Sequence[Row],
    screens: Iterable[Screen],
    promises: Sequence[Promise],
    baseline: Mapping[str, int],
    truth: Mapping[str, Mapping[str, Any]],
) -> Verdict:
    """Hold every screen to every row.

    `baseline` is each service's last position when all screens were in their rooms; `truth` is what GET
    answers, by screen and by picture.
    """
    verdict = Verdict(committed=sum(not row.snapshot for row in rows))
    _published(rows, verdict)
    _promised(rows, promises, verdict)
    by_id = {row.id: row for row in rows}
    screens = list(screens)
    places = _places_in_streams(screens)
    for screen in screens:
        _Watching(screen, rows, by_id, places, baseline, verdict).judge()
        for picture, there in truth.get(screen.name, {}).items():
            if text(screen.pictures.get(picture)) != text(there):
                verdict.stale.append(f"{screen.name}: {picture} is not what GET answers")
    return verdict


def _published(rows: Sequence[Row], verdict: Verdict) -> None:
    for row in rows:
        if row.refused is not None or not row.published:
            verdict.unpublished.append(f"{row.service} {row.position} {row.subject} {row.refused or ''}")


def _promised(rows: Sequence[Row], promises: Sequence[Promise], verdict: Verdict) -> None:
    """What was answered is committed, and once, though it was asked more than once."""
    found: dict[Promise, int] = defaultdict(int)
    for row in rows:
        for noun in ("visit", "patient", "appointment", "payment"):
            thing = (row.payload or {}).get(noun)
            if isinstance(thing, dict):
                found[Promise(row.service, row.name, noun, thing["id"])] += 1
    for promise in promises:
        if found[promise] != 1:
            verdict.broken_promises.append(f"{promise} is in the outbox {found[promise]} times")


def _places_in_streams(screens: Iterable[Screen]) -> dict[tuple[str, int], int]:
    """Where in the stream of an epoch an event stands, as far as any screen was told."""
    places = {}
    for screen in screens:
        epochs = _epochs(screen)
        for entry in screen.log:
            if isinstance(entry, Came) and entry.connection in epochs:
                places[epochs[entry.connection], entry.id] = entry.seq
    return places


def _epochs(screen: Screen) -> dict[int, str]:
    return {entry.connection: entry.epoch for entry in screen.log if isinstance(entry, Entered)}


class _Watching:
    """One screen's log, walked through from its beginning."""

    def __init__(
        self,
        screen: Screen,
        rows: Sequence[Row],
        by_id: Mapping[int, Row],
        places: Mapping[tuple[str, int], int],
        baseline: Mapping[str, int],
        verdict: Verdict,
    ) -> None:
        self._baseline = baseline
        self._screen = screen
        self._by_id = by_id
        self._places = places
        self._verdict = verdict
        self._due: dict[Line, list[Row]] = defaultdict(list)
        self._index: dict[int, int] = {}
        for row in rows:
            room = self._room(row)
            if room and not row.snapshot:
                due = self._due[_line(row, room)]
                self._index[row.id] = len(due)
                due.append(row)
        self._stretches: dict[Line, list[Stretch]] = {key: [Stretch("", 0)] for key in self._due}
        self._epochs = _epochs(screen)

    def judge(self) -> None:
        """Walk."""
        since: tuple[int, str] | None = None
        on_this: set[int] = set()
        seen: dict[tuple[str, int], int] = {}
        for entry in self._screen.log:
            if isinstance(entry, Began):
                since, on_this = entry.since, set()
            elif isinstance(entry, Entered):
                self._entered(entry, since)
            elif entry.name not in SNAPSHOTS:
                self._came(entry, since, on_this, seen)
        for key, stretches in self._stretches.items():
            for number, stretch in enumerate(stretches):
                first = self._first(key, stretch, at_first=number < 2)
                self._hold(key, stretch, first, last=number == len(stretches) - 1)

    def _room(self, row: Row) -> str | None:
        """The room that brings it: the first it enters of those that the event goes to."""
        return next((room for room in self._screen.rooms if room in row.rooms), None)

    def _entered(self, entry: Entered, since: tuple[int, str] | None) -> None:
        if entry.recovered:
            self._verdict.recovered += 1
            return
        if since is not None:
            self._verdict.gaps += 1
            if since[1] == entry.epoch and entry.seq - since[0] <= REPLAY_LIMIT:
                self._verdict.needless_gaps.append(
                    f"{self._screen.name}: {since[0]} to {entry.seq} of {sorted(entry.rooms)}"
                )
        for key, stretches in self._stretches.items():
            if key[1] in entry.rooms:
                stretches.append(Stretch(entry.epoch, entry.seq))

    def _came(
        self,
        entry: Came,
        since: tuple[int, str] | None,
        on_this: set[int],
        seen: dict[tuple[str, int], int],
    ) -> None:
        row = self._by_id.get(entry.id)
        if row is None or entry.id not in self._index:
            why = "nobody committed" if row is None else f"is for {sorted(row.rooms)}"
            self._verdict.invented.append(f"{self._screen.name}: {entry.name} {entry.id} {why}")
            return
        self._verdict.received += 1
        epoch = self._epochs.get(entry.connection, since[1] if since else "")
        told = f"{self._screen.name}: {entry.name} {entry.id} at {entry.seq}"
        before = seen.get((epoch, entry.id))
        if entry.seq in on_this or (since is not None and since[1] == epoch and entry.seq <= since[0]):
            self._verdict.doubled.append(told)
            return
        on_this.add(entry.seq)
        if before is not None:
            # Sent again after a connection that ended before all rooms were entered: the screen drops it.
            if before != entry.seq:
                self._verdict.doubled.append(f"{told} and {before}")
            return
        seen[epoch, entry.id] = entry.seq
        room = self._room(row)
        assert room is not None
        self._stretches[_line(row, room)][-1].places.append(self._index[entry.id])

    def _hold(self, key: Line, stretch: Stretch, first: int, last: bool) -> None:
        """Within a stretch nothing is missing and nothing is out of order."""
        due, expected = self._due[key], first
        for place in stretch.places:
            if place < expected:
                self._verdict.reordered.append(self._told(due[place]))
                continue
            self._verdict.lost += [self._told(row) for row in due[expected:place]]
            expected = place + 1
        if last:
            self._verdict.lost += [self._told(row) for row in due[expected:]]

    def _first(self, key: Line, stretch: Stretch, at_first: bool) -> int:
        """The first in the list that was still to come when the stretch began."""

        def to_come(row: Row) -> bool:
            if at_first:
                return row.position > self._baseline.get(row.service, 0)
            return self._places.get((stretch.epoch, row.id), 0) > stretch.after

        due = self._due[key]
        if not stretch.epoch and len(self._stretches[key]) > 1:
            return len(due)  # before it entered the room at all
        here = [number for number, row in enumerate(due) if to_come(row)][:1]
        return min([*here, *stretch.places], default=len(due))

    def _told(self, row: Row) -> str:
        return f"{self._screen.name}: {row.service} {row.position} {row.subject} {row.id}"
