"""`clinicwire token`: what it signs, and with which secret."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chassis.errors import Unauthenticated
from chassis.identity import SharedSecret, Verifier
from contracts.identity import Identity, Role
from launcher import token
from launcher.secret import kept
from tests.launcher.processes import run

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = "a secret of the tests that is long enough"  # noqa: S105


def verified(data: Path, printed: str) -> Identity:
    return Verifier(SharedSecret((data / "jwt.secret").read_text())).verify(
        printed.strip(), datetime.now(UTC)
    )


async def test_a_token_says_who_its_bearer_is(tmp_path: Path) -> None:
    printed = await run(
        "token", "--role", "doctor", "--clinic", "1", "--clinic", "2", "--doctor", "3", "--data", tmp_path
    )
    bearer = verified(tmp_path, printed.out)
    assert (bearer.role, bearer.sub, bearer.doctor_id) == (Role.DOCTOR, "3", 3)
    assert bearer.clinics == frozenset({1, 2})
    assert bearer.jti


async def test_a_token_with_a_negative_life_has_expired(tmp_path: Path) -> None:
    printed = await run("token", "--role", "cashier", "--ttl", "-60", "--data", tmp_path)
    with pytest.raises(Unauthenticated):
        verified(tmp_path, printed.out)


async def test_tokens_of_one_data_folder_share_its_secret_that_only_its_owner_reads(tmp_path: Path) -> None:
    data = tmp_path / "new" / "folder"
    first = await run("token", "--role", "receptionist", "--sub", "r-1", "--data", data)
    second = await run("token", "--role", "receptionist", "--sub", "r-2", env={"CLINICWIRE_DATA": str(data)})
    assert [verified(data, printed.out).sub for printed in (first, second)] == ["r-1", "r-2"]
    assert stat.S_IMODE((data / "jwt.secret").stat().st_mode) == 0o600


async def test_a_given_secret_signs_instead_of_the_folders(tmp_path: Path) -> None:
    printed = await run("token", "--role", "admin", "--data", tmp_path, env={"JWT_SECRET": SECRET})
    assert Verifier(SharedSecret(SECRET)).verify(printed.out.strip(), datetime.now(UTC)).role is Role.ADMIN
    assert not (tmp_path / "jwt.secret").exists()


async def test_an_unknown_role_is_refused_by_name(tmp_path: Path) -> None:
    refused = await run("token", "--role", "nurse", "--data", tmp_path)
    assert refused.code == 2
    assert "nurse" in refused.err


@pytest.mark.parametrize(("clinics", "belongs"), [((), "*"), ((4,), frozenset({4}))])
def test_an_admin_of_no_named_clinic_has_all_of_them(clinics: tuple[int, ...], belongs: object) -> None:
    signed = token.sign(SECRET, Role.ADMIN, NOW, life=timedelta(hours=1), clinics=clinics)
    assert Verifier(SharedSecret(SECRET)).verify(signed, NOW).clinics == belongs


def test_issuer_and_audience_are_what_a_configured_verifier_asks_for() -> None:
    signed = token.sign(
        SECRET, Role.CASHIER, NOW, life=timedelta(hours=1), issuer="https://issuer.example", audience="clinic"
    )
    verifier = Verifier(SharedSecret(SECRET), "https://issuer.example", "clinic")
    assert verifier.verify(signed, NOW).role is Role.CASHIER


def test_a_secret_asked_for_by_many_at_once_is_made_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        numbers = iter(range(16))
        made = list(
            pool.map(lambda _: kept(tmp_path / "secret", lambda: f"made by {next(numbers)}"), range(16))
        )
    assert len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
