"""The notebook at work, its database, the stream beside it, and what is logged."""

import asyncio
from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

import httpx
import pytest
import structlog

from chassis import clock, migrations
from chassis.database import Database
from chassis.ids import Minter
from chassis.service import Service
from contracts.event import Process
from contracts.identity import Role
from tests.chassis.notebook import PARTS
from tests.chassis.stream import LIMIT, Stream, Teller, reading, telling
from tests.parts import Broker, client, service_running, token


@pytest.fixture
async def stream(broker: Broker) -> AsyncIterator[Stream]:
    """The stream, made, with the notebook's consumer."""
    await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
    async with reading(broker) as readable:
        yield readable


@pytest.fixture
async def patients(broker: Broker, stream: Stream) -> AsyncIterator[Teller]:
    """Publishes what the notebook hears."""
    async with telling(broker, Process.PATIENT) as teller:
        yield teller


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The notebook's database, up to date, with nobody at work on it."""
    mint = Minter(Process.QUEUE, 7, clock.milliseconds)
    database = Database(database_url, PARTS.metadata, PARTS.process, mint)
    await migrations.upgrade(database, PARTS.migrations)
    database.open()
    yield database
    await database.close()


@pytest.fixture
async def service(broker: Broker, stream: Stream, database_url: str) -> AsyncIterator[Service]:
    """The notebook at work."""
    async with service_running(PARTS, broker.settings("queue", database_url=database_url)) as running:
        yield running


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A receptionist's client of the notebook."""
    async with client(service, token(Role.RECEPTIONIST)) as http:
        yield http


class Logged:
    """What was logged, and what will be."""

    def __init__(self) -> None:
        self.entries: list[MutableMapping[str, Any]] = []
        self._changed = asyncio.Event()

    def __call__(self, _: object, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """Take an entry and let it go no further."""
        self.entries.append({**entry, "level": method})
        self._changed.set()
        raise structlog.DropEvent

    def of(self, event: str) -> list[MutableMapping[str, Any]]:
        """The entries of this event."""
        return [entry for entry in self.entries if entry["event"] == event]

    async def first(self, event: str) -> MutableMapping[str, Any]:
        """The first entry of this event, as soon as there is one."""
        async with asyncio.timeout(LIMIT):
            while not self.of(event):
                self._changed.clear()
                await self._changed.wait()
        return self.of(event)[0]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """What the chassis logs in this test."""
    # In place: a logger that was used already keeps this very list.
    processors = structlog.get_config()["processors"]
    before = list(processors)
    taken = Logged()
    processors[:] = [taken]
    yield taken
    processors[:] = before
