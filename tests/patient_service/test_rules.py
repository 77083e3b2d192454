"""What is allowed with patients, without a database."""

import pytest

from chassis.clock import now
from contracts.identity import Identity, Role
from patient_service import rules


@pytest.mark.parametrize(
    ("role", "treats", "reads"),
    [
        (Role.RECEPTIONIST, False, True),
        (Role.ADMIN, False, True),
        (Role.DOCTOR, True, True),
        (Role.DOCTOR, False, False),
        (Role.CASHIER, True, False),
        (Role.DISPLAY, True, False),
    ],
)
def test_the_history_is_for_the_desk_and_the_doctor_who_treats(role: Role, treats: bool, reads: bool) -> None:
    reader = Identity(sub="7", name="Tess Tester", role=role, clinics=frozenset({1}), expires_at=now())
    assert rules.may_read_history(reader, treats) == reads
