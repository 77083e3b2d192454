"""Money, without a database."""

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chassis.clock import now
from chassis.errors import Unprocessable
from contracts.identity import Identity, Role
from contracts.shapes import AppointmentStatus, PaymentStatus, VisitStatus
from payment_service import rules
from payment_service.rules import Account
from tests.builders import appointment, visit

SUMS = st.integers(min_value=0, max_value=10**12)
SHARES = st.floats(min_value=0, max_value=1)


@settings(deadline=None)
@given(SUMS)
def test_an_amount_is_the_same_in_minor_units_and_back(units: int) -> None:
    assert rules.minor(rules.major(units)) == units
    assert len(f"{rules.major(units):f}".partition(".")[2]) == 2


@settings(deadline=None)
@given(SUMS, SHARES)
def test_the_shares_are_parts_of_what_was_paid(paid: int, share: float) -> None:
    assert 0 <= rules.doctor_share(paid, share) <= paid


@pytest.mark.parametrize(
    ("paid", "share", "doctor"),
    [(20000, 0.6, 12000), (1, 0.5, 1), (3, 0.5, 2), (10001, 0.15, 1500), (999, 0.333, 333), (500, 0, 0)],
)
def test_half_a_minor_unit_is_the_doctors(paid: int, share: float, doctor: int) -> None:
    assert rules.doctor_share(paid, share) == doctor


@settings(deadline=None)
@given(SUMS, SUMS, SUMS)
def test_what_is_taken_and_let_off_is_what_no_longer_remains(total: int, amount: int, discount: int) -> None:
    assume(amount + discount <= total and (amount or discount == total))
    after = rules.take(Account(total), amount, discount)
    assert (after.paid, after.discount, after.remaining) == (amount, discount, total - amount - discount)
    assert (after.status == PaymentStatus.PAID) == (after.remaining == 0)


@pytest.mark.parametrize(("amount", "discount"), [(10001, 0), (1, 10000), (0, 10001), (10**15, 0)])
def test_more_than_what_remains_is_refused(amount: int, discount: int) -> None:
    with pytest.raises(Unprocessable, match=r"100\.00 is still to be paid"):
        rules.take(Account(20000, paid=5000, discount=5000), amount, discount)


def test_nothing_pays_only_what_is_let_off_whole() -> None:
    assert rules.take(Account(20000), 0, 20000).status is PaymentStatus.PAID
    assert rules.take(Account(0), 0, 0).status is PaymentStatus.PAID
    with pytest.raises(Unprocessable, match="pays nothing"):
        rules.take(Account(20000), 0, 100)


@pytest.mark.parametrize(
    ("status", "void", "closed"),
    [
        (PaymentStatus.PENDING, False, False),
        (PaymentStatus.PARTIALLY_PAID, False, False),
        (PaymentStatus.PAID, False, True),
        (PaymentStatus.REFUNDED, False, True),
        (PaymentStatus.PENDING, True, True),
    ],
)
def test_only_what_is_open_can_be_paid(status: PaymentStatus, void: bool, closed: bool) -> None:
    assert (rules.why_closed(status, void) is not None) == closed


@pytest.mark.parametrize(
    ("role", "clinics", "doctor_id", "reads"),
    [
        (Role.CASHIER, frozenset({1}), None, True),
        (Role.CASHIER, frozenset({2}), None, False),
        (Role.ADMIN, "*", None, True),
        (Role.DOCTOR, frozenset({1}), 2, True),
        (Role.DOCTOR, frozenset({1}), 3, False),
        (Role.DOCTOR, frozenset({1}), None, False),
    ],
)
def test_the_desk_reads_its_clinics_and_a_doctor_own_visits(
    role: Role, clinics: frozenset[int] | str, doctor_id: int | None, reads: bool
) -> None:
    given = {"sub": "7", "name": "Tess Tester", "role": role, "clinics": clinics, "expires_at": now()}
    reader = Identity.model_validate(given | {"doctor_id": doctor_id})
    assert rules.may_read(reader, clinic_id=1, doctor_id=2) == reads


def test_a_plan_is_older_than_anything_that_happened_and_newer_than_older_plans() -> None:
    assert rules.version_of_plan(1) < rules.version_of_plan(2) < rules.version_of_plan(10**9) < 0


@pytest.mark.parametrize(
    ("status", "planned"),
    [
        (AppointmentStatus.CONFIRMED, VisitStatus.SCHEDULED),
        (AppointmentStatus.CANCELLED, VisitStatus.CANCELLED),
        (AppointmentStatus.NO_SHOW, VisitStatus.NO_SHOW),
    ],
)
def test_a_planned_visit_is_where_its_appointment_is(status: AppointmentStatus, planned: VisitStatus) -> None:
    moved = appointment(status=status, doctor_id=22, service_id=33, clinic_id=11)
    plan = rules.planned(moved, visit(status="scheduled"))
    assert (plan.status, plan.doctor_id, plan.service_id, plan.clinic_id) == (planned, 22, 33, 11)


def test_an_amount_is_not_a_float() -> None:
    assert rules.minor(Decimal("0.29")) == 29
    assert rules.minor(Decimal("9999999999.99")) == 999_999_999_999
