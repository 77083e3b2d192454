"""Reading a durable consumer with a standing request: a message comes when it is there, many come at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts.event import Process
from contracts.stream import STREAM

BATCH = 256
"""Messages asked for at a time."""

MEANWHILE = 0.005
"""Seconds in which what belongs together arrives, and in which whoever waits for an answer goes first."""

PACE = 0.05
"""Seconds from one batch to the next while messages keep coming: a transaction for each would cost more than
what they are about, and nobody waits for it."""

EXPIRES = 30.0
"""Seconds a request stands."""

HEARTBEAT = 0.5
"""Seconds between signs of life while there is nothing; two missed ones, and the request is made again."""


class Pull:
    """The durable consumer of one process, named like it."""

    def __init__(self, connection: Client, process: Process) -> None:
        self._connection = connection
        self._subject = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{process}"
        self._arrived: asyncio.Queue[Msg] = asyncio.Queue()
        self._taken: list[Msg] = []
        self.inbox = ""
        self._asked = 0
        self._not_before = 0.0

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listen while the block lasts."""
        self.inbox = self._connection.new_inbox()
        subscription = await self._connection.subscribe(self.inbox, cb=self._arrived.put)
        self._asked = 0
        try:
            yield
        finally:
            with suppress(NatsError):
                await subscription.unsubscribe()
                await self._give_back()

    async def _give_back(self) -> None:
        # Whoever reads on gets them at once, not when their time to be acknowledged is up.
        while not self._arrived.empty():
            self._take(self._arrived.get_nowait(), self._taken)
        for message in self._taken:
            if not message.is_acked:
                await message.nak()

    async def next(self) -> list[Msg]:
        """What has arrived, `BATCH` at the most; empty when nothing has for a while."""
        messages: list[Msg] = []
        self._taken = messages
        try:
            if self._asked <= 0:
                await self._ask()
            async with asyncio.timeout(HEARTBEAT * 3):
                self._take(await self._arrived.get(), messages)
            if messages:
                await asyncio.sleep(self._pause())
                self._not_before = time.monotonic() + PACE
            while len(messages) < BATCH and not self._arrived.empty():
                self._take(self._arrived.get_nowait(), messages)
        except TimeoutError:
            # No sign of life: the request went with a connection or a server that is gone.
            self._asked = 0
        except NatsError:
            self._asked = 0
            await asyncio.sleep(HEARTBEAT)
        return messages

    def _pause(self) -> float:
        if self._arrived.qsize() >= self._asked:
            # All that was asked for is here.
            return 0.0
        return max(MEANWHILE, self._not_before - time.monotonic())

    def _take(self, message: Msg, messages: list[Msg]) -> None:
        status = (message.headers or {}).get("Status")
        if status is None:
            # What does not come from the stream can't be acknowledged: whoever sent it, it is no event.
            if message.reply.startswith("$JS.ACK."):
                self._asked -= 1
                messages.append(message)
        elif status != "100":
            # Expired, or refused for now (a leader change): ask again.
            self._asked = 0

    async def _ask(self) -> None:
        wish = {
            "batch": BATCH,
            "expires": int(EXPIRES * 1e9),
            "idle_heartbeat": int(HEARTBEAT * 1e9),
        }
        await self._connection.publish(self._subject, orjson.dumps(wish), reply=self.inbox)
        self._asked = BATCH
