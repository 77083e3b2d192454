"""A client comes back: what it missed, in order, before anything newer; or an honest "start anew"."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress

from socket_bridge.forwarder import Forwarder
from socket_bridge.members import Cursor, Member, Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.ring import Ring
from socket_bridge.snapshots import AWAY
from socket_bridge.stored import Gone, Stored, TooMany

STRETCH = 100
"""Events replayed at a stretch; then others have their turn."""

PENDING = 256 * 1024
"""Bytes that may wait for a client while more is replayed to it (design)."""

BEHIND = 2.0
"""Seconds that a client may be ahead of us, which comes from a bridge that has read further."""


def cursor_of(given: dict[str, object]) -> Cursor | None:
    """The cursor in a message or an auth, None when there is none that makes sense."""
    since, epoch = given.get("since"), given.get("epoch")
    if type(since) is not int or not 0 <= since < 2**53 or not isinstance(epoch, str):
        return None
    return Cursor(since, epoch)


class Replay:
    """Puts members into rooms, with what they missed there."""

    def __init__(
        self,
        members: Members,
        forwarder: Forwarder,
        ring: Ring,
        stored: Stored,
        epoch: Callable[[], str],
        metrics: Metrics,
        limit: int,
    ) -> None:
        self._members = members
        self._forwarder = forwarder
        self._ring = ring
        self._stored = stored
        self._epoch = epoch
        self._metrics = metrics
        self._limit = limit

    async def enter(
        self,
        member: Member,
        rooms: Collection[str],
        cursor: Cursor | None,
        clinic: int | None,
        entered: Callable[[bool], None],
    ) -> None:
        """Put the member into the rooms once it has all that it missed there, then call `entered`.

        The rooms are entered only when nothing is missing any more, in one step with the last of the replay:
        so an event that comes meanwhile is found by the replay, and comes after what is older. While it takes
        more than one step the member is paused: what its other rooms get comes by the replay too, in its
        place. `entered` is called in that last step with whether the gap was closed; with False the member
        has to start anew from a picture. `clinic` is where the doctor of a doctor's room works.
        """
        recovering = self._may_follow(member, rooms, cursor)
        if recovering and cursor is not None and cursor.since > self._forwarder.seq:
            await self._catch_up(cursor)
        position = since = cursor.since if cursor is not None else 0
        sent = 0
        while await member.line.drained(PENDING):
            async with self._forwarder.gate:
                left = self._limit - sent
                recovering = recovering and self._can_follow(cursor)
                if not recovering and member.paused_at is None:
                    self._let_in(member, rooms, self._forwarder.seq)
                    entered(False)
                    return
                if not recovering or self._ring.covers(position):
                    missed = self._missed(member, rooms if recovering else (), position, left + 1)
                    if missed is None:
                        member.line.hang_up(None)  # too slow for its other rooms: it comes back
                        return
                    if len(missed) > left:
                        recovering = False
                        continue
                    stretch = _stretch(missed)
                    sent += self._send(member, stretch)
                    if len(missed) == len(stretch):
                        self._members.resume(member)
                        self._let_in(member, rooms, since if recovering else self._forwarder.seq)
                        entered(recovering)
                        return
                    self._members.pause(member, self._forwarder.seq)
                    position = stretch[-1].seq
                    continue
                self._members.pause(member, self._forwarder.seq)
                if not self._ring.covers(max(position, member.paused_at or 0)):
                    member.line.hang_up(None)  # what its other rooms got meanwhile is not in memory any more
                    return
                until = self._ring.start
            try:
                stored, until = await self._stored.after(position, until, rooms, clinic, left)
            except (Gone, TooMany, *AWAY):
                recovering = False
                continue
            # Counted with what memory has: a client is not sent a part of what it can't have whole.
            if len(stored) + len(self._ring.after(until, rooms, left + 1)) > left:
                recovering = False
                continue
            while stored and await member.line.drained(PENDING):
                stretch = _stretch(stored)
                sent += self._send(member, stretch)
                stored = stored[len(stretch) :]
            position = until

    def _let_in(self, member: Member, rooms: Collection[str], since: int) -> None:
        for room in rooms:
            self._members.enter(member, room, since)

    def _may_follow(self, member: Member, rooms: Collection[str], cursor: Cursor | None) -> bool:
        """Whether this member wants to be followed up, and has not entered these rooms later than that."""
        return (
            cursor is not None
            and member.cursor
            and all(member.rooms.get(room, cursor.since) <= cursor.since for room in rooms)
        )

    async def _catch_up(self, cursor: Cursor) -> None:
        """Wait a moment for what the client had from another bridge, and we do not have yet.

        Not for a place that the stream has not reached: that cursor is of nothing that we could read.
        """
        with suppress(*AWAY):
            async with asyncio.timeout(BEHIND):
                end = await self._stored.end()
                if end.epoch == cursor.epoch and end.since >= cursor.since:
                    await self._forwarder.reached(cursor.since)

    def _can_follow(self, cursor: Cursor | None) -> bool:
        """Whether the cursor is a place in the stream that we read."""
        return cursor is not None and cursor.epoch == self._epoch() and cursor.since <= self._forwarder.seq

    def _missed(
        self, member: Member, rooms: Collection[str], position: int, limit: int
    ) -> list[Message] | None:
        """What the member has still to get after `position`, in order; None when a part of it is lost.

        That is: of the rooms it enters everything, and of those it is in what came since it was paused.
        """
        found = {message.seq: message for message in self._ring.after(position, rooms, limit)}
        if member.paused_at is not None:
            start = max(position, member.paused_at)
            here = self._ring.after(start, member.rooms, self._limit + 1)
            if not self._ring.covers(start) or len(here) > self._limit:
                return None
            found |= {message.seq: message for message in here}
        return [found[seq] for seq in sorted(found)]

    def _send(self, member: Member, messages: list[Message]) -> int:
        """Send what the member has not had in another of its rooms; how many there were."""
        packets = [self._ring.emission(message).stamped for message in messages if not _had(member, message)]
        member.line.deliver_all(packets)
        self._metrics.replayed.inc(len(packets))
        return len(packets)


def _stretch(messages: list[Message]) -> list[Message]:
    """The first of these, as many as are sent at a stretch."""
    size = 0
    for number, message in enumerate(messages[:STRETCH]):
        size += len(message.payload)
        if size > PENDING and number:
            return messages[:number]
    return messages[:STRETCH]


def _had(member: Member, message: Message) -> bool:
    """Whether the member got this when it happened, being in another of its rooms."""
    if member.paused_at is not None and message.seq > member.paused_at:
        return False
    return any(
        (since := member.rooms.get(room)) is not None and since < message.seq for room in message.rooms
    )
