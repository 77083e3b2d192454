"""The relay in its service: woken by commits, alone on its database, and over every loss of the broker."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import select, text

from chassis import clock
from chassis.bookkeeping import OUTBOX
from chassis.database import Database
from chassis.relay import SAFETY_POLL
from chassis.service import Service
from contracts.event import Process
from launcher import broker as launcher_broker
from tests.chassis.conftest import Logged
from tests.chassis.notebook import PARTS, write
from tests.chassis.stream import LIMIT, Stream, reading, reasons
from tests.parts import Broker, postgres_database, service_running


async def note(service: Service, text: str) -> None:
    """Write a note through this service."""
    async with service.database.transaction(clock.now(), "7") as change:
        await write(change, text)


def published(service: Service) -> float:
    """How many events this service's relay has brought to the stream."""
    return service.metrics.get_sample_value("outbox_published_total") or 0


@pytest.fixture
async def postgres_url(postgres: str) -> AsyncIterator[str]:
    """An empty PostgreSQL database, where services have several workers."""
    async with postgres_database(postgres) as url:
        yield url


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[launcher_broker.Broker]:
    """A broker that the test may kill; its stream is made."""
    async with launcher_broker.running(tmp_path / "broker") as running:
        await heard_by(running).provision({Process.QUEUE: tuple(PARTS.handlers)})
        yield running


def heard_by(server: launcher_broker.Broker) -> Broker:
    """The broker as the other tests know it."""
    return Broker(server.url, dict(server.seeds))


async def kill(server: launcher_broker.Broker) -> None:
    """End the server as a power cut would."""
    os.kill(server.pid, signal.SIGKILL)
    await server.stop()


async def test_a_commit_wakes_the_relay(service: Service, stream: Stream) -> None:
    await note(service, "the relay is at work")
    await stream.holds(1)
    async with asyncio.timeout(SAFETY_POLL * 0.9):
        for number in range(10):
            await note(service, f"note {number}")
            await stream.holds(2 + number)


async def test_a_mark_that_has_to_wait_holds_no_event_back(
    broker: Broker, stream: Stream, postgres_url: str
) -> None:
    async with (
        service_running(PARTS, broker.settings("queue", database_url=postgres_url)) as service,
        service.database.transaction(clock.now(), "7") as change,
    ):
        await note(service, "published, and not marked")
        # Somebody has the row's lock, as on SQLite somebody else has the turn to write.
        await change.session.execute(select(OUTBOX.c.position).with_for_update())
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        async with asyncio.timeout(LIMIT):
            while not (await change.session.execute(waits)).scalar_one():  # noqa: ASYNC110  # it tells nobody
                await asyncio.sleep(0.01)
        for number in range(2, 6):
            await note(service, f"note {number}")
            await stream.holds(number)


async def test_a_service_that_stops_leaves_nothing_unmarked_that_is_on_the_stream(
    broker: Broker, stream: Stream, database_url: str
) -> None:
    async with service_running(PARTS, broker.settings("queue", database_url=database_url)) as service:
        for number in range(3):
            await note(service, f"note {number}")
        async with asyncio.timeout(LIMIT):
            while published(service) < 3:  # noqa: ASYNC110  # a counter tells nobody
                await asyncio.sleep(0.01)
    database = Database(database_url, PARTS.metadata, PARTS.process, service.mint)
    database.open()
    async with database.reading() as session:
        unmarked = select(OUTBOX.c.id).where(OUTBOX.c.published_at.is_(None))
        assert (await session.execute(unmarked)).all() == []
    await database.close()


async def test_a_commit_of_another_worker_wakes_the_relay(
    broker: Broker, stream: Stream, postgres_url: str
) -> None:
    async with AsyncExitStack() as stack:
        workers = [
            await stack.enter_async_context(
                service_running(PARTS, broker.settings("queue", database_url=postgres_url, worker=number))
            )
            for number in range(2)
        ]
        for worker in workers:
            await note(worker, "the relay is at work")
        await stream.holds(2)
        async with asyncio.timeout(SAFETY_POLL * 0.9):
            for number in range(6):
                await note(workers[number % 2], f"note {number}")
                await stream.holds(3 + number)


async def test_one_relay_is_active_for_a_database_and_the_next_takes_over_when_it_ends(
    broker: Broker, stream: Stream, postgres_url: str
) -> None:
    settings = [broker.settings("queue", database_url=postgres_url, worker=number) for number in range(2)]
    async with AsyncExitStack() as staying, AsyncExitStack() as leaving:
        first = await leaving.enter_async_context(service_running(PARTS, settings[0]))
        await note(first, "note 0")
        await stream.holds(1)
        second = await staying.enter_async_context(service_running(PARTS, settings[1]))
        for number in range(1, 20):
            await note((first, second)[number % 2], f"note {number}")
        await stream.holds(20)
        assert published(second) == 0
        await leaving.aclose()
        await note(second, "note 20")
        assert reasons(await stream.holds(21)) == [f"note {number}" for number in range(21)]


async def test_a_worker_whose_lease_s_connection_is_lost_stops_and_another_goes_on(
    broker: Broker, stream: Stream, postgres_url: str, logged: Logged
) -> None:
    settings = [broker.settings("queue", database_url=postgres_url, worker=number) for number in range(2)]
    async with service_running(PARTS, settings[0]) as first, service_running(PARTS, settings[1]) as second:
        await note(first, "note 0")
        await stream.holds(1)
        admin = await asyncpg.connect(postgres_url)
        ended = await admin.fetch(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        )
        await admin.close()
        assert len(ended) == 1
        for number in range(1, 10):
            await note((first, second)[number % 2], f"note {number}")
        restarted = await logged.first("work_restarts")
        assert "LeaseLost" in repr(restarted["exc_info"].exceptions)
        await note(second, "note 10")
        assert reasons(await stream.holds(11)) == [f"note {number}" for number in range(11)]


async def test_a_broker_killed_and_started_again_loses_and_doubles_nothing(
    server: launcher_broker.Broker, database_url: str
) -> None:
    broker = heard_by(server)
    texts = [f"note {number}" for number in range(300)]
    async with service_running(PARTS, broker.settings("queue", database_url=database_url)) as service:
        async with reading(broker) as stream:
            for text in texts[:100]:
                await note(service, text)
            await stream.holds(1)
            await kill(server)
        for text in texts[100:200]:
            await note(service, text)
        assert (await service.problems())[:1] == ("broker",)
        await server.start()
        for text in texts[200:]:
            await note(service, text)
        async with reading(broker) as stream:
            assert reasons(await stream.holds(300)) == texts


@pytest.mark.parametrize("told_between", [False, True], ids=["idle", "told while away"])
async def test_a_stream_made_anew_gets_what_is_kept_again_before_anything_newer(
    server: launcher_broker.Broker, database_url: str, tmp_path: Path, told_between: bool
) -> None:
    broker = heard_by(server)
    renewed: asyncio.Queue[Service] = asyncio.Queue()
    parts = replace(PARTS, on_new_epoch=renewed.put)
    async with service_running(parts, broker.settings("queue", database_url=database_url)) as service:
        async with reading(broker) as stream:
            for text in ("one", "two", "three"):
                await note(service, text)
            before = await stream.holds(3)
            assert renewed.empty()
        await kill(server)
        shutil.rmtree(tmp_path / "broker" / "store")
        if told_between:
            await note(service, "four")
        await server.start()
        await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
        async with asyncio.timeout(LIMIT):
            assert await renewed.get() is service
        if not told_between:
            await note(service, "four")
        async with reading(broker) as stream:
            after = await stream.holds(4)
    assert reasons(after) == ["one", "two", "three", "four"]
    ids = [message.headers["Nats-Msg-Id"] for message in after]
    assert ids[:3] == [message.headers["Nats-Msg-Id"] for message in before]


async def test_events_of_a_time_without_a_broker_are_told_when_there_is_one(
    tmp_path: Path, database: Database, database_url: str, logged: Logged
) -> None:
    async with launcher_broker.running(tmp_path / "broker") as server:
        broker = heard_by(server)
        await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
        await kill(server)
        async with service_running(PARTS, broker.settings("queue", database_url=database_url)) as service:
            await note(service, "early")
            await server.start()
            async with reading(broker) as stream:
                assert reasons(await stream.holds(1)) == ["early"]
            assert await service.problems() == ()


async def test_a_connection_that_the_broker_ends_for_good_is_made_anew(
    service: Service, stream: Stream
) -> None:
    await note(service, "before")
    await stream.holds(1)
    assert service._connection is not None
    transport = service._connection._transport
    assert transport is not None
    # No protocol of NATS: the server says so, and nats-py never connects again.
    transport.write(b"NONSENSE\r\n")
    await note(service, "after")
    await stream.holds(2)
