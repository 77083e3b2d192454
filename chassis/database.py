"""A service's own database: reads, and transactions that carry their events to the outbox."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MetaData, NullPool, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from chassis import sqlite
from chassis.bell import Bell
from chassis.connections import Connections
from chassis.disk import Disk
from chassis.outbox import write_staged
from chassis.statement import Statement
from chassis.transaction import Transaction
from contracts.event import Process

_PASSING_STATES = ("08", "28", "3D", "40", "53", "55", "57", "58", "XX")
"""PostgreSQL's classes of errors that are the server's, or another transaction's: not of what was asked."""

STATEMENTS = 60
"""Statements kept compiled, each some 40 KB, and by a connection to SQLite prepared; half as many compiled
ones more come together. A day runs 52 in changes and 24 in reads; a list can be asked for in hundreds of
ways."""

PAGES = 2_000
"""KiB of a database's file that each connection keeps; the system keeps all of it once for everybody."""

_SQLITE_FAULTS = (1, 18, 19, 20, 25)
"""SQLite's codes of what was asked wrongly: ERROR, TOOBIG, CONSTRAINT, MISMATCH, RANGE."""


class Database:
    """One service's database: `url` is sqlite:///path or postgresql://..."""

    def __init__(self, url: str, metadata: MetaData, process: Process, mint: Callable[[], int]) -> None:
        self.url = with_driver(url)
        self.metadata = metadata
        self.process = process
        self.committed = Bell()
        # Set by `chassis.lease` while relay and projector are in this process: the bell reaches them.
        self.leads = False
        self._mint = mint
        self._writers: Connections
        self._readers: Connections
        self._lookers: Connections
        self._disk: Disk | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def channel(self) -> str:
        """The PostgreSQL channel on which this service's commits are heard by its other processes."""
        return f"clinicwire_{self.process}"

    def open(self) -> None:
        """Prepare the connections; none is made before it is needed."""
        if self.is_sqlite:
            self._disk = Disk(self.url.database or "")
            # One writes: a fair queue in front of SQLite beats its own polling for the lock.
            self._writers = Connections(_sqlite(self.url, _BEGIN_WRITING), 1, _always)
            self._readers = self._lookers = Connections(_sqlite(self.url, _BEGIN_READING), 4, _always)
        else:
            self._writers = Connections(_engine(self.url), 10, _is_open)
            # One snapshot for all of a read's statements: a revision and the rows it stands for agree.
            reader = _engine(self.url, isolation_level="REPEATABLE READ")
            self._readers = Connections(reader.execution_options(postgresql_readonly=True), 4, _is_open)
            self._lookers = Connections(_engine(self.url, isolation_level="AUTOCOMMIT"), 2, _is_open)

    async def close(self) -> None:
        """Give the connections back."""
        if self._disk:
            await self._disk.close()
        for connections in (self._writers, self._readers, self._lookers):
            await connections.close()

    async def run_sync(self, work: Callable[[Connection], Any]) -> None:
        """Do synchronous work (a migration) in one transaction on a connection of its own."""
        engine = _sqlite(self.url, _BEGIN_WRITING) if self.is_sqlite else _engine(self.url)
        try:
            async with engine.begin() as connection:
                await connection.run_sync(work)
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session that sees one consistent state and changes nothing."""
        async with self._readers.lent() as connection:
            await connection.run_sync(Connection.begin)
            yield AsyncSession(connection, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncSession]:
        """A session for statements that are each consistent by themselves: without a transaction."""
        async with self._lookers.lent() as connection:
            yield AsyncSession(connection, expire_on_commit=False, autoflush=False)

    @asynccontextmanager
    async def transaction(self, now: datetime, actor: str) -> AsyncIterator[Transaction]:
        """A change: committed with its events when the block ends, undone when it raises."""
        async with self._writers.lent() as connection:
            await connection.run_sync(Connection.begin)
            session = AsyncSession(connection, expire_on_commit=False)
            change = Transaction(session, self.process, now, actor, self._mint)
            yield change
            await change.flush()
            await write_staged(change)
            wakes = change.wakes or bool(change.staged)
            if wakes and not (self.is_sqlite or self.leads):
                await session.execute(text(f"NOTIFY {self.channel}"))
            await connection.commit()
            if self._disk:
                self._disk.written(self._mint())
        try:
            await self.durable()
        finally:
            if wakes:
                self.committed.ring()

    def has_on_disk(self, id: int) -> bool:
        """Whether what was committed with this id, of our own minting, survives a power cut."""
        return self._disk is None or self._disk.has(id)

    async def durable(self) -> None:
        """Wait until what can be read by now survives a power cut; raises OSError when the disk fails."""
        if self._disk:
            await self._disk.reached()


def constraint_of(error: IntegrityError) -> str:
    """Which constraint a change would have broken; never the row, which may be a person's."""
    named = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
    if named:
        return str(named)
    # SQLite says "UNIQUE constraint failed: patient.phone", and PostgreSQL the value as well.
    return str(error.orig) if getattr(error.orig, "sqlite_errorcode", None) else type(error.orig).__name__


def away(error: BaseException) -> bool:
    """Whether it is the database that failed, not what it was asked: the same may succeed later."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, OSError)
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(_PASSING_STATES)
    code = getattr(error.orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF not in _SQLITE_FAULTS


def with_driver(url: str) -> URL:
    """The URL with the asynchronous driver that we use for its kind; raises ValueError for another kind."""
    parsed = make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+asyncpg")
        case other:
            raise ValueError(f"DATABASE_URL is for {other}; use sqlite:///path or postgresql://...")


def _lower(words: str | None) -> str | None:
    return None if words is None else words.lower()


def _always(_: Any) -> bool:
    return True


def _is_open(connection: Any) -> bool:
    # Instead of a ping, which is three questions: a server that went away has closed its connections.
    # One that is within a transaction would keep its locks.
    return not (connection.is_closed() or connection.is_in_transaction())


def _engine(url: URL, **options: Any) -> AsyncEngine:
    return create_async_engine(
        url,
        # `chassis.connections` keeps them.
        poolclass=NullPool,
        # What is stored is a person's: no error message quotes it.
        hide_parameters=True,
        query_cache_size=STATEMENTS,
        **options,
    )


_BEGIN_WRITING, _BEGIN_READING = (
    Statement(lambda _: text("BEGIN IMMEDIATE")),
    Statement(lambda _: text("BEGIN")),
)


def _sqlite(url: URL, begin: Statement) -> AsyncEngine:
    engine = _engine(
        url, creator=lambda: sqlite.Connection(url.database or "", wait=10, statements=STATEMENTS)
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _configure(connection: Any, _: object) -> None:
        cursor = connection.cursor()
        # WAL: readers never wait for the writer. NORMAL, without checkpoints: `chassis.disk` sees to both.
        for pragma in (
            *("journal_mode=WAL", "synchronous=NORMAL", "wal_autocheckpoint=0"),
            *("foreign_keys=ON", f"cache_size=-{PAGES}"),
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        # SQLite's own knows ASCII alone: a search for "émile" would not find "Émile".
        connection.create_function("lower", 1, _lower, deterministic=True)

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver is told not to begin by itself (isolation_level None): a write takes its lock first, so
        # that it never has to give up half way because another writer was quicker.
        begin.done(connection, ({},))

    return engine
