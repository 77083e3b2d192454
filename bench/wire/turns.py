"""How long a loop goes without a turn for anybody else, in CPU time: other programs do not count."""

import asyncio
import time

PERIOD = 0.001


class Turns:
    """Looks each millisecond, by a timer as Node's does: a task that sleeps would take two turns to wake.

    `longest` is in seconds, since it last was told to `forget`.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._before = time.thread_time()

    def forget(self) -> None:
        """Begin anew."""
        self.longest = 0.0

    def watch(self) -> None:
        """Look from now on, as long as the loop runs."""
        now = time.thread_time()
        self.longest = max(self.longest, now - self._before)
        self._before = now
        asyncio.get_running_loop().call_later(PERIOD, self.watch)
