"""The bridge's one reader of the stream: every message, in order, each once, whatever happens to the broker.

nats-py's own ordered consumer loses messages silently when its pending limit overflows, and notices a dead
broker late. This one asks for an ephemeral consumer from the message after the last, checks that the
consumer's sequence has no gap (the stream's has holes where a snapshot replaced another), and starts anew on
a gap, missed heartbeats or a reconnect. What it has seen it drops.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from contracts.stream import STREAM
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.stored import epoch_of

log = structlog.get_logger()

HEARTBEAT = 0.5
"""Seconds between signs of life while nothing is published."""

LOOK = HEARTBEAT / 2
"""Seconds between looks whether there was a sign of life."""

MISSED = 6
"""Looks without one after which the consumer counts as gone: not seconds, for it is not the consumer that was
silent while we stood still ourselves."""

RETRY = 0.1
"""Seconds between tries to begin anew."""

API_LIMIT = 1.0
"""Seconds to wait for JetStream's answer."""

PENDING_MESSAGES = 100_000
PENDING_BYTES = 128 * 1024 * 1024
"""What nats-py may hold for us before it drops; flow control keeps the broker far below."""

TOGETHER, TOGETHER_BYTES = 12, 64 * 1024
"""Messages that have come already are handed on together, up to so many, or so many bytes of them: for a
client that is little more work than one of them, and it is done in a turn or two of the loop."""

LIVE_WITHIN = 1.0
"""Seconds that the last message may be old, with more to come, until the reader counts as behind."""


class Interrupted(Exception):
    """This consumer can't be read on."""


class Reader:
    """Reads on from `last`, the sequence of the last message handed on, in the stream that `epoch` names.

    `started` says that it was at the end of the stream once, `age` how old the last message was when it came.
    """

    def __init__(
        self,
        connection: Client,
        on_messages: Callable[[Sequence[Message]], Awaitable[None]],
        on_new_epoch: Callable[[], Awaitable[None]],
        metrics: Metrics,
        look_back: int,
    ) -> None:
        self._connection = connection
        self._stream = connection.jetstream(timeout=API_LIMIT)
        self._on_messages = on_messages
        self._on_new_epoch = on_new_epoch
        self._metrics = metrics
        self._look_back = look_back
        self.started = False
        self.epoch = ""
        self.last = 0
        self.age = 0.0
        self._following = False
        self._live_at = time.time()
        self._pending = 0
        self._stored_at = 0.0

    @property
    def lag(self) -> float:
        """Seconds that the reader is behind: 0 when there is nothing to read."""
        if self._following and not self._pending:
            return 0.0
        at = self._stored_at if self._following and self._stored_at else self._live_at
        return max(0.0, time.time() - at)

    @property
    def live(self) -> bool:
        """Whether what is published now is at the sockets now."""
        return self._following and self.lag < LIVE_WITHIN

    async def run(self) -> None:
        """Read until cancelled."""
        while True:
            try:
                await self._follow()
            except (Interrupted, NatsError, TimeoutError) as why:
                log.warning("reader_interrupted", reason=str(why) or type(why).__name__, last=self.last)
            self._metrics.restarts.inc()
            await asyncio.sleep(RETRY)

    async def _follow(self) -> None:
        if not self._connection.is_connected:
            raise Interrupted("the broker is away")
        await self._find_place()
        consumer = _Consumer(self._connection, self._take, self._idle)
        self._pending, self._stored_at = 1, 0.0  # behind, until a message or a heartbeat says otherwise
        await consumer.open(self._stream, self.last + 1)
        try:
            self._following = True
            await consumer.broken()
        finally:
            self._live_at = time.time() - self.lag
            self._following = False
            await consumer.close(self._stream)

    async def _find_place(self) -> None:
        """Where to read on: after `last`; in a stream that we have not read before, a little before its end.

        What lies before the end is read into memory, for clients that come back after the bridge was away.
        """
        info = await self._stream.stream_info(STREAM)
        epoch = epoch_of(info)
        # A broker that lost its last seconds counts its messages from where it was: another stream to us.
        if epoch == self.epoch and info.state.last_seq >= self.last:
            return
        first = not self.epoch
        look_back = self._look_back if first else 0
        self.epoch = epoch
        self.last = max(info.state.last_seq - look_back, info.state.first_seq - 1, 0)
        if not first:
            log.warning("reader_new_epoch", epoch=epoch)
        await self._on_new_epoch()

    async def _take(self, messages: Sequence[Message], stored_at: float, pending: int) -> None:
        self.age = time.time() - stored_at
        new = messages if messages[0].seq > self.last else [one for one in messages if one.seq > self.last]
        if new:
            await self._hand_on(new)
        self._stored_at = stored_at
        self._pending = pending
        self.started = self.started or not pending

    def _idle(self) -> None:
        self._pending = 0
        self.started = True

    async def _hand_on(self, messages: Sequence[Message]) -> None:
        try:
            await self._on_messages(messages)
        except Exception as error:
            # What we can't handle must not hold back all that comes after it.
            self._metrics.unreadable.inc()
            log.error(
                "message_unreadable",
                subject=messages[-1].subject,
                seq=messages[-1].seq,
                reason=type(error).__name__,
                # A payload that is not its contract's says enough by that, and may be a person's.
                exc_info=None if isinstance(error, ValueError) else error,
            )
        self.last = messages[-1].seq


class _Consumer:
    """One ephemeral push consumer, read until something is wrong with it."""

    def __init__(
        self,
        connection: Client,
        take: Callable[[Sequence[Message], float, int], Awaitable[None]],
        idle: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._take = take
        self._idle = idle
        self._name = f"bridge-{secrets.token_hex(8)}"
        self._expected = 1
        self._waiting: list[Message] = []
        self._waiting_bytes = 0
        self._stored_at = 0.0
        self._pending = 0
        self._why: str | None = None
        self._stopped = asyncio.Event()
        self._turn = asyncio.Lock()
        self._heard = 0
        self._reconnects = connection.stats["reconnects"]

    async def open(self, stream: JetStreamContext, start: int) -> None:
        inbox = self._connection.new_inbox()
        self._subscription = await self._connection.subscribe(
            inbox, cb=self._hear, pending_msgs_limit=PENDING_MESSAGES, pending_bytes_limit=PENDING_BYTES
        )
        try:
            info = await stream.add_consumer(
                STREAM,
                ConsumerConfig(
                    name=self._name,
                    deliver_subject=inbox,
                    deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
                    opt_start_seq=start,
                    ack_policy=AckPolicy.NONE,
                    flow_control=True,
                    idle_heartbeat=HEARTBEAT,
                    inactive_threshold=30,
                    mem_storage=True,
                    num_replicas=1,
                ),
            )
        except BaseException:
            await self._subscription.unsubscribe()
            raise
        if not info.num_pending and self._expected == 1:
            self._idle()

    async def broken(self) -> None:
        """Return never; raises `Interrupted` when this consumer is of no more use."""
        heard = silent = 0
        while self._why is None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await self._stopped.wait()
            silent = silent + 1 if self._heard == heard else 0
            heard = self._heard
            if self._connection.stats["reconnects"] != self._reconnects:
                self._stop("the connection was lost")
            elif silent > MISSED:
                self._stop("no heartbeat")
        raise Interrupted(self._why)

    async def close(self, stream: JetStreamContext) -> None:
        self._stop("closed")
        # Unsubscribing cancels the callback: not while it is half-way through an event.
        async with self._turn:
            with contextlib.suppress(NatsError):
                await self._subscription.unsubscribe()
        if self._connection.is_connected:
            with contextlib.suppress(NatsError, TimeoutError):
                await stream.delete_consumer(STREAM, self._name)

    def _stop(self, why: str) -> None:
        if self._why is None:
            self._why = why
            self._stopped.set()

    async def _hear(self, msg: Msg) -> None:
        if self._why is not None:
            return
        self._heard += 1
        if not msg.reply.startswith("$JS.ACK."):
            await self._hand_on()
            await self._control(msg)
            return
        # $JS.ACK.[domain.account.]stream.consumer.delivered.seq.consumer seq.nanoseconds.pending[.token]
        tokens = msg.reply.split(".")
        first = 5 if len(tokens) == 9 else 7
        seq, consumer_seq, nanoseconds, pending = map(int, tokens[first : first + 4])
        if consumer_seq != self._expected:
            self._stop(f"a gap: {consumer_seq} came for {self._expected}")
            return
        self._expected += 1
        message = Message(seq, msg.subject, msg.headers or {}, msg.data)
        if not message.rooms:
            await self._hand_on()  # what the bridge itself has to know is its own turn, in its place
        self._waiting.append(message)
        self._waiting_bytes += len(message.payload)
        self._stored_at, self._pending = nanoseconds / 1e9, pending
        if not (message.rooms and self._more_goes_along()):
            await self._hand_on()

    def _more_goes_along(self) -> bool:
        """Whether the next message is here already, and there is room for it beside those that wait."""
        return (
            self._subscription.pending_msgs > 0
            and len(self._waiting) < TOGETHER
            and self._waiting_bytes < TOGETHER_BYTES
        )

    async def _hand_on(self) -> None:
        async with self._turn:
            waiting, self._waiting, self._waiting_bytes = self._waiting, [], 0
            # What is not handed on is read again by the next consumer.
            if waiting and self._why is None:
                await self._take(waiting, self._stored_at, self._pending)

    async def _control(self, msg: Msg) -> None:
        """Flow control is answered; a heartbeat tells how far the consumer is."""
        if self._why is not None:
            return
        headers = msg.headers or {}
        if headers.get("Status") != "100":
            self._stop(headers.get("Description", "an unknown message"))
            return
        answer = msg.reply or headers.get("Nats-Consumer-Stalled")
        if answer:
            await self._connection.publish(answer)
        last = headers.get("Nats-Last-Consumer")
        if last is not None and int(last) >= self._expected:
            self._stop("a gap: the last messages did not come")
        elif last is not None and not answer:
            self._idle()
