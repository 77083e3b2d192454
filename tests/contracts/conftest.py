"""Node, to check what is generated for others."""

from pathlib import Path

import pytest

from tests.node import Node, installed


@pytest.fixture(scope="session")
def node() -> Node:
    """Node with the packages that tests/contracts/node locks."""
    return installed(Path(__file__).parent / "node")
