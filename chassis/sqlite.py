"""SQLite without a thread a connection: statements and commits run where they are asked for.

They take microseconds on a local file. aiosqlite, which SQLAlchemy expects, sends each one, and each of its
results, through a thread and back, and SQLAlchemy awaits each of these steps: most of a change's CPU. What
waits for the disk is not the commit (`chassis.disk`).

`Connection` and `Cursor` are what SQLAlchemy's aiosqlite dialect (2.1) makes of aiosqlite's, and no more:
synchronous.
"""

import sqlite3
from collections.abc import Callable
from typing import Any


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
        self._connection = sqlite3.connect(
            path, timeout=wait, isolation_level=None, cached_statements=statements
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
        """Make the transaction visible; `chassis.disk` makes it last."""
        self._connection.commit()

    def rollback(self) -> None:
        """Undo the transaction."""
        self._connection.rollback()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def terminate(self) -> None:
        """Close the file, whatever goes on."""
        self._connection.close()
