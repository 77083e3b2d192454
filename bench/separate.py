"""The clinic as five processes of `clinicwire serve`, on either kind of database, for a measurement."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.installation import reaped, resident, seconds
from contracts.event import Process
from launcher.gateway import owner
from tests.faults.house import ADMIN, House, opened


class Separate:
    """An installation of one process a service; any PostgreSQL of this machine is counted with them."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.base = house.url("bridge")
        self.token = ADMIN

    def at(self, path: str) -> str:
        """The address of whoever answers this path."""
        return self._house.url(owner(path) or Process.BRIDGE)

    def cpu(self) -> tuple[float, float]:
        """Seconds of CPU taken so far by everything else, and by nats-server."""
        nats = sum(seconds(node.pid) for node in self._house.brokers.nodes)
        # PostgreSQL has a process for each connection, and those may be gone by now.
        gone = sum(map(reaped, _named("postgres")))
        return sum(map(seconds, self._others())) + gone, nats

    def memory(self) -> int:
        """Bytes resident in all its processes; what PostgreSQL's share is counted for each of them."""
        return sum(map(resident, self._others())) + sum(
            resident(one.pid) for one in self._house.brokers.nodes
        )

    def _others(self) -> Iterator[int]:
        yield from (child.pid for child in self._house.children.values())
        yield from _named("postgres")


def _named(name: str) -> Iterator[int]:
    # The wheel starts its server by itself, away from us.
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if (folder / "comm").read_text().strip() == name:
                    yield int(folder.name)
            except OSError:
                continue


@asynccontextmanager
async def separate(database: str) -> AsyncIterator[Separate]:
    """Start it on `sqlite` or `postgresql`; nothing of it remains afterwards."""
    with tempfile.TemporaryDirectory(prefix="clinicwire-bench-") as folder:
        async with opened(Path(folder), database, nodes=1) as house:
            await house.start({})
            yield Separate(house)
