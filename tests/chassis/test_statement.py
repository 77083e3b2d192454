"""Statements that go past most of SQLAlchemy: the same values, the same errors."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import bindparam, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from chassis.bookkeeping import IDEMPOTENCY, REVISION
from chassis.database import Database, away, constraint_of
from chassis.statement import Statement
from tests.builders import NOW

_WRITE = Statement(lambda _: insert(REVISION), ("scope", "revision"))
_READ = Statement(lambda _: select(REVISION.c.revision).where(REVISION.c.scope == bindparam("of")))


async def test_values_come_back_as_they_went(database: Database) -> None:
    row = {
        "key": "k",
        "caller": "7",
        "route": "r",
        "body_hash": "h",
        "status": None,
        "answer": b"{}",
        "at": NOW,
    }
    write = Statement(lambda _: insert(IDEMPOTENCY), tuple(row))
    read = Statement(lambda _: select(IDEMPOTENCY).where(IDEMPOTENCY.c.key == "k").limit(5))
    async with database.transaction(NOW, "7") as change:
        await write.run(change.session, row)
    async with database.reading() as session:
        assert await read.rows(session, {}) == [("k", "7", "r", "h", None, b"{}", NOW)]
        assert tuple((await session.execute(select(IDEMPOTENCY))).one()) == tuple(row.values())


async def test_many_are_written_by_one_and_each_is_found(database: Database) -> None:
    async with database.transaction(NOW, "7") as change:
        await _WRITE.run(
            change.session, *({"scope": number, "revision": number * 2} for number in range(1, 4))
        )
    async with database.reading() as session:
        assert [await _READ.value(session, {"of": number}) for number in range(5)] == [None, 2, 4, 6, None]


async def test_what_the_database_refuses_is_raised_as_by_any_statement_and_undoes_the_change(
    database: Database,
) -> None:
    with pytest.raises(IntegrityError) as refused:  # noqa: PT012  # what is undone is all of it
        async with database.transaction(NOW, "7") as change:
            await _WRITE.run(change.session, {"scope": 1, "revision": 1})
            await _WRITE.run(change.session, {"scope": 1, "revision": 2})
    assert "revision" in constraint_of(refused.value)
    assert not away(refused.value)
    async with database.reading() as session:
        assert await _READ.value(session, {"of": 1}) is None


async def test_a_server_that_hangs_up_is_away_and_the_next_change_goes_through(database: Database) -> None:
    if database.is_sqlite:
        return  # there is nobody to hang up
    with pytest.raises(DBAPIError) as lost:  # noqa: PT012  # the connection is the transaction's
        async with database.transaction(NOW, "7") as change:
            await _WRITE.run(change.session, {"scope": 1, "revision": 1})
            own = (await change.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
            async with database.reading() as session:
                await session.execute(text(f"SELECT pg_terminate_backend({own}, 5000)"))
            await _READ.value(change.session, {"of": 1})
    assert away(lost.value)
    async with database.transaction(NOW, "7") as change:
        await _WRITE.run(change.session, {"scope": 1, "revision": 1})


async def test_a_connection_that_the_server_has_closed_is_not_used_again(database: Database) -> None:
    if database.is_sqlite:
        return  # there is nobody to close it
    async with database.transaction(NOW, "7") as change:
        await _WRITE.run(change.session, {"scope": 1, "revision": 1})
        own = (await change.session.execute(text("SELECT pg_backend_pid()"))).scalar_one()
        driver: Any = (await (await change.session.connection()).get_raw_connection()).driver_connection
    async with database.reading() as session:
        await session.execute(text(f"SELECT pg_terminate_backend({own}, 5000)"))
    async with asyncio.timeout(5):
        while not driver.is_closed():  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.01)
    async with database.transaction(NOW, "7") as change:
        assert await _READ.value(change.session, {"of": 1}) == 1
