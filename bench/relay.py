"""How fast the relay brings rows to the stream, and how soon after its commit an event is heard.

    python -m bench.relay [--rows 100000] [--runs 3] [--postgres]

A real nats-server that syncs each write (`sync_interval: always`), a real database, both made for this and
removed afterwards. Drain: rows a second from a full outbox, each on the stream and marked. Latency:
milliseconds from the commit of a change to a subscriber of its subject, a hundred changes a second.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import nats
import uvloop
from prometheus_client import CollectorRegistry
from sqlalchemy import func, insert, select

from chassis import broker, clock, migrations
from chassis.bell import Bell
from chassis.bookkeeping import OUTBOX
from chassis.database import Database
from chassis.ids import Minter
from chassis.metrics import Counts
from chassis.outbox import stage
from chassis.publisher import Publisher
from chassis.relay import Relay
from chassis.settings import Settings
from contracts import PatientDeleted
from launcher import broker as embedded
from launcher.provision import StreamSize, provision
from patient_service.main import PARTS

CHANGES = 1000
"""Changes whose latency is measured."""

PAUSE = 0.01
"""Seconds between them."""

PAYLOAD = b'{"patient":"%s"}' % (b"x" * 386)
"""400 bytes, as many as a visit_status_changed has."""


@asynccontextmanager
async def database_in(folder: Path, postgres: bool) -> AsyncIterator[Database]:
    """An empty outbox on either kind of database."""
    async with AsyncExitStack() as stack:
        url = f"sqlite:///{folder}/bench.db"
        if postgres:
            from tests.parts import postgres_database, postgres_server

            server, _ = stack.enter_context(postgres_server(folder / "postgres"))
            url = await stack.enter_async_context(postgres_database(server))
        database = Database(url, PARTS.metadata, PARTS.process, Minter(PARTS.process, 0, clock.milliseconds))
        await migrations.upgrade(database, PARTS.migrations)
        database.open()
        stack.push_async_callback(database.close)
        yield database


async def fill(database: Database, rows: int) -> None:
    """Write this many rows to the outbox."""
    mint = Minter(PARTS.process, 1, clock.milliseconds)
    async with database.transaction(clock.now(), "bench") as change:
        for start in range(0, rows, 10_000):
            made = [
                {
                    "id": mint(),
                    "subject": f"patient.{1 + number % 200}.patient_updated",
                    "rooms": "staff",
                    "payload": PAYLOAD,
                    "revision": None,
                    "version": 1,
                    "snapshot": False,
                    "actor": "bench",
                    "at": change.now,
                }
                for number in range(start, min(start + 10_000, rows))
            ]
            await change.session.execute(insert(OUTBOX), made)


async def waiting(database: Database) -> int:
    """How many rows are not published."""
    async with database.reading() as session:
        counted = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.published_at.is_(None))
        return (await session.execute(counted)).scalar_one()


async def drain(relay: Relay, database: Database, rows: int) -> float:
    """Rows a second from a full outbox to an empty one."""
    await fill(database, rows)
    started = time.perf_counter()
    while await relay.publish_waiting():
        pass
    taken = time.perf_counter() - started
    left = await waiting(database)
    if left:
        raise SystemExit(f"{left} of {rows} rows are still waiting: the broker takes no batches? see its log")
    return rows / taken


async def latencies(relay: Relay, database: Database, server: embedded.Broker) -> list[float]:
    """Milliseconds from a commit to the subscriber that hears of it, sorted."""
    listener = await nats.connect(
        server.url, nkeys_seed_str=server.seeds["observer"], inbox_prefix=b"_INBOX_observer"
    )
    heard = await listener.subscribe(PatientDeleted.pattern())
    await listener.flush()
    working = asyncio.create_task(relay.run())
    taken = []
    for number in range(1, CHANGES + 1):
        async with database.transaction(clock.now(), "bench") as change:
            stage(change, PatientDeleted(patient_id=number))
        committed = time.perf_counter()
        await heard.next_msg(timeout=5)
        taken.append((time.perf_counter() - committed) * 1000)
        # People don't wait for the relay's marks: a change right after the last one would.
        await asyncio.sleep(PAUSE)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    await listener.close()
    return sorted(taken[10:])


async def measure(rows: int, runs: int, postgres: bool) -> None:
    """Measure and print."""
    rates: list[float] = []
    for _ in range(runs):
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            server = await stack.enter_async_context(embedded.running(folder / "broker"))
            database = await stack.enter_async_context(database_in(folder, postgres))

            def settings(user: str, server: embedded.Broker = server) -> Settings:
                return Settings.model_validate({"nats_url": server.url, "nats_nkey": server.seeds[user]})

            await provision(settings("provisioner"), {}, StreamSize())
            connection = await broker.connect(settings("patient"), PARTS.process)
            stack.push_async_callback(connection.close)
            relay = Relay(
                database,
                Publisher(connection),
                Counts(CollectorRegistry()),
                clock.now,
                Bell(),
                _epoch,
                _nothing,
            )
            rates.append(await drain(relay, database, rows))
            waits = await latencies(relay, database, server)
        p50, p99 = (waits[int(len(waits) * part)] for part in (0.5, 0.99))
        print(  # noqa: T201  # its figures are what a bench is for
            f"{rates[-1]:9,.0f} rows/s drained; commit to subscriber p50 {p50:.2f} ms, p99 {p99:.2f} ms"
        )
    print(f"{statistics.median(rates):9,.0f} rows/s is the median of {runs}")  # noqa: T201


async def _epoch() -> str:
    return "the bench's"


async def _nothing() -> None:
    pass


def main() -> None:
    """Read the options and measure."""
    options = argparse.ArgumentParser(description="measure the relay")
    options.add_argument("--rows", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--postgres", action="store_true", help="on PostgreSQL instead of SQLite")
    given = options.parse_args()
    uvloop.run(measure(given.rows, given.runs, given.postgres))


if __name__ == "__main__":
    main()
