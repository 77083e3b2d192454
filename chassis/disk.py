"""What was committed to an SQLite file reaches the disk: one sync for all who wait for it.

SQLite's own sync at each commit (synchronous=FULL) is most of the time that a change has the only writer's
turn. The same sync of the same file, the write-ahead log, is made here after the commit and outside of the
turn; nobody is answered, and nothing is published, before it.
"""

import asyncio
import os
import sqlite3
from contextlib import closing
from functools import partial

import structlog

log = structlog.get_logger()

CHECKPOINT = 100
"""Commits after which the log is brought into the database, some four hundred kilobytes of it: SQLite itself
would do it within a commit, and everything else would wait."""


class Disk:
    """The disk below one database file that this process writes to."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._log: int | None = None
        # What an earlier process left behind is not known to be there.
        self._written = 1
        self._synced = 0
        self._commits = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._syncing: asyncio.Future[None] | None = None
        self._checkpointing: asyncio.Future[None] | None = None

    def written(self, number: int) -> None:
        """Something was committed, under this number, greater than those before."""
        self._written = number
        self._commits += 1

    def has(self, number: int) -> bool:
        """Whether what was committed under this number is on the disk."""
        return number <= self._synced

    async def reached(self) -> None:
        """Wait until all that is committed by now is on the disk; raises OSError when it can't be."""
        if self.has(self._written):
            return
        on_disk: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(on_disk)
        # One that is under way may have begun before what is to be synced now was written.
        if self._syncing is None:
            self._begin()
        await on_disk

    async def close(self) -> None:
        """Let go of the files, once nothing is under way."""
        while under_way := [one for one in (self._syncing, self._checkpointing) if one and not one.done()]:
            await asyncio.wait(under_way)
        if self._log is not None:
            os.close(self._log)
            self._log = None

    def _begin(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._syncing = asyncio.get_running_loop().run_in_executor(None, self._sync)
        self._syncing.add_done_callback(partial(self._ended, waiting, self._written))

    def _ended(
        self, waiting: list[asyncio.Future[None]], written: int, syncing: asyncio.Future[None]
    ) -> None:
        self._syncing = None
        failure = syncing.exception()
        if failure is None:
            self._synced = written
        for on_disk in waiting:
            if on_disk.done():
                continue  # its change was cancelled
            if failure is None:
                on_disk.set_result(None)
            else:
                on_disk.set_exception(failure)
        if self._waiting:
            self._begin()
        if self._commits >= CHECKPOINT and not self._checkpointing:
            self._commits = 0
            self._checkpointing = asyncio.get_running_loop().run_in_executor(None, self._checkpoint)
            self._checkpointing.add_done_callback(self._checkpoint_ended)

    def _checkpoint_ended(self, checkpointing: asyncio.Future[None]) -> None:
        self._checkpointing = None
        failure = checkpointing.exception()
        if failure is not None:
            # Nothing is lost by it: the log grows until one succeeds.
            log.warning("checkpoint_failed", reason=str(failure)[:200])

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
