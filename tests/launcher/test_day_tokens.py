"""Whose token each member of staff uses."""

from datetime import UTC, datetime

import pytest

from contracts.identity import Role
from launcher import token
from launcher.day.tokens import GivenTokens
from launcher.refusal import CannotGoOn

SECRET = "a-secret-of-the-test-that-is-long-enough"  # noqa: S105


def signed(role: Role, doctor_id: int | None = None) -> str:
    return token.sign(
        SECRET, role, datetime.now(UTC), life=token.WORKING_DAY, clinics=[1], doctor_id=doctor_id
    )


def test_each_uses_the_one_of_their_own() -> None:
    desk, first, second = signed(Role.RECEPTIONIST), signed(Role.DOCTOR, 1), signed(Role.DOCTOR, 2)
    tokens = GivenTokens([desk, first, second])
    assert tokens.of(Role.RECEPTIONIST, 1) == desk
    assert tokens.of(Role.DOCTOR, 1, 2) == second
    assert tokens.anyone() == desk


def test_an_admin_stands_in_for_who_is_missing() -> None:
    admin, doctor = signed(Role.ADMIN), signed(Role.DOCTOR, 1)
    tokens = GivenTokens([doctor, admin])
    assert tokens.of(Role.CASHIER, 1) == admin
    assert tokens.of(Role.DOCTOR, 1, 1) == doctor
    assert tokens.of(Role.DOCTOR, 1, 2) == admin


def test_who_is_missing_is_named() -> None:
    with pytest.raises(CannotGoOn, match="the token of doctor 2 of clinic 1"):
        GivenTokens([signed(Role.DOCTOR, 1)]).of(Role.DOCTOR, 1, 2)


@pytest.mark.parametrize("given", ["no token at all", "e30.e30.e30"])
def test_what_is_no_token_is_said(given: str) -> None:
    with pytest.raises(CannotGoOn, match="clinicwire token"):
        GivenTokens([given])
