"""Lists as one parameter of a statement."""

import pytest
from sqlalchemy import String, insert, select

from chassis.bookkeeping import REVISION
from chassis.database import Database
from chassis.listed import listed
from chassis.statement import Statement
from tests.builders import NOW

_C = REVISION.c
_WRITE = Statement(lambda _: insert(REVISION), ("scope", "revision"))
_THOSE = Statement(
    lambda dialect: select(_C.scope).where(_C.scope.in_(select(listed(dialect, "those").c.value)))
)
_OTHERS = Statement(
    lambda dialect: select(_C.scope).where(_C.scope.not_in(select(listed(dialect, "those").c.value)))
)
_WORDS = Statement(lambda dialect: select(listed(dialect, "words", String).c.value))


@pytest.mark.parametrize("those", [[], [3], [3, 3, 7, 2**62], [*range(2000)]], ids=["none", "1", "4", "2000"])
async def test_a_list_of_any_length_is_compared_with(database: Database, those: list[int]) -> None:
    kept = {3, 5, 7, 2**62}
    async with database.transaction(NOW, "7") as change:
        await _WRITE.run(change.session, *({"scope": scope, "revision": 1} for scope in kept))
    async with database.looking() as session:
        found = {scope for (scope,) in await _THOSE.rows(session, {"those": those})}
        others = {scope for (scope,) in await _OTHERS.rows(session, {"those": those})}
    assert found == kept & {*those}
    assert others == kept - {*those}


async def test_words_come_back_as_they_went(database: Database) -> None:
    words = ["", 'it\'s "quoted"', "Émile\n", "{1,2}", "null"]
    async with database.looking() as session:
        assert [word for (word,) in await _WORDS.rows(session, {"words": words})] == words
