"""SQLite without a thread a connection: statements run where they are asked for, only a commit waits.

A statement on a local file takes microseconds. aiosqlite, which SQLAlchemy expects, sends each one, and each
of its results, through a thread and back: four times a statement, most of a change's CPU. A commit waits for
the disk, so it alone goes to a thread; the event loop goes on meanwhile.

`Connection` and `Cursor` are what SQLAlchemy's aiosqlite dialect (2.1) uses of aiosqlite's, and no more.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

STATEMENTS = 60
"""Statements that a connection keeps prepared; as many as `chassis.database` keeps compiled."""


class Cursor:
    """A cursor whose awaitables are done before they are awaited."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cursor.close()

    @property
    def description(self) -> Any:
        """The columns of what was selected."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the row inserted last."""
        return self._cursor.lastrowid

    async def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Self:
        """Run one statement."""
        self._cursor.execute(statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Sequence[Any]]) -> Self:
        """Run one statement for each of these."""
        self._cursor.executemany(statement, parameters)
        return self

    async def fetchall(self) -> list[Any]:
        """What was selected and not fetched yet."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Give the statement back."""
        self._cursor.close()


class Connection:
    """One connection to a database file."""

    def __init__(self, path: str, wait: float) -> None:
        # A thread's commit is awaited before anything else is asked of the connection.
        self._conn = sqlite3.connect(
            path,
            timeout=wait,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=STATEMENTS,
        )
        self._connection: sqlite3.Connection | None = self._conn

    @property
    def isolation_level(self) -> str | None:
        """None: transactions begin where `chassis.database` says so."""
        return self._conn.isolation_level

    def cursor(self) -> Cursor:
        """A new cursor."""
        return Cursor(self._conn.cursor())

    async def create_function(
        self, name: str, arguments: int, function: Callable[..., Any], **options: bool
    ) -> None:
        """Let SQL call this function."""
        self._conn.create_function(name, arguments, function, **options)

    async def commit(self) -> None:
        """Make the transaction last; waits for the disk."""
        if not self._conn.in_transaction:
            return
        if self._conn.total_changes == 0:
            # Nothing was ever written here: this connection only reads, and has nothing to wait for.
            self._conn.commit()
            return
        committing = asyncio.get_running_loop().run_in_executor(None, self._conn.commit)
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            # The commit goes on, whole; and whoever closes the connection under its thread ends the process.
            while not committing.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait((committing,))
            raise

    async def rollback(self) -> None:
        """Undo the transaction."""
        self._conn.rollback()

    async def close(self) -> None:
        """Close the file."""
        self.stop()

    def stop(self) -> None:
        """Close the file, at once."""
        if self._connection is not None:
            self._connection = None
            self._conn.close()


async def connect(path: str, wait: float) -> Connection:
    """A connection that waits so many seconds for another process's lock."""
    return Connection(path, wait)
