"""A few at a time: when thousands come or go at once, everyone else has their turn in between."""

import asyncio
from collections import deque
from collections.abc import Callable


class Door:
    """Begins what is asked for, in this order; `at_a_time` in one turn of the loop."""

    def __init__(self, at_a_time: int) -> None:
        self._at_a_time = at_a_time
        self._waiting: deque[Callable[[], object]] = deque()

    def pass_through(self, begin: Callable[[], object]) -> None:
        """Begin this as soon as its turn comes."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._let_in)
        self._waiting.append(begin)

    async def turn(self) -> None:
        """Wait for one's turn: for those whom one event would wake all at once."""
        mine = asyncio.Event()
        self.pass_through(mine.set)
        await mine.wait()

    def _let_in(self) -> None:
        for _ in range(min(self._at_a_time, len(self._waiting))):
            self._waiting.popleft()()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._let_in)
