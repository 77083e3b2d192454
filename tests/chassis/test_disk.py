"""SQLite's commits reach the disk before anybody is told of them, and many by one sync."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from chassis import clock
from chassis.bookkeeping import REVISION
from chassis.database import Database, away
from chassis.disk import CHECKPOINT, Disk
from chassis.statement import Statement
from tests.builders import NOW
from tests.chassis.line import relaying
from tests.chassis.notebook import write as write_note
from tests.chassis.stream import Stream
from tests.parts import Broker

LIMIT = 5.0
"""Seconds for what takes none."""

_WRITE = Statement(lambda _: insert(REVISION), ("scope", "revision"))
_READ = Statement(lambda _: select(REVISION.c.scope))


class Slow:
    """A disk that takes its time until it is let go, and may be broken then."""

    def __init__(self) -> None:
        self.syncs = 0
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.broken = False

    def sync(self, file: int) -> None:
        """Sync in earnest, but later."""
        self.syncs += 1
        self.begun.set()
        assert self.may_end.wait(LIMIT)
        if self.broken:
            raise OSError(5, "Input/output error")
        os.fsync(file)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slow]:
    """Every sync waits for the test."""
    slow = Slow()
    monkeypatch.setattr(os, "fdatasync", slow.sync)
    yield slow
    slow.may_end.set()


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    """PostgreSQL sees to its own disk."""
    return f"sqlite:///{tmp_path}/service.db"


async def write(database: Database, scope: int) -> None:
    """A change."""
    async with database.transaction(NOW, "7") as change:
        await _WRITE.run(change.session, {"scope": scope, "revision": 1})
        change.wakes = True


async def held(database: Database, slow: Slow) -> asyncio.Task[None]:
    """A change whose sync is under way."""
    first = asyncio.create_task(write(database, 0))
    assert await asyncio.to_thread(slow.begun.wait, LIMIT)
    return first


async def test_a_change_is_answered_and_told_once_it_is_on_the_disk(database: Database, slow: Slow) -> None:
    with database.committed.listen() as commits:
        change = await held(database, slow)
        assert not await commits.heard(0.01)
        assert not change.done()
        slow.may_end.set()
        await asyncio.wait_for(change, LIMIT)
        assert await commits.heard(LIMIT)


async def test_changes_that_wait_for_the_disk_share_a_sync(database: Database, slow: Slow) -> None:
    first = await held(database, slow)
    others = [asyncio.create_task(write(database, scope)) for scope in range(1, 21)]
    async with asyncio.timeout(LIMIT):
        while len(await committed(database)) < 21:  # noqa: ASYNC110  # nobody is told before the disk has it
            await asyncio.sleep(0)
    # What was written after a sync has begun is not in it.
    assert not any(other.done() for other in others)
    slow.may_end.set()
    await asyncio.wait_for(asyncio.gather(first, *others), LIMIT)
    assert slow.syncs == 2


async def committed(database: Database) -> set[int]:
    """What can be read, on the disk or not."""
    async with database.looking() as session:
        return {scope for (scope,) in await _READ.rows(session, {})}


async def note(database: Database) -> None:
    """A change with an event."""
    async with database.transaction(clock.now(), "7") as change:
        await write_note(change, "a note")


async def test_what_is_on_the_disk_is_published_while_what_came_later_is_not(
    broker: Broker, stream: Stream, database: Database, slow: Slow
) -> None:
    slow.may_end.set()
    await note(database)
    slow.may_end.clear()
    slow.begun.clear()
    change = asyncio.create_task(note(database))
    assert await asyncio.to_thread(slow.begun.wait, LIMIT)
    async with relaying(broker, database) as line:
        async with asyncio.timeout(LIMIT):
            await line.relay._publish()
        assert line.counted("outbox_published") == 1
    slow.may_end.set()
    await asyncio.wait_for(change, LIMIT)


async def test_nothing_is_published_that_is_not_on_the_disk(
    broker: Broker, stream: Stream, database: Database, slow: Slow
) -> None:
    change = asyncio.create_task(note(database))
    assert await asyncio.to_thread(slow.begun.wait, LIMIT)
    async with relaying(broker, database) as line:
        publishing = asyncio.create_task(line.relay.publish_waiting())
        done, _ = await asyncio.wait((publishing,), timeout=0.1)
        assert (done, line.counted("outbox_published")) == (set(), 0)
        slow.may_end.set()
        await asyncio.wait_for(publishing, LIMIT)
        assert line.counted("outbox_published") == 1
    await change


async def test_who_is_cancelled_while_the_disk_works_leaves_the_others_waiting_for_it(
    database: Database, slow: Slow
) -> None:
    first = await held(database, slow)
    second, third = (asyncio.create_task(write(database, scope)) for scope in (1, 2))
    await asyncio.sleep(0)
    first.cancel()
    second.cancel()
    await asyncio.wait((first, second), timeout=LIMIT)
    assert (first.cancelled(), second.cancelled(), third.done()) == (True, True, False)
    slow.may_end.set()
    await asyncio.wait_for(third, LIMIT)


async def test_a_disk_that_fails_is_said_to_be_away_and_tried_again(database: Database, slow: Slow) -> None:
    slow.broken = True
    slow.may_end.set()
    with pytest.raises(OSError, match="Input/output") as failure:
        await write(database, 1)
    assert away(failure.value)
    with pytest.raises(OSError, match="Input/output"):
        await database.durable()
    slow.broken = False
    await database.durable()
    await write(database, 2)


async def test_the_log_is_brought_into_the_database_after_so_many_changes(
    database: Database, tmp_path: Path
) -> None:
    for scope in range(CHECKPOINT + 1):
        await write(database, scope)
    # Read without its log.
    alone = f"file:{tmp_path}/service.db?immutable=1"

    def found() -> int:
        with sqlite3.connect(alone, uri=True) as connection:
            counted: int = connection.execute("SELECT count(*) FROM revision").fetchone()[0]
        connection.close()
        return counted

    async with asyncio.timeout(LIMIT):
        while found() < CHECKPOINT:  # noqa: ASYNC110  # it is done when it is done
            await asyncio.sleep(0.01)


async def test_a_log_that_was_made_anew_is_the_one_that_is_synced(tmp_path: Path) -> None:
    path = f"{tmp_path}/notes.db"
    below = Disk(path)
    for number in range(3):
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS note (words TEXT)")
        connection.execute("INSERT INTO note VALUES ('kept')")
        below.written(10 * number + 2)
        await below.reached()
        assert below._log is not None
        assert os.fstat(below._log).st_ino == os.stat(f"{path}-wal").st_ino
        # The last one to go takes the log with it.
        connection.close()
        below.written(10 * number + 3)
        await below.reached()
    await below.close()
