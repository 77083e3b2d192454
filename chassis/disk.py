"""What was committed to an SQLite file reaches the disk: one sync for all who wait for it.

SQLite's own sync at each commit (synchronous=FULL) is most of the time that a change has the only writer's
turn. The same sync of the same file, the write-ahead log, is made here after the commit and outside of the
turn; nobody is answered, and nothing is published, before it.
"""

import asyncio
import os
import sqlite3
from contextlib import closing

CHECKPOINT = 100
"""Commits after which the log is brought into the database, some four hundred kilobytes of it: SQLite itself
would do it within a commit, and everything else would wait."""


class Disk:
    """The disk below one database file that this process writes to."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._log: int | None = None
        self._written = 0
        self._synced = 0
        self._checkpointed = 0
        self._syncing: asyncio.Future[None] | None = None
        self._next: asyncio.Future[None] | None = None
        self._checkpointing: asyncio.Future[None] | None = None

    def written(self) -> None:
        """Something was committed."""
        self._written += 1

    async def reached(self) -> None:
        """Wait until all that is committed by now is on the disk; raises OSError when it can't be."""
        if self._synced == self._written:
            return
        if self._next is None:
            self._next = asyncio.ensure_future(self._sync_after(self._syncing))
        # The others go on waiting for it.
        await asyncio.shield(self._next)

    async def close(self) -> None:
        """Let go of the files; nobody waits any more."""
        for going_on in (self._syncing, self._next, self._checkpointing):
            if going_on is not None:
                await asyncio.wait((going_on,))
        if self._log is not None:
            os.close(self._log)
            self._log = None

    async def _sync_after(self, before: asyncio.Future[None] | None) -> None:
        if before is not None:
            # It may have begun before what is to be synced now was written.
            await asyncio.wait((before,))
        self._syncing, self._next = self._next, None
        written = self._written
        in_a_thread = asyncio.get_running_loop().run_in_executor
        await in_a_thread(None, self._sync)
        self._synced = written
        if written - self._checkpointed >= CHECKPOINT and (
            self._checkpointing is None or self._checkpointing.done()
        ):
            self._checkpointed = written
            self._checkpointing = in_a_thread(None, self._checkpoint)

    def _sync(self) -> None:
        if self._log is not None and os.fstat(self._log).st_nlink == 0:
            # The last connection was closed and made anew, and with it the log.
            os.close(self._log)
            self._log = None
        if self._log is None:
            try:
                self._log = os.open(f"{self._path}-wal", os.O_RDONLY)
            except FileNotFoundError:
                return  # SQLite has brought all of it into the database, synced
        os.fdatasync(self._log)

    def _checkpoint(self) -> None:
        # Of what nobody reads any more; what is left is for the next time.
        with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
