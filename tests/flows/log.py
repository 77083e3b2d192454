"""What stands in the stream, in its order, held to the laws that every message keeps."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import nats
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts import encode, headers
from contracts.event import Event
from contracts.stream import STREAM, event_of
from tests.flows.installation import LIMIT
from tests.parts import Broker

EventT = TypeVar("EventT", bound=Event)


@dataclass(frozen=True)
class Entry:
    """A message of the stream: where, when, and what."""

    seq: int
    stored: datetime
    event: Event
    text: str
    rooms: frozenset[str]
    rev: int | None
    id: str


class Log:
    """Everything since the stream began; whoever breaks a law is named in `broken`."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.broken: list[str] = []
        self._ids: set[str] = set()
        self._revisions: dict[tuple[str, int], int] = {}
        self._more = asyncio.Condition()

    @property
    def last(self) -> int:
        """The newest sequence."""
        return self.entries[-1].seq if self.entries else 0

    async def hear(self, message: Msg) -> None:
        """Take a message in."""
        try:
            self.entries.append(self._entry(message))
        except (AssertionError, ValueError, KeyError) as error:
            self.broken.append(f"{message.subject}: {error!r}")
        async with self._more:
            self._more.notify_all()

    async def wait_for(self, fits: Callable[[Entry], bool], since: int = 0) -> Entry:
        """The first entry after `since` that fits; raises TimeoutError when none comes."""
        place = 0
        async with asyncio.timeout(LIMIT), self._more:
            while True:
                while place < len(self.entries):
                    entry = self.entries[place]
                    if entry.seq > since and fits(entry):
                        return entry
                    place += 1
                await self._more.wait()

    async def until(
        self, kind: type[EventT], fits: Callable[[EventT], bool] = lambda _: True, since: int = 0
    ) -> Entry:
        """The first event of this kind after `since` that fits."""
        return await self.wait_for(lambda one: isinstance(one.event, kind) and fits(one.event), since)

    def first(self, fits: Callable[[Entry], bool], since: int = 0) -> Entry:
        """The first entry after `since` that fits, of those that are there."""
        return next(entry for entry in self.entries if entry.seq > since and fits(entry))

    def _entry(self, message: Msg) -> Entry:
        kind = event_of(message.subject)
        assert kind is not None, "no contract names this subject"
        event = kind.model_validate_json(message.data)
        given = message.headers or {}
        rooms = frozenset(given[headers.ROOMS].split(",")) if headers.ROOMS in given else frozenset()
        rev = int(given[headers.REVISION]) if headers.REVISION in given else None
        id = given[headers.MESSAGE_ID]
        assert encode(event) == message.data, "the payload is not word for word its contract's"
        assert event.address() == message.subject, "not its own subject"
        assert rooms >= set(event.audience()), f"rooms {rooms} are not {event.audience()}"
        assert (headers.ROLLUP in given) == event.snapshot, "a rollup is a snapshot's"
        assert int(given[headers.VERSION]) > 0, "no version"
        assert datetime.fromisoformat(given[headers.AT]).utcoffset() is not None, "no time with an offset"
        assert id not in self._ids, "twice in the stream"
        self._ids.add(id)
        clinic = event.clinic_number()
        assert (rev is None) == (clinic is None), f"revision {rev} of clinic {clinic}"
        if rev is not None and clinic is not None:
            last = self._revisions.get((kind.owner, clinic), 0)
            assert rev >= last, f"revision {rev} after {last}"
            self._revisions[kind.owner, clinic] = rev
        meta = message.metadata
        return Entry(meta.sequence.stream, meta.timestamp, event, message.data.decode(), rooms, rev, id)


@asynccontextmanager
async def logging(broker: Broker) -> AsyncIterator[Log]:
    """A log of the whole stream, from its beginning."""
    log = Log()
    connection = await nats.connect(
        broker.url, nkeys_seed_str=broker.seeds["provisioner"], inbox_prefix=b"_INBOX_provisioner"
    )
    inbox = connection.new_inbox()
    await connection.subscribe(inbox, cb=log.hear)
    config = ConsumerConfig(
        name="flows",
        deliver_subject=inbox,
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.NONE,
        mem_storage=True,
    )
    await connection.jetstream().add_consumer(STREAM, config)
    try:
        yield log
    finally:
        await connection.close()
