"""compose.yaml as an engine reads it: anchors resolved, variables put in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "compose.yaml"

Services = dict[str, dict[str, Any]]
"""The file's services by name; their shape is checked by the specification's schema."""

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<how>[-?])(?P<what>[^}]*))?\}")


def variables(env: Path) -> dict[str, str]:
    """What an env file says."""
    lines = (line for line in env.read_text().splitlines() if "=" in line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def interpolated(given: Mapping[str, str]) -> Services:
    """The services with these variables put in; raises ValueError with the message of one that is missing."""

    def value(found: re.Match[str]) -> str:
        if known := given.get(found["name"]):
            return known
        if found["how"] == "?":
            raise ValueError(f"{found['name']}: {found['what']}")
        return found["what"] or ""

    def put_in(part: Any) -> Any:
        match part:
            case dict():
                return {name: put_in(inside) for name, inside in part.items()}
            case list():
                return [put_in(inside) for inside in part]
            case str():
                # After the file is read, as an engine does it: what is put in stays text.
                return _VARIABLE.sub(value, part)
            case _:
                return part

    services: Services = put_in(yaml.safe_load(COMPOSE.read_text())["services"])
    return services
