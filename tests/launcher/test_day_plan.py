"""The plan of a day: pure, the same for a seed, and like a day in a clinic."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from launcher.day.opening import chosen_times
from launcher.day.plan import GRACE, HOUR, MINUTE, OPEN, SLOT, STEP, Answer, Coming, plan

SEEDS = st.integers(0, 2**63)
DOCTORS = st.integers(1, 6)


def moments(coming: Coming) -> list[int]:
    named = (coming.slot, coming.books, coming.cancels, coming.arrives, coming.walks, coming.consultation)
    return [moment for moment in (*named, coming.patience) if moment is not None]


@given(SEEDS, DOCTORS)
def test_the_same_seed_plans_the_same_day(seed: int, doctors: int) -> None:
    assert plan(seed, doctors) == plan(seed, doctors)


@given(SEEDS, DOCTORS)
def test_nobody_comes_before_booking_nor_cancels_and_comes(seed: int, doctors: int) -> None:
    for coming in plan(seed, doctors).coming:
        assert coming.arrives is None or coming.cancels is None
        assert coming.arrives is None or coming.arrives >= coming.books
        if coming.slot is None:
            assert coming.arrives is not None
            assert coming.cancels is None
        else:
            assert coming.books <= coming.slot
            assert coming.cancels is None or coming.books <= coming.cancels <= coming.slot
            assert coming.patience is None


@given(SEEDS, DOCTORS)
def test_everything_happens_on_the_step_so_that_there_are_moments_in_between(seed: int, doctors: int) -> None:
    made = plan(seed, doctors)
    assert all(moment % STEP == 0 for coming in made.coming for moment in moments(coming))
    assert all(late % STEP == 0 for late in made.late)
    assert GRACE % STEP == 0


@given(SEEDS, DOCTORS)
def test_a_doctor_has_at_most_one_booking_a_slot_and_all_are_within_the_day(seed: int, doctors: int) -> None:
    made = plan(seed, doctors)
    booked = [(coming.doctor, coming.slot) for coming in made.coming if coming.slot is not None]
    assert len(booked) == len(set(booked))
    assert all(slot % SLOT == 0 and slot < OPEN for _, slot in booked)
    assert {doctor for doctor, _ in booked} <= set(range(doctors))
    assert len(made.late) == doctors
    assert [coming.number for coming in made.coming] == list(range(len(made.coming)))


def test_a_year_of_days_has_the_proportions_of_an_outpatient_clinic() -> None:
    coming = [one for seed in range(250) for one in plan(seed, 2).coming]
    booked = [one for one in coming if one.slot is not None]
    assert 0.17 < 1 - len(booked) / len(coming) < 0.23, "walk-ins"
    assert 0.13 < sum(one.arrives is None and one.cancels is None for one in booked) / len(booked) < 0.17
    assert 0.06 < sum(one.cancels is not None for one in booked) / len(booked) < 0.08
    minutes = [one.consultation / MINUTE for one in coming]
    assert 10 < sum(minutes) / len(minutes) < 12
    assert 0.85 < sum(one.answer is Answer.COMES for one in coming) / len(coming) < 0.91
    early = [one.arrives < one.slot for one in booked if one.arrives is not None and one.slot is not None]
    assert 0.7 < sum(early) / len(early) < 0.9


@given(st.sets(st.integers(0, 95)), st.integers(0, 95), st.integers(0, 96))
def test_times_that_have_begun_are_booked_first_the_latest_of_them(
    free: set[int], hour: int, count: int
) -> None:
    midnight = datetime(2031, 5, 5, tzinfo=UTC)
    times = [midnight + slot * timedelta(seconds=SLOT) for slot in free]
    now = midnight + hour * timedelta(seconds=SLOT)
    chosen = chosen_times(times, now, count)
    assert chosen == sorted(set(chosen))
    assert len(chosen) == min(count, len(times))
    assert set(chosen) <= set(times)
    left_begun = [time for time in times if time <= now and time not in chosen]
    if left_begun:
        assert all(max(left_begun) < time <= now for time in chosen)


def test_a_day_is_eight_hours() -> None:
    assert OPEN == 8 * HOUR
    assert max(one.arrives or 0 for one in plan(1, 3).coming) < OPEN
