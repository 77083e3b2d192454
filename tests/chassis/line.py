"""A relay by itself, step by step: no service around it, nothing in the background."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from nats.aio.client import Client
from prometheus_client import CollectorRegistry

from chassis import clock
from chassis.bell import Bell
from chassis.broker import connect
from chassis.database import Database
from chassis.metrics import Counts
from chassis.publisher import Publisher
from chassis.relay import Relay
from tests.parts import Broker


class Line:
    """A relay and the connection it publishes on."""

    def __init__(self, relay: Relay, connection: Client, metrics: CollectorRegistry) -> None:
        self.relay = relay
        self.connection = connection
        self._metrics = metrics

    def counted(self, name: str) -> float:
        """One of the relay's counters."""
        return self._metrics.get_sample_value(f"{name}_total") or 0


@asynccontextmanager
async def relaying(broker: Broker, database: Database) -> AsyncIterator[Line]:
    """A relay of this database that does nothing until it is told to."""
    told: list[Publisher] = []
    connection = await connect(
        broker.settings(database.process), database.process, lambda subject: told[0].refuse(subject)
    )
    told.append(Publisher(connection))
    metrics = CollectorRegistry()

    async def epoch() -> str:
        return "the only one"

    async def nothing() -> None:
        """There is no other stream."""

    relay = Relay(database, told[0], Counts(metrics), clock.now, Bell(), epoch, nothing)
    try:
        yield Line(relay, connection, metrics)
    finally:
        await connection.close()
