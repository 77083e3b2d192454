"""SQLite without a thread a connection: statements run where they are asked for, only a commit waits.

A statement on a local file takes microseconds. aiosqlite, which SQLAlchemy expects, sends each one, and each
of its results, through a thread and back, and SQLAlchemy awaits each of these steps: most of a change's CPU.
A commit waits for the disk, so it alone goes to a thread; the event loop goes on meanwhile.

`Connection` and `Cursor` are what SQLAlchemy's aiosqlite dialect (2.1) makes of aiosqlite's, and no more:
synchronous but for what waits.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy.util import await_only


class Cursor(sqlite3.Cursor):
    """A cursor that needs nobody to wait for it."""

    async def _async_soft_close(self) -> None:
        # SQLAlchemy asks for it before it hands out a result: what was selected is fetched without waiting.
        pass


class Connection:
    """One connection to a database file.

    It waits so many seconds for another process's lock, and keeps so many statements prepared.
    """

    def __init__(self, path: str, wait: float, statements: int) -> None:
        # A thread's commit is awaited before anything else is asked of the connection.
        self._connection = sqlite3.connect(
            path,
            timeout=wait,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=statements,
        )

    @property
    def isolation_level(self) -> str | None:
        """None: transactions begin where `chassis.database` says so."""
        return self._connection.isolation_level

    def cursor(self) -> Cursor:
        """A new cursor."""
        return self._connection.cursor(Cursor)

    def create_function(
        self, name: str, arguments: int, function: Callable[..., Any], *, deterministic: bool = False
    ) -> None:
        """Let SQL call this function."""
        self._connection.create_function(name, arguments, function, deterministic=deterministic)

    def commit(self) -> None:
        """Make the transaction last, as SQLAlchemy asks for it."""
        if not self._connection.in_transaction:
            return
        if self._connection.total_changes == 0:
            # Nothing was ever written here: this connection only reads, and has nothing to wait for.
            self._connection.commit()
            return
        await_only(self.committed())

    async def committed(self) -> None:
        """Make the transaction last; waits for the disk."""
        committing = asyncio.get_running_loop().run_in_executor(None, self._connection.commit)
        try:
            await asyncio.shield(committing)
        except asyncio.CancelledError:
            # The commit goes on, whole; and whoever closes the connection under its thread ends the process.
            while not committing.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait((committing,))
            raise

    def rollback(self) -> None:
        """Undo the transaction."""
        self._connection.rollback()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def terminate(self) -> None:
        """Close the file, whatever goes on."""
        self._connection.close()
