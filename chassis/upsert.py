"""INSERT that knows what to do when the row is there, on either database."""

from collections.abc import Callable
from functools import cache

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import Executable

Insert = PostgresqlInsert | SqliteInsert


def insert_into(session: AsyncSession, table: Table) -> Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the session's own dialect."""
    return _INSERTS[session.get_bind().dialect.name](table)


def prepared(table: Table, build: Callable[[Insert], Executable]) -> Callable[[AsyncSession], Executable]:
    """The statement that `build` makes of an INSERT, made once for each dialect.

    Building a statement and finding it in SQLAlchemy's cache costs as much as running it; what every change
    runs is built once.
    """

    made = cache(inserting(table, build))
    return lambda session: made(session.get_bind().dialect.name)


def inserting(table: Table, build: Callable[[Insert], Executable]) -> Callable[[str], Executable]:
    """What `build` makes of an INSERT, for a `chassis.statement.Statement`."""
    return lambda dialect: build(_INSERTS[dialect](table))


_INSERTS: dict[str, Callable[[Table], Insert]] = {
    "postgresql": postgresql_insert,
    "sqlite": sqlite_insert,
}
