"""The dashboard's own tests, its types and its weight, as npm runs them."""

from pathlib import Path

import pytest

from tests import node

DASHBOARD = Path(__file__).parents[2] / "dashboard"


@pytest.mark.parametrize("script", ["test", "size"])
def test_the_dashboard_passes_its_own(script: str) -> None:
    done = node.installed(DASHBOARD).script(script)
    assert done.returncode == 0, f"npm run {script} in dashboard:\n{done.stdout}\n{done.stderr}"
