"""A stage for each test, and a bridge on it whose wire is direct in one run and stock in the other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import uvloop

from tests.socket_bridge.stage import House, Stage, served, staged


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the bridge runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path / "broker") as one:
        yield one


@pytest.fixture(params=[True, False], ids=["direct", "stock"])
def direct_wire(request: pytest.FixtureRequest) -> bool:
    """Which way packets go; a test that asks for a house runs with both."""
    return bool(request.param)


@pytest.fixture
async def house(stage: Stage, direct_wire: bool) -> AsyncIterator[House]:
    """A served bridge, and appointment_service's answers."""
    await stage.answer()
    async with served(stage.settings("bridge", direct_wire=direct_wire)) as one:
        yield one
