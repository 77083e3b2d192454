"""How often somebody may ask: so much at once, then so much a second, each for themselves."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_so_much_at_once_and_then_so_much_a_second() -> None:
    clock = Clock()
    pace = Pace(10, 2, clock)
    assert [pace.allows("a") for _ in range(12)] == [True] * 10 + [False] * 2
    clock.seconds += 0.5
    assert [pace.allows("a"), pace.allows("a")] == [True, False]
    clock.seconds += 3_600
    assert sum(pace.allows("a") for _ in range(100)) == 10


def test_one_does_not_use_up_what_is_anothers() -> None:
    pace = Pace(1, 1, Clock())
    assert pace.allows("a")
    assert not pace.allows("a")
    assert pace.allows("b")


@given(st.lists(st.floats(0, 3), max_size=200))
def test_never_more_than_the_burst_and_what_came_back(waits: list[float]) -> None:
    clock = Clock()
    pace = Pace(5, 2, clock)
    began, allowed = clock.seconds, 0
    for wait in waits:
        clock.seconds += wait
        allowed += pace.allows("a")
        assert allowed <= 5 + 2 * (clock.seconds - began) + 0.01


def test_who_has_not_come_for_long_is_forgotten() -> None:
    clock = Clock()
    pace = Pace(10, 10, clock)
    for number in range(10_000):
        clock.seconds += 0.01
        pace.allows(number)
    assert len(pace._full_at) < 100
