"""Thousands who come at once do not keep those who are in waiting: counted turn by turn."""

import asyncio
from functools import partial
from itertools import pairwise

from socket_bridge.door import Door


async def test_those_who_come_at_once_are_let_in_a_few_a_turn_and_in_order() -> None:
    door, begun, seen = Door(10), list[int](), list[int]()
    for number in range(95):
        door.pass_through(partial(begun.append, number))
    while len(begun) < 95:
        await asyncio.sleep(0)
        seen.append(len(begun))
    assert begun == list(range(95))
    assert seen[0] <= 10
    assert max(after - before for before, after in pairwise(seen)) <= 10


async def test_who_comes_later_is_let_in_too() -> None:
    door, begun = Door(10), list[int]()
    for number in range(3):
        door.pass_through(partial(begun.append, number))
        async with asyncio.timeout(5):
            while len(begun) == number:  # noqa: ASYNC110  # a turn of the loop is what is waited for
                await asyncio.sleep(0)
    assert begun == [0, 1, 2]
