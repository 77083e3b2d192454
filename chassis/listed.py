"""A list of values as one parameter of a statement, whose text is the same for any length."""

from collections.abc import Sequence

import orjson
from sqlalchemy import ARRAY, BigInteger, Dialect, String, TableValuedAlias, bindparam, func
from sqlalchemy.types import TypeDecorator


class _Json(TypeDecorator[Sequence[object]]):
    impl = String
    cache_ok = True

    def process_bind_param(self, value: Sequence[object] | None, dialect: Dialect) -> str | None:
        return None if value is None else orjson.dumps(value).decode()


def listed(dialect: str, name: str, kind: type[BigInteger] | type[String] = BigInteger) -> TableValuedAlias:
    """A table of one column, `value`, with what is given as the parameter `name`."""
    if dialect == "sqlite":
        return func.json_each(bindparam(name, type_=_Json())).table_valued("value")
    return func.unnest(bindparam(name, type_=ARRAY(kind()))).table_valued("value").render_derived()
