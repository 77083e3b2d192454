"""A few at a time: when thousands come at once, those who are in have their turn in between."""

import asyncio
from collections import deque
from collections.abc import Callable

AT_A_TIME = 10
"""What begins in one turn of the loop: some two milliseconds, when all of it is clients with a token."""


class Door:
    """Begins what is asked for, in this order."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], object]] = deque()

    def pass_through(self, begin: Callable[[], object]) -> None:
        """Begin this as soon as its turn comes."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._let_in)
        self._waiting.append(begin)

    def _let_in(self) -> None:
        for _ in range(min(AT_A_TIME, len(self._waiting))):
            self._waiting.popleft()()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._let_in)
