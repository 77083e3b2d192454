"""How long a loop goes without a turn for anybody else, in CPU time: other programs do not count."""

import asyncio
import time

PERIOD = 0.001


class Turns:
    """Looks each millisecond; `longest` is in seconds, since it last was told to `forget`."""

    def __init__(self) -> None:
        self.longest = 0.0

    def forget(self) -> None:
        """Begin anew."""
        self.longest = 0.0

    async def watch(self) -> None:
        """Look until cancelled."""
        before = time.thread_time()
        while True:
            await asyncio.sleep(PERIOD)
            now = time.thread_time()
            self.longest = max(self.longest, now - before)
            before = now
