"""Connections to a database that are lent and come back, and are kept open in between.

SQLAlchemy's own way to take one from its pool, begin, and give it back costs as much as five statements.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

log = structlog.get_logger()

PATIENCE = 30.0
"""Seconds that somebody waits for one of so many to be free."""

UNDOING = 5.0
"""Seconds in which a rollback is answered by whoever is still there."""


class Connections:
    """At most so many connections of an engine, made when they are needed; who waits first is served first.

    `usable` looks at a driver's connection that was kept, without asking the database anything.
    """

    def __init__(self, engine: AsyncEngine, limit: int, usable: Callable[[Any], bool]) -> None:
        self._engine = engine
        self._usable = usable
        self._places = asyncio.Semaphore(limit)
        # The one used last is lent first, whose cache is warm; the others' stay empty while not needed.
        self._kept: list[AsyncConnection] = []

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[AsyncConnection]:
        """A connection outside of any transaction; what is not committed when the block ends is undone.

        Raises TimeoutError when none is free for half a minute.
        """
        if self._places.locked():
            async with asyncio.timeout(PATIENCE):
                await self._places.acquire()
        else:
            await self._places.acquire()
        try:
            connection = await self._connection()
        except BaseException:
            self._places.release()
            raise
        try:
            yield connection
        except BaseException as error:
            # A commit that failed, or a statement that was cancelled: who knows what is left of it.
            failed = not (connection.in_transaction() and isinstance(error, Exception))
            await self._undone(connection, failed=failed)
            raise
        if connection.in_transaction():
            await self._undone(connection)
        else:
            self._back(connection)

    async def close(self) -> None:
        """Close those that nobody has."""
        while self._kept:
            await self._kept.pop().close()
        await self._engine.dispose()

    async def _connection(self) -> AsyncConnection:
        while self._kept:
            connection = self._kept.pop()
            if self._usable(_drivers(connection)):
                return connection
            await connection.invalidate()
            await connection.close()
        try:
            return await self._engine.connect()
        except asyncpg.InterfaceError as error:
            # Cut while it is made, where SQLAlchemy does not translate yet what the driver says.
            raise ConnectionError("the database hung up on a new connection") from error

    async def _undone(self, connection: AsyncConnection, *, failed: bool = False) -> None:
        # Whole, even if its caller is cancelled meanwhile: half undone it would be the next one's.
        await asyncio.shield(asyncio.create_task(self._undo(connection, failed)))

    async def _undo(self, connection: AsyncConnection, failed: bool) -> None:
        clean = False
        try:
            if not failed:
                async with asyncio.timeout(UNDOING):
                    await connection.rollback()
                clean = not connection.invalidated
        except (SQLAlchemyError, OSError) as error:
            log.info("connection_given_up", reason=type(error).__name__)
        finally:
            if clean:
                self._back(connection)
            else:
                # Its place is free whatever becomes of it.
                self._places.release()
                await connection.invalidate()
                await connection.close()

    def _back(self, connection: AsyncConnection) -> None:
        self._kept.append(connection)
        self._places.release()


def _drivers(connection: AsyncConnection) -> Any:
    # Without the greenlet in which SQLAlchemy would look for it: one that was kept is there.
    kept: Any = connection.sync_connection
    return kept.connection.driver_connection
