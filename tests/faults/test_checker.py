"""The checker finds what is wrong with a log, and nothing in one that is right."""

import pytest

from tests.faults.checker import judge
from tests.faults.driver import Promise
from tests.faults.house import Row
from tests.faults.screens import Began, Came, Entered, Entry, Screen

ROOM = "clinic_1"
EPOCH, OTHER = "one", "another"


def row(number: int, *, room: str = ROOM, published: bool = True, refused: str | None = None) -> Row:
    """A committed event of this number."""
    visit = {"visit": {"id": number}}
    subject = "clinic.1.walkin_added"
    return Row(number, number, "queue", subject, frozenset({room}), number, False, published, refused, visit)


ROWS = [row(number) for number in range(1, 7)]


def came(*numbers: int, connection: int = 1, behind: int = 10) -> list[Entry]:
    """These events, at their places in the stream."""
    return [Came(connection, number + behind, number, "walkin_added") for number in numbers]


def joined(connection: int = 1, *, seq: int = 10, recovered: bool = False, epoch: str = EPOCH) -> list[Entry]:
    """The room is entered."""
    return [Entered(connection, frozenset({ROOM}), epoch, seq, recovered)]


def began(connection: int, since: int | None = None, epoch: str = EPOCH) -> list[Entry]:
    """A connection."""
    return [Began(connection, None if since is None else (since, epoch))]


def faults(*parts: list[Entry], rows: list[Row] = ROWS, promises: tuple[Promise, ...] = ()) -> set[str]:
    """What the checker finds in this log."""
    screen = Screen("screen", "", "", frozenset(), (("join_queue_room", {"clinic_id": 1}, ROOM),))
    screen.log = [entry for part in parts for entry in part]
    return set(judge(rows, [screen], promises, {"queue": 0}, {}).faults)


FIRST = [*began(1), *joined()]


def test_a_log_that_is_right_has_no_faults() -> None:
    assert faults(FIRST, came(*range(1, 7))) == set()


def test_what_was_missed_and_came_before_the_room_was_entered_again_is_right() -> None:
    back = [began(2, since=13), came(4, 5, connection=2), joined(2, seq=15, recovered=True)]
    assert faults(FIRST, came(1, 2, 3), *back, came(6, connection=2)) == set()


def test_what_a_screen_has_to_be_sent_again_because_it_was_not_in_all_rooms_is_right() -> None:
    halfway = [began(2, since=11), came(2, 3, connection=2)]
    back = [began(3, since=11), came(2, 3, 4, 5, 6, connection=3), joined(3, seq=16, recovered=True)]
    assert faults(FIRST, came(1), *halfway, *back) == set()


def test_a_new_epoch_brings_again_what_came_before() -> None:
    wiped = [began(2, since=13), joined(2, seq=0, epoch=OTHER)]
    assert faults(FIRST, came(1, 2, 3), *wiped, came(*range(1, 7), connection=2, behind=0)) == set()


@pytest.mark.parametrize(
    ("numbers", "wrong"),
    [
        ((1, 2, 4, 5, 6), {"lost"}),
        ((2, 3, 4, 5, 6), {"lost"}),
        ((1, 2, 3, 4, 5), {"lost"}),
        ((), {"lost"}),
        ((1, 2, 2, 3, 4, 5, 6), {"doubled"}),
        ((1, 3, 2, 4, 5, 6), {"lost", "reordered"}),
        ((1, 2, 3, 4, 5, 6, 7), {"invented"}),
    ],
)
def test_what_is_wrong_is_found(numbers: tuple[int, ...], wrong: set[str]) -> None:
    assert faults(FIRST, came(*numbers)) == wrong


def test_who_never_entered_lost_everything() -> None:
    assert faults(began(1)) == {"lost"}


def test_what_had_come_before_the_connection_was_lost_may_not_come_again() -> None:
    back = [began(2, since=13), came(3, 4, 5, 6, connection=2), joined(2, seq=16, recovered=True)]
    assert faults(FIRST, came(1, 2, 3), *back) == {"doubled"}


def test_the_same_event_twice_in_a_stream_is_found() -> None:
    again: list[Entry] = [Came(1, 99, 3, "walkin_added")]
    assert faults(FIRST, came(*range(1, 7)), again) == {"doubled"}


def test_what_is_missing_after_an_honest_gap_in_a_new_epoch_is_found() -> None:
    wiped = [began(2, since=13), joined(2, seq=0, epoch=OTHER)]
    assert faults(FIRST, came(1, 2, 3), *wiped, came(1, 2, 3, 5, 6, connection=2, behind=0)) == {"lost"}


def test_a_gap_that_could_have_been_closed_is_found() -> None:
    back = [began(2, since=13), joined(2, seq=13)]
    assert faults(FIRST, came(1, 2, 3), *back, came(4, 5, 6, connection=2)) == {"needless gaps"}


def test_an_event_for_another_room_is_found() -> None:
    rows = [*ROWS, row(7, room="clinic_2")]
    assert faults(FIRST, came(*range(1, 8)), rows=rows) == {"invented"}


def test_an_event_that_never_reached_the_stream_is_found() -> None:
    rows = [*ROWS[:5], row(6, published=False)]
    assert faults(FIRST, came(*range(1, 7)), rows=rows) == {"unpublished"}
    rows = [*ROWS[:5], row(6, refused="too large")]
    assert faults(FIRST, came(*range(1, 7)), rows=rows) == {"unpublished"}


def test_an_answer_that_is_not_committed_or_is_twice_is_found() -> None:
    kept = Promise("queue", "walkin_added", "visit", 3)
    assert faults(FIRST, came(*range(1, 7)), promises=(kept,)) == set()
    broken = Promise("queue", "walkin_added", "visit", 9)
    assert faults(FIRST, came(*range(1, 7)), promises=(broken,)) == {"broken promises"}
