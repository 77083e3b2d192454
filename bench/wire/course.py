"""What one server is put through: connecting, as many events as it can, a steady pace, bursts."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats

from bench.wire.audience import Audience, Latency, watching
from bench.wire.servers import TICKS, Server, serving
from contracts import VisitCancelled, encode, headers
from contracts.event import Process
from launcher.broker import Broker

PAYLOAD = 2200
IN_FLIGHT = 4_000
"""Deliveries that are on their way at a time when a server does what it can: enough that it never waits."""

PACE = 4_000
"""Deliveries a second at the steady pace: what the slowest server can do at 5,000 clients."""

BURST = 10
"""Events at once in a burst."""

PAUSE = 0.02
"""Seconds between events that have a server to themselves."""

REST = 0.2
"""Seconds that a server is looked at to see whether it does anything."""

STUCK = 30.0
"""Seconds without any event after which a server counts as stuck."""


@dataclass(frozen=True)
class Course:
    """So many clients in so many rooms, and how long each part takes."""

    clients: int
    rooms: int
    seconds: float

    @property
    def name(self) -> str:
        """The head of its column."""
        return str(self.clients) if self.rooms == 1 else f"{self.rooms} x {self.present}"

    @property
    def present(self) -> int:
        """Clients in a room."""
        return self.clients // self.rooms


@dataclass(frozen=True)
class Outcome:
    """What a server did: thousands of deliveries a second of its CPU, milliseconds, CPU seconds, KB.

    `deliveries` are of as many events as it takes, which wait for it together; `alone` of events that come
    one by one. `held` is how long its loop went without a turn for others; `again` is to connect once more
    with the same tokens, as when a network comes back.
    """

    deliveries: float
    alone: float
    idle: Latency
    paced: Latency
    burst: Latency
    held: float
    connect: float
    held_connecting: float
    again: float
    memory: float


async def run(kind: str, course: Course, broker: Broker, tokens: Path) -> Outcome:
    """Put a fresh server through the course."""
    async with serving(kind, broker) as server:
        memory, cpu = server.memory(), server.cpu()
        async with watching(server.port, course.clients, course.rooms, tokens) as audience:
            connect = server.cpu() - cpu
            held_connecting = await server.held()
            await asyncio.sleep(0.5)
            memory = server.memory() - memory
            async with _publishing(server, broker, course, audience) as publisher:
                await publisher.as_many_as_it_takes(course.seconds / 4)
                before, cpu = audience.events, server.cpu()
                await publisher.as_many_as_it_takes(course.seconds)
                deliveries = (audience.events - before) / (server.cpu() - cpu)
                before, cpu = audience.events, server.cpu()
                await publisher.one_by_one(course.seconds)
                alone = (audience.events - before) / max(server.cpu() - cpu, 1 / TICKS)
                await audience.latency()
                await publisher.singly(course.seconds / 2)
                idle = await audience.latency()
                await publisher.paced(course.seconds)
                paced = await audience.latency()
                await publisher.bursts(course.seconds)
                burst = await audience.latency()
                held = await server.held()
        await _at_rest(server)
        cpu = server.cpu()
        async with watching(server.port, course.clients, course.rooms, tokens):
            again = server.cpu() - cpu
    return Outcome(
        deliveries / 1000,
        alone / 1000,
        idle,
        paced,
        burst,
        held,
        connect,
        held_connecting,
        again,
        memory / course.clients / 1024,
    )


async def _at_rest(server: Server) -> None:
    """Wait until the server is done with the clients that left."""
    before = -1.0
    while server.cpu() - before > REST / 20:
        before = server.cpu()
        await asyncio.sleep(REST)


class _Publisher:
    """Publishes events to the rooms in turn, each with the time that it left."""

    def __init__(self, server: Server, connection: Any, course: Course, audience: Audience) -> None:
        self._feed = server.feed
        self._connection = connection
        self._course = course
        self._audience = audience
        self._sent = 0
        self._at = datetime.now(UTC).isoformat()

    async def as_many_as_it_takes(self, seconds: float) -> None:
        """The next event as soon as few enough are on their way."""
        in_flight = max(IN_FLIGHT, 2 * self._course.present)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await self._publish()
            await self._arrived(in_flight)
        await self._arrived(0)

    async def one_by_one(self, seconds: float) -> None:
        """One event, and the next as soon as all have it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await self._publish()
            await self._arrived(0)

    async def singly(self, seconds: float) -> None:
        """One event, and the next a while after all have it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(PAUSE)
            await self._publish()
            await self._arrived(0)

    async def paced(self, seconds: float) -> None:
        """One event after the other at a steady pace that every server keeps up with."""
        pause = self._course.present / PACE
        began = time.monotonic()
        for number in range(max(3, int(seconds / pause))):
            await asyncio.sleep(max(0.0, began + number * pause - time.monotonic()))
            await self._publish()
        await self._arrived(0)

    async def bursts(self, seconds: float) -> None:
        """Some events at once, and the next when all have them."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for _ in range(BURST):
                await self._publish()
            await self._arrived(0)

    async def _arrived(self, in_flight: int) -> None:
        await self._audience.received(self._sent * self._course.present - in_flight, STUCK)

    async def _publish(self) -> None:
        clinic = 1 + self._sent % self._course.rooms
        self._sent += 1
        reason = f"T{time.monotonic_ns():019d}".ljust(PAYLOAD - 45, "x")
        event = VisitCancelled.model_construct(visit_id=5, reason=reason, clinic_id=clinic)
        if self._feed is not None:
            packet = b'42["visit_cancelled",%s]' % encode(event)
            self._feed.write(b"%d %d\n%s" % (clinic, len(packet), packet))
            await self._feed.drain()
            return
        given = {headers.ROOMS: ",".join(event.audience()), headers.AT: self._at}
        await self._connection.publish(event.address(), encode(event), headers=given)


@asynccontextmanager
async def _publishing(
    server: Server, broker: Broker, course: Course, audience: Audience
) -> AsyncIterator[_Publisher]:
    connection = await nats.connect(
        broker.url,
        nkeys_seed_str=broker.seeds[Process.QUEUE],
        inbox_prefix=f"_INBOX_{Process.QUEUE}",
        flush_timeout=60,
    )
    try:
        yield _Publisher(server, connection, course, audience)
    finally:
        await connection.close()
