"""Publishing outbox rows to the stream: a batch as one whole, else one after another, never out of order."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from contracts import headers

ANSWER_LIMIT = 5.0
"""Seconds to wait for the stream's acknowledgement before the same ids are tried again."""

HEADER_ROOM = 1024
"""Bytes that the headers of a message may take beside its payload; rooms are 400 at the most."""

BATCH_LIMIT = 1000
"""Messages the server takes in one atomic batch."""


@dataclass(frozen=True)
class Outgoing:
    """An outbox row on its way to the stream."""

    position: int
    id: int
    subject: str
    rooms: str
    payload: bytes
    revision: int | None
    version: int
    snapshot: bool
    at: datetime

    def headers(self) -> dict[str, str]:
        """What the system adds to the event."""
        added = {
            headers.MESSAGE_ID: str(self.id),
            headers.VERSION: str(self.version),
            headers.AT: self.at.isoformat(),
        }
        if self.rooms:
            added[headers.ROOMS] = self.rooms
        if self.revision is not None:
            added[headers.REVISION] = str(self.revision)
        if self.snapshot:
            added[headers.ROLLUP] = "sub"
        return added


class Unanswered(Exception):
    """The stream did not take a message this time; the same one may go through later."""


class Refused(Exception):
    """The broker will never take this message from us, or not as it is."""


class Publisher:
    """Publishes on one connection.

    `refuse` is to be told of subjects that the broker refuses, `reconnected` of a connection made anew.
    """

    def __init__(self, connection: Client) -> None:
        self._connection = connection
        self._waiting: dict[str, asyncio.Future[bytes]] = {}
        self._answers: dict[str, asyncio.Future[bytes]] = {}
        self._asked = 0
        self._inbox = ""
        self._resumed_at = connection.stats["reconnects"]

    @property
    def interrupted(self) -> bool:
        """Whether the connection was lost since `resume`: until the next one nothing is published.

        Else the client would keep what it can't send, and send it to whatever stream there is afterwards.
        """
        connection = self._connection
        return not connection.is_connected or connection.stats["reconnects"] != self._resumed_at

    def resume(self) -> None:
        """Publish on the connection as it is now; look afterwards at what stream it leads to."""
        self._resumed_at = self._connection.stats["reconnects"]

    def refuse(self, subject: str) -> None:
        """Hear from the connection's error callback that publishing on `subject` (lower case) is refused."""
        waiting = self._waiting.get(subject)
        if waiting and not waiting.done():
            waiting.set_exception(Refused(f"no permission to publish on {subject}"))

    def reconnected(self) -> None:
        """Hear that what was asked on the connection before this one will not be answered."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Unanswered("the connection was lost"))

    async def publish_all(self, rows: Sequence[Outgoing]) -> bool:
        """Publish the rows as one atomic batch; False when the stream does not take them as one.

        It does not when one of them is known already (after a crash between publishing and marking), refused,
        or when the stream is away: then each is to be published alone.
        """
        if self.interrupted or any(self._too_large(row) for row in rows):
            return False
        batch = uuid4().hex
        last = len(rows)
        for sequence, row in enumerate(rows, start=1):
            added = row.headers() | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(sequence)}
            if sequence < last:
                await self._connection.publish(row.subject, row.payload, headers=added)
            else:
                added["Nats-Batch-Commit"] = "1"
                try:
                    answer = await self._request(row, added)
                except (Refused, Unanswered):
                    return False
        return "error" not in orjson.loads(answer)

    async def publish(self, row: Outgoing) -> None:
        """Publish one row; raises `Refused` when that can't help, `Unanswered` when later it may."""
        if self._too_large(row):
            # Not left to the broker: it would close the connection, again and again.
            raise Refused(f"{len(row.payload)} bytes are more than the broker takes in one message")
        answer = orjson.loads(await self._request(row, row.headers()))
        error = answer.get("error")
        if error is None:
            return
        # 4xx of the stream concern this message (too large, a bad header); the rest passes.
        if 400 <= error.get("code", 500) < 500 and error.get("err_code") != 10176:
            raise Refused(error.get("description", "refused"))
        raise Unanswered(error.get("description", "not taken"))

    def _too_large(self, row: Outgoing) -> bool:
        return len(row.payload) + HEADER_ROOM > self._connection.max_payload

    async def _request(self, row: Outgoing, added: dict[str, str]) -> bytes:
        if self.interrupted:
            raise Unanswered("the connection was lost")
        self._asked += 1
        reply = f"{await self._own_inbox()}.{self._asked}"
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._answers[reply] = answer
        # A refused publish is never answered: only the error callback tells, by the subject.
        self._waiting[row.subject.lower()] = answer
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                await self._connection.publish(row.subject, row.payload, reply=reply, headers=added)
                return await answer
        except (TimeoutError, NatsError) as error:
            raise Unanswered(str(error) or type(error).__name__) from error
        finally:
            self._waiting.pop(row.subject.lower(), None)
            self._answers.pop(reply, None)

    async def _own_inbox(self) -> str:
        # nats-py's requests pass four more tasks on their way, each a turn of a busy loop.
        if not self._inbox:
            inbox = self._connection.new_inbox()
            await self._connection.subscribe(f"{inbox}.*", cb=self._answered)
            self._inbox = inbox
        return self._inbox

    async def _answered(self, message: Msg) -> None:
        answer = self._answers.get(message.subject)
        if answer is None or answer.done():
            return
        if (message.headers or {}).get("Status") == "503":
            answer.set_exception(Unanswered("the stream is away"))
        else:
            answer.set_result(message.data)
