"""Statements that every change runs, past most of SQLAlchemy's way to the driver.

SQLAlchemy looks anew each time at what kind of statement it has, where its compiled form is and what its
result will look like: several times the cost of the statement itself. What is constant in that is worked out
here once for each dialect; connection, transaction and errors stay SQLAlchemy's.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable
from sqlalchemy.util import greenlet_spawn

Values = Mapping[str, object]
Given = Sequence[Values]
Convert = Callable[[Any], Any]

DoneT = TypeVar("DoneT")


class Statement:
    """A statement whose text never changes, so without `IN`.

    `build` makes it for a dialect's name; `columns` are those that an INSERT is given. It does not flush what
    waits in the session.
    """

    def __init__(self, build: Callable[[str], Executable], columns: Sequence[str] | None = None) -> None:
        self._build = build
        self._columns = columns
        self._texts: dict[str, _Text] = {}

    async def rows(self, session: AsyncSession, values: Values) -> list[tuple[Any, ...]]:
        """What it finds, or returns of what it changes."""
        return await _waited(session, self._rows, (values,))

    async def value(self, session: AsyncSession, values: Values) -> Any:
        """The one value that it finds; None when it finds nothing."""
        found = await self.rows(session, values)
        return found[0][0] if found else None

    async def run(self, session: AsyncSession, *values: Values) -> None:
        """Run it with each of these, whatever it returns."""
        await _waited(session, self.done, values)

    def done(self, connection: Connection, given: Given) -> None:
        """As `run`, on a connection, and where SQLAlchemy may wait."""
        text = self._text(connection.dialect)
        with _cursor(connection, text.sql) as cursor:
            if len(given) == 1:
                cursor.execute(text.sql, text.bind(given[0]))
            else:
                # One way to PostgreSQL and back for all of them.
                cursor.executemany(text.sql, [text.bind(values) for values in given])

    def _rows(self, connection: Connection, given: Given) -> list[tuple[Any, ...]]:
        text = self._text(connection.dialect)
        with _cursor(connection, text.sql) as cursor:
            cursor.execute(text.sql, text.bind(given[0]))
            return text.read(cursor.fetchall())

    def _text(self, dialect: Dialect) -> "_Text":
        text = self._texts.get(dialect.name)
        if text is None:
            text = self._texts[dialect.name] = _Text(self._build(dialect.name), self._columns, dialect)
        return text


async def _waited(session: AsyncSession, work: Callable[[Connection, Given], DoneT], given: Given) -> DoneT:
    # The one that `chassis.database` has lent to the session; asked for it, a session looks at its own state.
    connection: Any = session.sync_session.bind
    if connection.dialect.name == "sqlite":
        # `chassis.sqlite` answers where it is asked: there is nothing to wait for.
        return work(connection, given)
    return await greenlet_spawn(work, connection, given)


@contextmanager
def _cursor(connection: Connection, text: str) -> Iterator[DBAPICursor]:
    cursor: DBAPICursor | None = None
    try:
        cursor = connection.connection.cursor()
        yield cursor
    except Exception as error:
        # As SQLAlchemy itself does: its own error, and a connection that is gone is given up.
        connection._handle_dbapi_exception(error, text, None, cursor, None)
    finally:
        if cursor is not None:
            cursor.close()


class _Text:
    """A statement in one dialect."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None, dialect: Dialect) -> None:
        compiled = statement.compile(  # type: ignore[attr-defined]  # every statement has it
            dialect=dialect,
            column_keys=columns,
            for_executemany=True,
        )
        self._compiled: SQLCompiler = compiled
        self._dialect = dialect
        self.sql = str(compiled)

    @cached_property
    def _binds(self) -> list[tuple[str, object, Convert | None]]:
        compiled, dialect = self._compiled, self._dialect
        names = compiled.positiontup or ()
        kinds = [compiled.binds[name].type.dialect_impl(dialect) for name in names]
        return [
            (name, compiled.params[name], kind.bind_processor(dialect))
            for name, kind in zip(names, kinds, strict=True)
        ]

    @cached_property
    def _results(self) -> list[tuple[int, Convert]]:
        dialect = self._dialect
        kinds = [column.type.dialect_impl(dialect) for column in self._compiled._result_columns]
        found = [kind.result_processor(dialect, None) for kind in kinds]
        return [(place, convert) for place, convert in enumerate(found) if convert is not None]

    def bind(self, values: Values) -> tuple[Any, ...]:
        """The values in their order, as the driver takes them."""
        bound = []
        for name, otherwise, convert in self._binds:
            value = values.get(name, otherwise)
            bound.append(value if convert is None else convert(value))
        return tuple(bound)

    def read(self, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        """The rows as Python knows their values."""
        return [self._read(row) for row in rows] if self._results else [tuple(row) for row in rows]

    def _read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        values = list(row)
        for place, convert in self._results:
            if values[place] is not None:
                values[place] = convert(values[place])
        return tuple(values)
