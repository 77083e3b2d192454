"""What is allowed with visits, and in which order they are called; decided without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from contracts.identity import Role
from contracts.shapes import Phase, VisitStatus

S = VisitStatus


class Move(StrEnum):
    """What can be done with a visit."""

    CHECK_IN = "check in"
    CALL = "call"
    RECALL = "recall"
    REQUEUE = "requeue"
    START = "start"
    COMPLETE = "complete"
    MOVE_BACK = "move back"
    CANCEL = "cancel"
    SKIP = "skip"
    REINSTATE = "reinstate"


MOVES: Mapping[Move, tuple[frozenset[VisitStatus], VisitStatus]] = {
    Move.CHECK_IN: (frozenset({S.SCHEDULED}), S.WAITING),
    Move.CALL: (frozenset({S.WAITING}), S.CALLED),
    Move.RECALL: (frozenset({S.CALLED}), S.CALLED),
    Move.REQUEUE: (frozenset({S.CALLED}), S.WAITING),
    Move.START: (frozenset({S.WAITING, S.CALLED}), S.IN_PROGRESS),
    Move.COMPLETE: (frozenset({S.IN_PROGRESS}), S.COMPLETED),
    Move.MOVE_BACK: (frozenset({S.IN_PROGRESS}), S.WAITING),
    Move.CANCEL: (frozenset({S.SCHEDULED, S.WAITING, S.CALLED}), S.CANCELLED),
    Move.SKIP: (frozenset({S.SCHEDULED, S.WAITING, S.CALLED}), S.NO_SHOW),
    Move.REINSTATE: (frozenset({S.NO_SHOW, S.COMPLETED}), S.WAITING),
}
"""From where each move leads where (design.md, "The visit")."""

_DESK = frozenset({Role.RECEPTIONIST, Role.ADMIN})
_EITHER = _DESK | {Role.DOCTOR}

MOVERS: Mapping[Move, frozenset[Role]] = {
    Move.CHECK_IN: _DESK,
    Move.CALL: _EITHER,
    Move.RECALL: _EITHER,
    Move.REQUEUE: _EITHER,
    Move.START: _EITHER,
    Move.COMPLETE: frozenset({Role.DOCTOR, Role.ADMIN}),
    Move.MOVE_BACK: _EITHER,
    Move.CANCEL: _DESK,
    Move.SKIP: _DESK,
    Move.REINSTATE: _EITHER,
}
"""Whose each move is; a doctor's with own visits only (design.md, "The visit"; http.md, "Who may")."""

ACTIVE = frozenset({S.WAITING, S.CALLED, S.IN_PROGRESS})
"""A patient is in the clinic."""

GONE = frozenset({S.CANCELLED, S.NO_SHOW})
"""The visit does not take place: in no queue and no total."""

PHASES: Mapping[VisitStatus, Phase] = {
    S.SCHEDULED: Phase.APPOINTMENTS_TODAY,
    S.WAITING: Phase.WAITING,
    S.CALLED: Phase.WAITING,
    S.IN_PROGRESS: Phase.WITH_DOCTOR,
    S.COMPLETED: Phase.COMPLETED,
}
"""The board's column of each status; the others are in none."""

PHASE_MOVES: Mapping[tuple[Phase, Phase], Move] = {
    (Phase.APPOINTMENTS_TODAY, Phase.WAITING): Move.CHECK_IN,
    (Phase.WAITING, Phase.WITH_DOCTOR): Move.START,
    (Phase.WITH_DOCTOR, Phase.COMPLETED): Move.COMPLETE,
    (Phase.WITH_DOCTOR, Phase.WAITING): Move.MOVE_BACK,
    (Phase.COMPLETED, Phase.WAITING): Move.REINSTATE,
}
"""What dragging a card from one column to another means."""

NEWEST_COMPLETED = 50
"""How many of the completed a picture lists, so that a long day makes no change dearer (design.md)."""


def next_status(now: VisitStatus, move: Move) -> VisitStatus | None:
    """Where this move leads from here, None when it does not."""
    sources, target = MOVES[move]
    return target if now in sources else None


def move_to(now: VisitStatus, wanted: VisitStatus) -> Move | None:
    """The move that leads from one status to another, None when there is none."""
    for move, (sources, target) in MOVES.items():
        if now in sources and target is wanted:
            return move
    return None


def day_of(moment: datetime, time_zone: str) -> date:
    """The clinic's own day at this moment."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


GAP = 1 << 10
"""The room between the ranks of two patients who came a millisecond apart."""


def rank_at(moment: datetime) -> int:
    """The rank of who comes at this moment: behind everyone who came before."""
    return int(moment.timestamp() * 1000) * GAP


def rank_of_check_in(arrived: datetime, booked: datetime | None) -> int:
    """An appointment ranks from the later of check-in and its booked time (design.md)."""
    return rank_at(arrived if booked is None else max(arrived, booked))


@dataclass(frozen=True)
class Place:
    """Where a visit stands in the line: higher priority first, then lower rank, then lower ticket."""

    priority: int
    rank: int


def place_between(own: Place, before: Place | None, after: Place | None) -> Place | None:
    """The place between two neighbours; None when their ranks leave no room and they must be spread first.

    A patient put among others of another priority takes on theirs, as little as needed.
    """
    highest = before.priority if before else max(own.priority, after.priority if after else own.priority)
    lowest = after.priority if after else min(own.priority, highest)
    priority = min(max(own.priority, lowest), highest)
    above = before.rank if before and before.priority == priority else None
    below = after.rank if after and after.priority == priority else None
    if above is not None and below is not None:
        middle = (above + below) // 2
        return Place(priority, middle) if above < middle < below else None
    if above is not None:
        return Place(priority, above + GAP)
    return Place(priority, own.rank if below is None else below - GAP)


def place_behind(own: Place, last: Place | None) -> Place:
    """The own place, or as far behind the last of a line as that takes, on its priority where it is lower."""
    if last is None or last.priority > own.priority:
        return own
    return Place(last.priority, max(own.rank, last.rank + GAP))


def spread(places: Sequence[Place]) -> Sequence[Place]:
    """The places in their order with room between neighbours; who has room enough keeps their rank."""
    roomy: list[Place] = []
    for place in places:
        above = roomy[-1].rank if roomy and roomy[-1].priority == place.priority else None
        rank = place.rank if above is None else max(place.rank, above + GAP)
        roomy.append(Place(place.priority, rank))
    return roomy
