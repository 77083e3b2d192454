"""Connections that are lent and kept: each comes back clean, or not at all."""

import asyncio
import contextlib
import itertools

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from chassis import connections
from chassis.bookkeeping import REVISION
from chassis.database import Database, away
from chassis.statement import Statement
from tests.builders import NOW

LIMIT = 5.0
"""Seconds for what takes none."""

_WRITE = Statement(lambda _: insert(REVISION), ("scope", "revision"))
_READ = Statement(lambda _: select(REVISION.c.scope).order_by(REVISION.c.scope))


async def scopes_of(database: Database) -> list[int]:
    """What was committed."""
    async with database.looking() as session:
        return [scope for (scope,) in await _READ.rows(session, {})]


async def write(database: Database, scope: int) -> None:
    """A change."""
    async with database.transaction(NOW, "7") as change:
        await _WRITE.run(change.session, {"scope": scope, "revision": 1})


async def test_a_change_that_is_cancelled_half_way_leaves_nothing_to_the_next_one(database: Database) -> None:
    half_way = asyncio.Event()

    async def half() -> None:
        async with database.transaction(NOW, "7") as change:
            await _WRITE.run(change.session, {"scope": 1, "revision": 1})
            half_way.set()
            await asyncio.Event().wait()

    for _ in range(20):
        half_way.clear()
        change = asyncio.create_task(half())
        await half_way.wait()
        change.cancel()
        # Once more, while it is being undone.
        asyncio.get_running_loop().call_soon(change.cancel)
        await asyncio.wait((change,), timeout=LIMIT)
        assert change.cancelled()
    async with asyncio.timeout(LIMIT):
        await write(database, 2)
    assert await scopes_of(database) == [2]


async def test_a_commit_that_fails_leaves_nothing_to_the_next_change(database: Database) -> None:
    later = "REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED"
    async with database.transaction(NOW, "7") as change:
        await change.session.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)"))
        await change.session.execute(text(f"CREATE TABLE child (parent_id INTEGER {later})"))
    for _ in range(20):
        with pytest.raises(DBAPIError):  # noqa: PT012  # it is the end of the block that fails
            async with database.transaction(NOW, "7") as change:
                await _WRITE.run(change.session, {"scope": 1, "revision": 1})
                await change.session.execute(text("INSERT INTO child VALUES (5)"))
    async with asyncio.timeout(LIMIT):
        await write(database, 2)
    assert await scopes_of(database) == [2]


async def test_a_read_sees_one_moment_and_the_next_one_a_later(database: Database) -> None:
    async with database.reading() as session:
        assert await _READ.rows(session, {}) == []
        await write(database, 1)
        assert await _READ.rows(session, {}) == []
    async with database.reading() as session:
        assert await _READ.rows(session, {}) == [(1,)]


async def test_a_connection_that_nobody_has_is_lent_again(database: Database) -> None:
    seen = set()
    for scope in range(10):
        async with database.transaction(NOW, "7") as change:
            await _WRITE.run(change.session, {"scope": scope, "revision": 1})
            seen.add(id((await (await change.session.connection()).get_raw_connection()).driver_connection))
    assert len(seen) == 1


async def test_who_waits_for_a_connection_is_served_in_turn_and_not_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database.is_sqlite:
        return  # there are ten writers
    order: list[int] = []

    async def one(number: int) -> None:
        async with database.transaction(NOW, "7"):
            order.append(number)

    async with database.transaction(NOW, "7"):
        waiting = [asyncio.create_task(one(number)) for number in range(20)]
        await asyncio.sleep(0)
        monkeypatch.setattr(connections, "PATIENCE", 0.01)
        with pytest.raises(TimeoutError) as late:
            await one(99)
        assert away(late.value)
    await asyncio.wait(waiting, timeout=LIMIT)
    assert order == [*range(20)]


async def test_connections_that_are_cut_are_all_to_be_had_afterwards(
    database: Database,
) -> None:
    if database.is_sqlite:
        return  # there is nobody to cut them
    over = asyncio.Event()
    scopes = itertools.count(1)

    async def change() -> None:
        while not over.is_set():
            with contextlib.suppress(DBAPIError, OSError):
                await write(database, next(scopes))
            with contextlib.suppress(DBAPIError, OSError):
                async with database.reading() as session:
                    await _READ.rows(session, {})
            with contextlib.suppress(DBAPIError, OSError):
                await scopes_of(database)

    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )

    async def wait_in_vain() -> None:
        # As relay and projector do when the lease is lost: cancelled while the server works.
        while not over.is_set():
            with contextlib.suppress(DBAPIError, OSError, TimeoutError):
                async with asyncio.timeout(0.02), database.looking() as session:
                    await session.execute(text("SELECT pg_sleep(1)"))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(change())
        for _ in range(2):
            tasks.create_task(wait_in_vain())
        for _ in range(20):
            await asyncio.sleep(0.05)
            with contextlib.suppress(DBAPIError, OSError):
                async with database.looking() as session:
                    await session.execute(cut)
        over.set()
    async with asyncio.timeout(LIMIT), contextlib.AsyncExitStack() as held:
        for _ in range(10):
            await held.enter_async_context(database.transaction(NOW, "7"))
        for _ in range(4):
            await held.enter_async_context(database.reading())
        for _ in range(2):
            await held.enter_async_context(database.looking())
