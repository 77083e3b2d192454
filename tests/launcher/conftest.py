"""A deployment's files with secrets of the test's own."""

import shutil
from pathlib import Path

import pytest

from launcher.deployment import prepare
from tests.launcher.compose import ROOT, Services, interpolated, variables


@pytest.fixture
def deployment(tmp_path: Path) -> dict[str, str]:
    """The variables of a fresh deployment: `.env` as `clinicwire keys` makes it."""
    folder = tmp_path / "deployment"
    folder.mkdir()
    shutil.copy(ROOT / ".env.example", folder)
    env, _ = prepare(folder)
    return variables(env)


@pytest.fixture
def services(deployment: dict[str, str]) -> Services:
    """The services of compose.yaml with those variables."""
    return interpolated(deployment)
