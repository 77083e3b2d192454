"""The processes beside the one under test, played: they say their events and answer their questions."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import uuid4

from nats.aio.client import Client
from pydantic import BaseModel

from chassis import broker as connections
from chassis import clock
from chassis.questions import Answerers, Desk, ask
from contracts import headers
from contracts.encoding import encode
from contracts.event import Event, Process
from contracts.questions import Question
from contracts.stream import event_of
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.reader import Reader
from tests.parts import Broker

LIMIT = 20.0
"""Seconds to wait for what is to happen before the test says that it did not."""

EventT = TypeVar("EventT", bound=Event)
AnswerT = TypeVar("AnswerT", bound=BaseModel)


class Other:
    """A process with its own NATS user: what it may not say, the broker refuses."""

    def __init__(self, connection: Client) -> None:
        self._connection = connection

    async def say(self, event: Event, version: int = 1, message_id: str | None = None) -> str:
        """Publish an event as its owner's relay would; returns its message id, to say the same once more."""
        message_id = message_id or uuid4().hex
        added = {
            headers.MESSAGE_ID: message_id,
            headers.VERSION: str(version),
            headers.AT: clock.now().isoformat(),
            headers.ROOMS: ",".join(event.audience()),
        }
        await self._connection.request(event.address(), encode(event), timeout=LIMIT, headers=added)
        return message_id

    async def ask(self, question: Question, answer: type[AnswerT]) -> AnswerT:
        """The answer of a question's owner; raises its refusal."""
        return await ask(self._connection, question, answer)


@asynccontextmanager
async def playing(
    broker: Broker, process: Process, answerers: Answerers | None = None
) -> AsyncIterator[Other]:
    """This process, away in truth, says and answers what the test wants."""
    connection = await connections.connect(broker.settings(process), process)
    desk = Desk(connection, process, answerers or {})
    await desk.open()
    try:
        yield Other(connection)
    finally:
        await desk.close()
        await connection.close()


class Ear:
    """Everything that was said since it began to listen, in order."""

    def __init__(self) -> None:
        self.heard: list[Event] = []
        self._waited_for = 0
        self._more = asyncio.Event()

    async def hear(self, messages: Sequence[Message]) -> None:
        """Remember these events."""
        for message in messages:
            kind = event_of(message.subject)
            if kind is not None:
                self.heard.append(kind.model_validate_json(message.payload))
                self._more.set()

    def all(self, kind: type[EventT]) -> list[EventT]:
        """The events of this kind so far."""
        return [event for event in self.heard if isinstance(event, kind)]

    async def wait_for(self, kind: type[EventT], fits: Callable[[EventT], bool] = lambda _: True) -> EventT:
        """The next event of this kind that fits, after the last one waited for; else TimeoutError."""
        async with asyncio.timeout(LIMIT):
            while True:
                for place in range(self._waited_for, len(self.heard)):
                    event = self.heard[place]
                    if isinstance(event, kind) and fits(event):
                        self._waited_for = place + 1
                        return event
                self._more.clear()
                await self._more.wait()


@asynccontextmanager
async def listening(broker: Broker) -> AsyncIterator[Ear]:
    """An ear at the stream itself: plain subscriptions, one a subject, keep no order between subjects."""
    ear = Ear()
    begun = asyncio.Event()

    async def begin() -> None:
        begun.set()

    connection = await connections.connect(broker.settings("bridge"), Process.BRIDGE)
    reading = asyncio.create_task(Reader(connection, ear.hear, begin, Metrics(), look_back=0).run())
    try:
        async with asyncio.timeout(LIMIT):
            await begun.wait()  # its place is found: what is said from now on is heard
        yield ear
    finally:
        # Again and again: nats-py drops a cancellation that comes together with an answer.
        while not reading.done():
            reading.cancel()
            await asyncio.wait((reading,), timeout=0.5)
        await connection.close()


async def until(look: Callable[[], Awaitable[bool]]) -> None:
    """Look again and again until it is so; TimeoutError when it does not come about.

    For what a service keeps and says nothing about: where it says something, wait for that.
    """
    async with asyncio.timeout(LIMIT):
        while not await look():  # noqa: ASYNC110  # there is no event to wait for
            # Whatever the look awaits, the others, and the limit, have their turn.
            await asyncio.sleep(0)
