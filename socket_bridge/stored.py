"""Events read back from the stream, for a client that was away for longer than memory reaches."""

import asyncio
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import StreamInfo

from chassis import direct
from contracts import EVENTS, Event
from contracts.stream import STREAM
from socket_bridge.members import Cursor
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics

LIMIT = 2.0
"""Seconds to wait for the broker's answer."""

SEVERAL = 2
"""Subjects of one clinic or doctor that are read one by one."""


class TooMany(Exception):
    """More events than a client is sent one by one."""


class Gone(Exception):
    """The stream no longer has everything from there on."""


@dataclass(frozen=True)
class Read:
    """The messages of some subjects in a stretch of the stream that ends with `until`."""

    messages: tuple[Message, ...]
    until: int


class Stored:
    """The stream behind the ring; who asks for what is being read already, waits for that."""

    def __init__(self, connection: Client, metrics: Metrics) -> None:
        self._connection = connection
        self._stream = connection.jetstream(timeout=LIMIT)
        self._metrics = metrics
        self._reading: dict[tuple[frozenset[str], int], asyncio.Task[Read]] = {}

    async def end(self) -> Cursor:
        """Where a client is that has everything; raises a nats error when the broker does not answer."""
        info = await self._stream.stream_info(STREAM)
        return Cursor(info.state.last_seq, epoch_of(info))

    async def after(
        self, since: int, until: int, rooms: Collection[str], clinic: int | None, limit: int
    ) -> tuple[list[Message], int]:
        """The events after `since` for any of these rooms, in order, and how far that goes.

        As far as `until`, or a little less where another client's read had begun before that was so far.
        `clinic` is where the doctor of a doctor's room works. Raises `Gone`, `TooMany` at more than `limit`,
        or a nats error when the broker does not answer.
        """
        wanted = subjects(rooms, clinic), since
        reading = self._reading.get(wanted)
        if reading is None:
            reading = self._reading[wanted] = asyncio.create_task(self._read(*wanted, until, limit))
            reading.add_done_callback(lambda _: self._reading.pop(wanted))
        read = await asyncio.shield(reading)
        found = [message for message in read.messages if not set(message.rooms).isdisjoint(rooms)]
        if len(found) > limit:
            raise TooMany
        return found, read.until

    async def _read(self, wanted: frozenset[str], since: int, until: int, limit: int) -> Read:
        self._metrics.read_back.inc()
        info = await self._stream.stream_info(STREAM)
        if info.state.first_seq > since + 1:
            raise Gone
        found: dict[int, Message] = {}
        for subject in wanted:
            found |= {message.seq: message for message in await self._of(subject, since, until, limit)}
        return Read(tuple(found[seq] for seq in sorted(found)), until)

    async def _of(self, subject: str, since: int, until: int, limit: int) -> list[Message]:
        read: list[Message] = []
        while True:
            found, more = await direct.get(self._connection, STREAM, subject, since + 1)
            batch = [_message(one) for one in found]
            read += [message for message in batch if message.seq <= until]
            if not more or not batch or batch[-1].seq >= until:
                return read
            if len(read) > 4 * limit:
                # Not only this room's, but nobody waits for a read of that size.
                raise TooMany
            since = batch[-1].seq


def _message(found: Msg) -> Message:
    headers = found.headers or {}
    return Message(int(headers[direct.SEQUENCE]), headers[direct.SUBJECT], headers, found.data)


def epoch_of(info: StreamInfo) -> str:
    """What tells this stream from one that was made anew."""
    return info.created.isoformat() if info.created else ""


def subjects(rooms: Collection[str], clinic: int | None) -> frozenset[str]:
    """The subjects on which events for these rooms are published, as the contracts have it.

    Where a clinic has several of them, all of the clinic's: one read of more costs less than many reads.
    """
    found = {subject for room in rooms for event in EVENTS if (subject := _subject(event, room, clinic))}
    heads = Counter(subject.rpartition(".")[0] for subject in found)
    return frozenset(
        f"{head}.>" if heads[head] > SEVERAL else subject
        for subject in found
        for head in (subject.rpartition(".")[0],)
    )


def _subject(event: type[Event], room: str, clinic: int | None) -> str | None:
    """Where this event is published when it is for this room, None when it never is."""
    kind, _, number = room.partition("_")
    if room in event.rooms:
        return event.pattern()
    if not number.isdigit() or not any(template.startswith(f"{kind}_{{") for template in event.rooms):
        return None
    of_doctor = event.subject.startswith("doctor.")
    owner = clinic if kind == "doctor" and not of_doctor else number
    return event.pattern() if owner is None else event.pattern().replace("*", str(owner))
