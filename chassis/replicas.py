"""What a service keeps of the others' things: the newest shape of each, fed by events."""

from datetime import datetime
from functools import cache
from typing import TypeVar

from pydantic import BaseModel
from sqlalchemy import BigInteger, LargeBinary, Table, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.expression import Executable
from sqlmodel import Field, SQLModel

from chassis.columns import table_of
from chassis.database import Database
from chassis.statement import Statement
from chassis.transaction import Transaction
from chassis.upsert import Insert, inserting
from contracts.encoding import encode

ShapeT = TypeVar("ShapeT", bound=BaseModel)


class Replica(SQLModel):
    """The columns of every replica; a service adds those it looks things up by."""

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    version: int = Field(sa_type=BigInteger)
    shape: bytes = Field(sa_type=LargeBinary)


async def keep(
    change: Transaction,
    kind: type[Replica],
    id: int,
    version: int,
    shape: BaseModel,
    **columns: int | str | bool | datetime | None,
) -> bool:
    """Keep this shape unless a newer one is known; says whether it was news."""
    row = {"id": id, "version": version, "shape": encode(shape), **columns}
    return await _keeping(table_of(kind), tuple(row)).value(change.session, row) is not None


@cache
def _keeping(table: Table, names: tuple[str, ...]) -> Statement:
    def newer(insert: Insert) -> Executable:
        return insert.on_conflict_do_update(
            index_elements=["id"],
            set_={name: insert.excluded[name] for name in names if name != "id"},
            where=table.c.version < insert.excluded["version"],
        ).returning(table.c.id)

    return Statement(inserting(table, newer), names)


async def find(session: AsyncSession, kind: type[Replica], id: int, shape: type[ShapeT]) -> ShapeT | None:
    """The shape as it was last heard of, None when nothing is known."""
    kept = await _finding(table_of(kind)).value(session, {"of": id})
    return None if kept is None else shape.model_validate_json(kept, extra="ignore")


async def known(database: Database, kind: type[Replica], id: int, shape: type[ShapeT]) -> ShapeT | None:
    """As `find`, by a look of its own."""
    async with database.looking() as session:
        return await find(session, kind, id, shape)


@cache
def _finding(table: Table) -> Statement:
    return Statement(lambda _: select(table.c.shape).where(table.c.id == bindparam("of")))


async def forget(change: Transaction, kind: type[Replica], id: int) -> None:
    """Drop what is known of this one."""
    table = table_of(kind)
    await change.session.execute(table.delete().where(table.c.id == id))
