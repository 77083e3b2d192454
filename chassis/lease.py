"""One active worker for a database: whoever holds the lease runs the relay, the consumers and the projector.

On PostgreSQL an advisory lock on a connection of its own, which also listens for other workers' commits; on
SQLite a lock on a file beside the database.
"""

import asyncio
import fcntl
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from chassis.database import Database
from contracts.event import Process

log = structlog.get_logger()

RETRY = 1.0
"""Seconds between tries to take another worker's lease, and between looks whether ours is still held."""


class LeaseLost(Exception):
    """The connection that held the lease is gone; another worker may have it already."""


@asynccontextmanager
async def held(database: Database) -> AsyncIterator[asyncio.Future[None]]:
    """Wait for the lease and hold it; the future fails with `LeaseLost` when it is lost."""
    if database.is_sqlite:
        async with _file_held(database) as lost:
            yield lost
    else:
        async with _advisory_held(database) as lost:
            yield lost


@asynccontextmanager
async def _file_held(database: Database) -> AsyncIterator[asyncio.Future[None]]:
    path = Path(f"{database.url.database}.lease")
    with path.open("a") as file:  # noqa: ASYNC230  # local, empty, opened once
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                log.info("lease_waits", process=database.process, file=path.name)
                await asyncio.sleep(RETRY)
        yield asyncio.get_running_loop().create_future()


@asynccontextmanager
async def _advisory_held(database: Database) -> AsyncIterator[asyncio.Future[None]]:
    lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    engine = create_async_engine(database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        async with engine.connect() as connection:
            take = text("SELECT pg_try_advisory_lock(:key)")
            while not (  # noqa: ASYNC110  # nothing tells us when the other worker's lock is free
                await connection.execute(take, {"key": _lock_number(database.process)})
            ).scalar():
                await asyncio.sleep(RETRY)
            raw: Any = (await connection.get_raw_connection()).driver_connection
            await raw.add_listener(database.channel, lambda *_: database.committed.ring())

            async def watch() -> None:
                try:
                    while True:
                        await asyncio.sleep(RETRY)
                        await connection.execute(text("SELECT 1"))
                except (SQLAlchemyError, OSError) as error:
                    lost.set_exception(LeaseLost(str(error)))

            watching = asyncio.create_task(watch())
            database.leads = True
            try:
                yield lost
            finally:
                database.leads = False
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
    finally:
        if lost.done():
            lost.exception()
        else:
            lost.cancel()
        await engine.dispose()


def _lock_number(process: Process) -> int:
    return zlib.crc32(f"clinicwire lease {process}".encode())
