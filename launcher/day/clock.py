"""The time of play: it stands still while anybody is at work, so that a day is the same at any speed."""

import asyncio
import heapq
import itertools
import math
from collections.abc import Awaitable, Callable, Sequence

from launcher.day.plan import Second


class Clock:
    """The clock of a day; `speed`: seconds of play in a real one, infinity for no waiting at all.

    It goes on to the next time that anybody waits for as soon as everybody waits: a command that takes long
    delays the play, and never changes the order of what happens.
    """

    def __init__(self, speed: float, on_time: Callable[[Second], None] = lambda now: None) -> None:
        self._speed = speed
        self._on_time = on_time
        self._now: Second = 0
        self._playing = 0
        self._waiting: list[tuple[Second, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()
        self._began = math.nan

    @property
    def now(self) -> Second:
        """What time of play it is."""
        return self._now

    async def play(self, ways: Sequence[Awaitable[None]]) -> None:
        """Let them all go their ways, from the opening to the end of the last; the first failure ends all."""
        self._began = asyncio.get_running_loop().time()
        self._playing = len(ways)
        try:
            async with asyncio.TaskGroup() as group:
                for way in ways:
                    group.create_task(self._walk(way))
        except ExceptionGroup as failures:
            # Who fails at the same moment fails for the same reason.
            raise failures.exceptions[0] from None

    async def until(self, moment: Second) -> None:
        """Wait for this time of play, inside `play`; a past one is now."""
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (max(moment, self._now), next(self._numbers), future))
        self._turn()
        await future

    async def after(self, seconds: Second) -> None:
        """Wait for so long."""
        await self.until(self._now + seconds)

    async def _walk(self, way: Awaitable[None]) -> None:
        try:
            await way
        finally:
            self._playing -= 1
            self._turn()

    def _turn(self) -> None:
        if not self._waiting or len(self._waiting) < self._playing:
            return
        loop = asyncio.get_running_loop()
        moment = self._waiting[0][0]
        loop.call_at(max(self._began + moment / self._speed, loop.time()), self._strike, moment)

    def _strike(self, moment: Second) -> None:
        if moment != self._now:
            self._now = moment
            self._on_time(moment)
        # All of this very time go on together.
        while self._waiting and self._waiting[0][0] == moment:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                future.set_result(None)
