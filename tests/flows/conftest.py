"""One house for a module, on the databases that the module names (`DATABASES`; SQLite when it names none)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
import uvloop

from contracts.permissions import SERVICES
from tests.flows.house import House, opened
from tests.parts import postgres_database


def pytest_asyncio_loop_factories() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that everything runs on."""
    return {"uvloop": uvloop.new_event_loop}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a module that names several databases once on each."""
    if "house" in metafunc.fixturenames:
        kinds = getattr(metafunc.module, "DATABASES", ("sqlite",))
        metafunc.parametrize("house", kinds, indirect=True, scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Everything at once, with somebody before every screen."""
    folder = tmp_path_factory.mktemp("house")
    async with AsyncExitStack() as stack:
        databases = {process: f"sqlite:///{folder / process.value}.sqlite" for process in SERVICES}
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres")
            for process in SERVICES:
                databases[process] = await stack.enter_async_context(postgres_database(server))
        # A module that looks at no screen (`SEATED = False`) has none.
        seated = getattr(request.module, "SEATED", True)
        yield await stack.enter_async_context(opened(folder / "broker", databases, seated=seated))
