"""What is on the stream, and what a publisher of another process puts there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from chassis.broker import connect
from contracts import headers
from contracts.encoding import encode
from contracts.event import Event, Process
from contracts.stream import STREAM
from tests.parts import Broker

LIMIT = 20.0
"""Seconds a test waits for what has to come."""


@dataclass(frozen=True)
class Stored:
    """A message of the stream."""

    sequence: int
    subject: str
    headers: dict[str, str]
    data: bytes

    @property
    def reason(self) -> str:
        """The text of a note."""
        return str(orjson.loads(self.data)["reason"])


class Stream:
    """The stream as the bridge may read it."""

    def __init__(self, connection: Client) -> None:
        self._connection = connection

    async def messages(self, first: int = 1) -> list[Stored]:
        """What is stored now, from a sequence on."""
        arrived: asyncio.Queue[Msg] = asyncio.Queue()
        inbox = self._connection.new_inbox()
        subscription = await self._connection.subscribe(inbox, cb=arrived.put)
        wish = {"seq": first, "next_by_subj": ">", "batch": 1000}
        await self._connection.publish(f"$JS.API.DIRECT.GET.{STREAM}", orjson.dumps(wish), reply=inbox)
        found: list[Stored] = []
        async with asyncio.timeout(LIMIT):
            while "Status" not in (given := (message := await arrived.get()).headers or {}):
                found.append(Stored(int(given["Nats-Sequence"]), given["Nats-Subject"], given, message.data))
        await subscription.unsubscribe()
        if len(found) == 1000:
            found += await self.messages(found[-1].sequence + 1)
        return found

    async def holds(self, count: int) -> list[Stored]:
        """What is stored as soon as it is `count` messages or more."""
        async with asyncio.timeout(LIMIT):
            while len(found := await self.messages()) < count:
                pass
        return found


@asynccontextmanager
async def reading(broker: Broker) -> AsyncIterator[Stream]:
    """The stream, read on a connection of the bridge's user."""
    connection = await connect(broker.settings("bridge"), Process.BRIDGE)
    try:
        yield Stream(connection)
    finally:
        await connection.close()


class Teller:
    """Publishes a process's events as its relay would."""

    def __init__(self, connection: Client) -> None:
        self._connection = connection
        self._last = 0

    async def tell(self, *events: Event) -> None:
        """Put these events on the stream, each with an id of its own."""
        for event in events:
            await self.put(event.address(), encode(event))

    async def put(self, subject: str, data: bytes, more: dict[str, str] | None = None) -> str:
        """Put this message on the stream, whatever it is; says its id."""
        self._last += 1
        id = f"told-{self._last}"
        at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC).isoformat()
        given = {headers.MESSAGE_ID: id, headers.VERSION: "1", headers.AT: at} | (more or {})
        answer = await self._connection.request(subject, data, timeout=LIMIT, headers=given)
        assert "error" not in orjson.loads(answer.data), answer.data
        return id


@asynccontextmanager
async def telling(broker: Broker, process: Process) -> AsyncIterator[Teller]:
    """A teller on a connection of this process's user."""
    connection = await connect(broker.settings(process), process)
    try:
        yield Teller(connection)
    finally:
        await connection.close()


def reasons(stored: Sequence[Stored]) -> list[str]:
    """The texts of the notes among these messages."""
    return [message.reason for message in stored if message.subject.endswith("visit_cancelled")]
