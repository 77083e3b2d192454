"""How a commit wakes whoever waits for it."""

import asyncio


class Bell:
    """Rung at a commit; each waiter hears every ring since it last listened, as one."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Event] = set()

    def listen(self) -> "Listener":
        """A listener of its own, which misses nothing from now on."""
        return Listener(self)

    def ring(self) -> None:
        """Wake every listener."""
        for waiter in self._waiters:
            waiter.set()

    def add(self, waiter: asyncio.Event) -> None:
        """Let this waiter hear the bell."""
        self._waiters.add(waiter)

    def remove(self, waiter: asyncio.Event) -> None:
        """Let this waiter hear it no longer."""
        self._waiters.discard(waiter)


class Listener:
    """One waiter's ear: `with bell.listen() as listener: await listener.heard(1.0)`."""

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._rung = asyncio.Event()

    def __enter__(self) -> "Listener":
        self._bell.add(self._rung)
        return self

    def __exit__(self, *_: object) -> None:
        self._bell.remove(self._rung)

    async def heard(self, limit: float) -> bool:
        """Wait for a ring, `limit` seconds at most; says whether there was one."""
        try:
            async with asyncio.timeout(limit):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True
