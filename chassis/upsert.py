"""INSERT that knows what to do when the row is there, on either database."""

from collections.abc import Callable

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert as PostgresqlInsert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.expression import Executable

Insert = PostgresqlInsert | SqliteInsert


def insert_for(dialect: str, table: Table) -> Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in this dialect."""
    return _INSERTS[dialect](table)


def inserting(table: Table, build: Callable[[Insert], Executable]) -> Callable[[str], Executable]:
    """What `build` makes of an INSERT, for a `chassis.statement.Statement`."""
    return lambda dialect: build(insert_for(dialect, table))


_INSERTS: dict[str, Callable[[Table], Insert]] = {
    "postgresql": postgresql_insert,
    "sqlite": sqlite_insert,
}
