"""The import direction that `make check` holds covers every package of the house."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
BESIDE = {"tests", "bench"}
"""Packages that nothing of the house imports."""


def test_every_package_has_its_place_in_the_import_order() -> None:
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - BESIDE
    assert set(linter["root_packages"]) == packages
    house = next(contract for contract in linter["contracts"] if contract["id"] == "house")
    assert {name.strip() for layer in house["layers"] for name in layer.split("|")} == packages
    service = next(contract for contract in linter["contracts"] if contract["id"] == "service")
    assert set(service["containers"]) == {name for name in packages if name.endswith("_service")}
    assert service["exhaustive"]
