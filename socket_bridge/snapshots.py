"""The last picture of each room that someone has joined: what a screen shows first."""

import asyncio

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from contracts.stream import STREAM
from socket_bridge.door import Door
from socket_bridge.message import Message
from socket_bridge.packets import Emission

LIMIT = 2.0
"""Seconds to wait for the broker's answer."""

ENTERING = 10
"""Who waited for the same snapshot and goes on in one turn of the loop: some millisecond."""

RETRY = 0.05
"""Seconds until a replica of the stream that has not caught up is asked again."""

KEPT = 10_000
"""How many subjects are remembered; the one that nobody has joined for longest is forgotten first."""


class Snapshots:
    """The newest message of each snapshot subject in use: loaded once, then renewed as it goes by."""

    def __init__(self, connection: Client) -> None:
        self._stream = connection.jetstream(timeout=LIMIT)
        self._wanted: dict[str, None] = {}
        self._last: dict[str, Emission] = {}
        self._none: set[str] = set()
        """Subjects that had none when the broker was asked: the first will pass by."""
        self._passed: dict[str, int] = {}
        self._door = Door(ENTERING)
        self._loading: dict[str, asyncio.Task[None]] = {}

    def pass_by(self, subject: str, emission: Emission) -> None:
        """A snapshot has just been read; it is kept if a room uses it."""
        self._passed.pop(subject, None)
        self._passed[subject] = emission.stamp.seq
        if len(self._passed) > KEPT:
            del self._passed[next(iter(self._passed))]
        if subject in self._wanted:
            self._last[subject] = emission

    def known(self, subject: str) -> Emission | None:
        """The newest snapshot on this subject, as far as it was loaded; None also when there is none yet."""
        return self._last.get(subject)

    def remembers(self, subject: str) -> bool:
        """Whether what is `known` of this subject holds: it was loaded and not forgotten since."""
        return subject in self._wanted

    async def load(self, subject: str) -> None:
        """Make sure that the newest snapshot is `known`; raises a nats error when the broker does not
        answer."""
        self._want(subject)
        if subject in self._last or subject in self._none:
            return
        loading = self._loading.get(subject)
        if loading is None:
            loading = self._loading[subject] = asyncio.create_task(self._load(subject))
            loading.add_done_callback(lambda _: self._loading.pop(subject))
        try:
            await asyncio.shield(loading)
        finally:
            await self._door.turn()

    def _want(self, subject: str) -> None:
        # An admin may join any clinic's room, whether there is such a clinic or not.
        self._wanted.pop(subject, None)
        self._wanted[subject] = None
        if len(self._wanted) > KEPT:
            oldest = next(iter(self._wanted))
            del self._wanted[oldest]
            self._last.pop(oldest, None)
            self._none.discard(oldest)

    def forget(self) -> None:
        """The stream is another one: nothing that was known is true."""
        self._last.clear()
        self._none.clear()
        self._passed.clear()

    async def _load(self, subject: str) -> None:
        while True:
            try:
                found = await self._stream.get_last_msg(STREAM, subject, direct=True)
            except NotFoundError:
                if subject in self._wanted and subject not in self._passed:
                    self._none.add(subject)
                return
            if (found.seq or 0) >= self._passed.get(subject, 0):
                break
            await asyncio.sleep(RETRY)  # a replica answered that has not seen what already went by
        if subject not in self._wanted:
            return
        message = Message(found.seq or 0, subject, found.headers or {}, found.data or b"")
        newer = self._last.get(subject)
        if newer is None or newer.stamp.seq < message.seq:
            self._last[subject] = message.emission()


AWAY = (NatsError, TimeoutError)
"""What `load` raises when the broker is not there."""
