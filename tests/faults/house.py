"""The installation under test: brokers, four databases, and five processes of `clinicwire serve`."""

import asyncio
import json
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import httpx

from contracts.identity import Role
from tests.faults.brokers import Brokers
from tests.faults.cable import Cable, laid
from tests.faults.processes import Child, free_port
from tests.launcher.processes import CLINICWIRE
from tests.parts import SECRET, postgres_database, postgres_server, token

SERVICES = ("queue", "appointment", "patient", "payment")
PROCESSES = (*SERVICES, "bridge")

READY_LIMIT = 90.0
"""Seconds until a process that is not ready counts as broken."""


@dataclass(frozen=True)
class Row:
    """An outbox row, as it stands in the database."""

    position: int
    id: int
    service: str
    subject: str
    rooms: frozenset[str]
    revision: int | None
    snapshot: bool
    published: bool
    refused: str | None
    payload: Mapping[str, Any] | None

    @property
    def name(self) -> str:
        """The event's name."""
        return self.subject.rpartition(".")[2]


class House:
    """What runs, and where."""

    def __init__(
        self, folder: Path, brokers: Brokers, databases: Mapping[str, str], cable: Cable | None
    ) -> None:
        self.folder = folder
        self.brokers = brokers
        self.databases = databases
        self.cable = cable
        self.ports = {name: free_port() for name in PROCESSES}
        self.children = {name: self._child(name) for name in PROCESSES}
        self._wrong: dict[str, str] = {}

    def url(self, name: str) -> str:
        """Where a process listens."""
        return f"http://127.0.0.1:{self.ports[name]}"

    async def start(self, wrong: Mapping[str, str]) -> None:
        """Start everything; `wrong` names a process and what is wrong with it, at all of its starts."""
        await self.brokers.start()
        for name, what in wrong.items():
            self.children[name] = self.faulty(name, what)
            self._wrong[name] = what
        for child in self.children.values():
            await child.start()
        await self.ready()

    async def ready(self, *names: str) -> None:
        """Wait until these, or all, are ready."""
        async with httpx.AsyncClient(timeout=5) as http:
            for name in names or PROCESSES:
                await self._ready(http, name)

    def faulty(self, name: str, what: str) -> Child:
        """The process with this wrong, beside what is wrong with it anyhow."""
        command = [sys.executable, "-m", "tests.faults.child", "serve", name]
        # Its luck is made before its bugs: it may end half way through those.
        return self._child(name, command, FAULTS=",".join((what, *filter(None, [self._wrong.get(name)]))))

    async def rows(self) -> list[Row]:
        """Every outbox row, by service and position."""
        found = []
        for service, url in self.databases.items():
            found += [_row(service, *given) for given in await _select(url)]
        return found

    async def close(self) -> None:
        """End everything."""
        await asyncio.gather(*(child.stop() for child in self.children.values()))
        await self.brokers.close()

    async def _ready(self, http: httpx.AsyncClient, name: str) -> None:
        try:
            async with asyncio.timeout(READY_LIMIT):
                while True:
                    try:
                        if (await http.get(f"{self.url(name)}/health/ready")).status_code == 200:
                            return
                    except httpx.TransportError:
                        pass
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{name} is not ready; see {self.children[name].log}") from None

    def _child(self, name: str, command: list[str] | None = None, **more: str) -> Child:
        nats = self.brokers.url
        if name == "bridge" and self.cable:
            nats = f"nats://127.0.0.1:{self.cable.port}"
        environment = {
            "PORT": str(self.ports[name]),
            "NATS_URL": nats,
            "NATS_NKEY": self.brokers.seeds[name],
            "JWT_SECRET": SECRET,
            "LOG_LEVEL": "info",
            "DATABASE_URL": self.databases.get(name, ""),
        }
        return Child(name, command or [str(CLINICWIRE), "serve", name], self.folder, environment | more)


ADMIN = token(Role.ADMIN, sub="admin", clinics="*", ttl=24 * 3600)
"""Who opens the clinics and does all changes."""


@asynccontextmanager
async def opened(folder: Path, database: str, nodes: int) -> AsyncIterator[House]:
    """The parts of a house on this kind of database; nothing of it runs yet."""
    async with AsyncExitStack() as stack:
        databases = {name: f"sqlite:///{folder / name}.sqlite" for name in SERVICES}
        if database == "postgresql":
            # Not in a folder that only we may enter: as root, the server is another user.
            there = stack.enter_context(TemporaryDirectory(prefix="clinicwire-"))
            server, _ = stack.enter_context(postgres_server(Path(there)))
            for name in SERVICES:
                databases[name] = await stack.enter_async_context(postgres_database(server))
        brokers = Brokers(folder, nodes)
        # In a cluster a client hears the servers' own addresses, and would go around a cable.
        cable = await stack.enter_async_context(laid(brokers.ports[0])) if nodes == 1 else None
        house = House(folder, brokers, databases, cable)
        stack.push_async_callback(house.close)
        yield house


_COLUMNS = "position, id, subject, rooms, revision, snapshot, published_at, refused, payload"
_SELECT = f"SELECT {_COLUMNS} FROM outbox ORDER BY position"  # noqa: S608  # words of our own


async def _select(url: str) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)
        try:
            return list(connection.execute(_SELECT))
        finally:
            connection.close()
    there = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await there.fetch(_SELECT)]
    finally:
        await there.close()


def _row(
    service: str,
    position: int,
    id: int,
    subject: str,
    rooms: str,
    revision: int | None,
    snapshot: bool,
    published_at: object,
    refused: str | None,
    payload: bytes | None,
) -> Row:
    return Row(
        position,
        id,
        service,
        subject,
        frozenset(rooms.split(",")) - {""},
        revision,
        bool(snapshot),
        published_at is not None,
        refused,
        None if payload is None else json.loads(payload),
    )
