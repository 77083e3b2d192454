"""What docs/security.md says is shown by a test is shown by one that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NAMED = sorted(
    set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs" / "security.md").read_text()))
)


def test_the_page_names_tests() -> None:
    assert len(NAMED) > 40


@pytest.mark.parametrize(("file", "name"), NAMED, ids="::".join)
def test_a_test_that_the_page_names_exists(file: str, name: str) -> None:
    assert (ROOT / file).exists()
    if name:
        written = ast.parse((ROOT / file).read_text()).body
        functions = {
            node.name for node in written if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        }
        assert name in functions
