"""The rules by themselves: states, moves and the order of the line, over whatever there can be."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.identity import Role
from contracts.shapes import Phase, VisitStatus
from queue_service import rules
from queue_service.rules import Move, Place

S = VisitStatus

TABLE = {
    (S.SCHEDULED, Move.CHECK_IN): S.WAITING,
    (S.WAITING, Move.CALL): S.CALLED,
    (S.CALLED, Move.RECALL): S.CALLED,
    (S.CALLED, Move.REQUEUE): S.WAITING,
    (S.WAITING, Move.START): S.IN_PROGRESS,
    (S.CALLED, Move.START): S.IN_PROGRESS,
    (S.IN_PROGRESS, Move.COMPLETE): S.COMPLETED,
    (S.IN_PROGRESS, Move.MOVE_BACK): S.WAITING,
    (S.SCHEDULED, Move.CANCEL): S.CANCELLED,
    (S.WAITING, Move.CANCEL): S.CANCELLED,
    (S.CALLED, Move.CANCEL): S.CANCELLED,
    (S.SCHEDULED, Move.SKIP): S.NO_SHOW,
    (S.WAITING, Move.SKIP): S.NO_SHOW,
    (S.CALLED, Move.SKIP): S.NO_SHOW,
    (S.NO_SHOW, Move.REINSTATE): S.WAITING,
    (S.COMPLETED, Move.REINSTATE): S.WAITING,
}
"""design.md, "The visit", a line a row; what is not here is refused."""

places = st.builds(Place, priority=st.integers(0, 9), rank=st.integers(-(2**40), 2**40))
moments = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2199, 1, 1), timezones=st.just(UTC))


def in_order(line: list[Place]) -> bool:
    """Whether everyone stands strictly before the next: higher priority, or the same and a lower rank."""
    keys = [(-place.priority, place.rank) for place in line]
    return all(before < after for before, after in pairwise(keys))


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("move", Move)
def test_a_move_leads_where_the_table_says_and_nowhere_else(status: VisitStatus, move: Move) -> None:
    assert rules.next_status(status, move) == TABLE.get((status, move))


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("wanted", S)
def test_the_move_that_leads_to_a_status_is_one_that_the_table_has(
    status: VisitStatus, wanted: VisitStatus
) -> None:
    leading = rules.move_to(status, wanted)
    moves = {move for (before, move), after in TABLE.items() if (before, after) == (status, wanted)}
    assert leading in moves if moves else leading is None


def test_a_column_is_left_by_a_move_that_leads_into_the_other() -> None:
    for (left, entered), move in rules.PHASE_MOVES.items():
        ends = {
            after for (before, way), after in TABLE.items() if (rules.PHASES.get(before), way) == (left, move)
        }
        assert {rules.PHASES.get(after) for after in ends} == {entered}
    assert set(rules.PHASES.values()) == set(Phase)


def test_only_a_doctor_or_an_admin_completes_and_a_doctor_does_nothing_of_the_desks() -> None:
    assert rules.MOVERS[Move.COMPLETE] == {Role.DOCTOR, Role.ADMIN}
    for move in (Move.CHECK_IN, Move.CANCEL, Move.SKIP):
        assert rules.MOVERS[move] == {Role.RECEPTIONIST, Role.ADMIN}
    assert all(Role.ADMIN in movers for movers in rules.MOVERS.values())
    assert not any({Role.CASHIER, Role.DISPLAY} & movers for movers in rules.MOVERS.values())


@given(st.lists(places, max_size=8, unique_by=lambda place: (place.priority, place.rank)), places, st.data())
def test_a_place_between_neighbours_is_between_them_once_there_is_room(
    line: list[Place], own: Place, data: st.DataObject
) -> None:
    line = sorted(line, key=lambda place: (-place.priority, place.rank))
    index = data.draw(st.integers(0, len(line)))
    before, after = (line[index - 1] if index else None), (line[index] if index < len(line) else None)
    place = rules.place_between(own, before, after)
    if place is None:
        line = list(rules.spread(line))
        before, after = line[index - 1], line[index]
        place = rules.place_between(own, before, after)
    assert place is not None
    assert in_order([*line[:index], place, *line[index:]])


@given(places, places, places)
def test_a_priority_is_left_only_as_far_as_the_neighbours_make_it(
    own: Place, before: Place, after: Place
) -> None:
    before, after = sorted((before, after), key=lambda place: (-place.priority, place.rank))
    place = rules.place_between(own, before, after)
    if place is not None:
        assert place.priority == min(max(own.priority, after.priority), before.priority)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=12))
def test_spreading_keeps_the_order_and_leaves_room_between_any_two(
    ranks: list[tuple[int, int]],
) -> None:
    line = [Place(*place) for place in sorted(ranks, key=lambda place: (-place[0], place[1]))]
    roomy = list(rules.spread(line))
    assert [place.priority for place in roomy] == [place.priority for place in line]
    assert in_order(roomy)
    for before, after in pairwise(roomy):
        assert rules.place_between(Place(before.priority, 0), before, after) is not None


def test_spreading_leaves_who_has_room_where_they_are() -> None:
    line = [Place(0, 0), Place(0, 1), Place(0, 10 * rules.GAP)]
    assert list(rules.spread(line)) == [Place(0, 0), Place(0, rules.GAP), Place(0, 10 * rules.GAP)]


@given(places, st.one_of(st.none(), places))
def test_who_goes_behind_the_last_is_behind_and_never_before_their_own_place(
    own: Place, last: Place | None
) -> None:
    place = rules.place_behind(own, last)
    assert last is None or in_order([last, place])
    assert place.priority <= own.priority
    assert place == own or place.rank >= own.rank


@given(moments, moments)
def test_who_comes_earlier_ranks_earlier_and_an_appointment_not_before_its_time(
    arrived: datetime, booked: datetime
) -> None:
    assert rules.rank_of_check_in(arrived, None) == rules.rank_at(arrived)
    assert rules.rank_of_check_in(arrived, booked) == rules.rank_at(max(arrived, booked))
    assert rules.rank_at(arrived + timedelta(milliseconds=1)) > rules.rank_at(arrived)
    assert abs(rules.rank_at(arrived)) < 2**63


def test_a_day_is_the_clinics_own() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert rules.day_of(late, "UTC") == date(2026, 3, 2)
    assert rules.day_of(late, "Asia/Tokyo") == date(2026, 3, 3)
    assert rules.day_of(late, "America/New_York") == date(2026, 3, 2)
