"""Which times can be had and who may what, without a database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointment_service import rules
from contracts.identity import Identity, Role
from contracts.shapes import AppointmentStatus, VisitStatus, Weekday
from tests.builders import NOW

VIENNA = ZoneInfo("Europe/Vienna")
MONDAY = date(2026, 3, 2)
HOURS = rules.Shift(NOW.replace(hour=8, minute=0), NOW.replace(hour=10, minute=0))


def at(time: str) -> datetime:
    """A time of that Monday."""
    hour, minute = time.split(":")
    return NOW.replace(hour=int(hour), minute=int(minute))


def who(role: Role, doctor_id: int | None = None, clinics: tuple[int, ...] = (1,)) -> Identity:
    """Somebody of clinic 1."""
    return Identity(
        sub="7", name="Tess", role=role, clinics=frozenset(clinics), doctor_id=doctor_id, expires_at=NOW
    )


@pytest.mark.parametrize(
    ("start", "duration", "can"),
    [
        ("08:00", 15, True),
        ("09:45", 15, True),
        ("09:45", 10, True),
        ("09:45", 16, False),  # it would end after the hours
        ("10:00", 15, False),
        ("07:45", 15, False),
        ("08:05", 15, False),  # off the grid
        ("08:30", 15, False),  # taken
        ("08:15", 30, False),  # its second slot is taken
        ("08:45", 30, True),
    ],
)
def test_a_time_is_had_on_the_grid_within_the_hours_over_no_taken_slot(
    start: str, duration: int, can: bool
) -> None:
    assert rules.can_be_had(at(start), duration, HOURS, {at("08:30")}) is can


def test_a_slot_taken_under_other_working_hours_is_not_overlapped() -> None:
    shifted = {at("08:10")}
    assert rules.free_starts(15, HOURS, shifted)[0] == at("08:30")


def test_a_day_off_has_no_hours() -> None:
    assert rules.shift([Weekday.TUESDAY], "08:00", "16:00", MONDAY, VIENNA) is None


def test_hours_are_the_clinics_own_also_on_the_day_the_clocks_change() -> None:
    hours = rules.shift(list(Weekday), "00:00", "06:00", date(2026, 3, 29), VIENNA)
    assert hours is not None
    assert (hours.start, hours.end) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 4, tzinfo=UTC),
    )
    assert len(hours.grid()) == 20


def test_a_time_without_an_offset_is_the_clinics_local_time() -> None:
    local = datetime(2026, 7, 1, 9, 0)
    assert rules.moment(local, VIENNA) == datetime(2026, 7, 1, 7, tzinfo=UTC)
    assert rules.moment(local.replace(tzinfo=UTC), VIENNA) == datetime(2026, 7, 1, 9, tzinfo=UTC)


def test_a_day_is_the_clinics_own() -> None:
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
    assert rules.day_of(late, VIENNA) == MONDAY
    start, end = rules.day_bounds(MONDAY, VIENNA)
    assert start <= late < end
    assert end - start == timedelta(days=1)


@given(st.integers(1, 24 * 60))
def test_an_appointment_takes_as_many_slots_as_it_needs_and_no_more(duration: int) -> None:
    taken = rules.slots(NOW, duration)
    assert len(taken) * 15 - duration in range(15)
    assert [slot - NOW for slot in taken] == [rules.SLOT * number for number in range(len(taken))]


@given(st.sets(st.sampled_from(HOURS.grid())), st.integers(1, 120))
def test_what_is_offered_can_be_had_and_nothing_else(taken: set[datetime], duration: int) -> None:
    offered = rules.free_starts(duration, HOURS, taken)
    for start in HOURS.grid():
        fits = start + timedelta(minutes=duration) <= HOURS.end
        assert (start in offered) == (fits and not taken & set(rules.slots(start, duration)))


def test_a_refusal_names_the_nearest_times_in_their_order() -> None:
    free = [at("08:00"), at("08:15"), at("08:30"), at("09:00"), at("09:15"), at("09:30"), at("09:45")]
    assert list(rules.nearest(free, at("09:20"))) == free[2:]


def test_every_status_of_a_visit_is_one_of_its_appointment_and_back() -> None:
    assert set(rules.STATUS_OF_VISIT) == set(VisitStatus)
    assert all(rules.STATUS_OF_VISIT[visit] is status for status, visit in rules.VISIT_FOR_STATUS.items())


def test_completing_is_the_doctors_or_an_admins_and_the_rest_the_desks() -> None:
    statuses = (None, *AppointmentStatus)
    allowed = {
        (role, status)
        for role, status in product(Role, statuses)
        if rules.may_update(who(role, 1), status, AppointmentStatus.CHECKED_IN)
    }
    completed = AppointmentStatus.COMPLETED
    assert allowed == {
        (Role.DOCTOR, completed),
        *((Role.ADMIN, status) for status in statuses),
        *((Role.RECEPTIONIST, status) for status in statuses if status is not completed),
    }


def test_the_desk_may_send_a_completed_appointment_back_whole() -> None:
    completed = AppointmentStatus.COMPLETED
    assert rules.may_update(who(Role.RECEPTIONIST), completed, completed)


@pytest.mark.parametrize(
    ("caller", "sees"),
    [
        (who(Role.RECEPTIONIST), True),
        (who(Role.CASHIER), True),
        (who(Role.RECEPTIONIST, clinics=(2,)), False),
        (who(Role.DOCTOR, doctor_id=1), True),
        (who(Role.DOCTOR, doctor_id=2), False),
        (who(Role.DOCTOR), False),
        (who(Role.DOCTOR, doctor_id=1, clinics=(2,)), False),
    ],
)
def test_an_appointment_is_seen_by_its_clinic_and_its_doctor(caller: Identity, sees: bool) -> None:
    assert rules.may_see(caller, clinic_id=1, doctor_id=1) is sees


@given(st.sets(st.integers(1, 2**53 - 1), min_size=2))
def test_booking_ids_differ_and_have_no_letter_that_is_misheard(ids: set[int]) -> None:
    told = {rules.booking_id(id) for id in ids}
    assert len(told) == len(ids)
    assert not set("".join(told)) & set("ILOU")


@given(st.decimals(0, 10**9, places=2))
def test_an_amount_survives_its_way_through_minor_units(amount: Decimal) -> None:
    assert rules.amount(rules.minor(amount)) == amount
