"""The bridge's parts on one connection to the broker: each message of the stream handed to who needs it."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog
from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis.broker import until_closed
from chassis.errors import Refusal
from chassis.questions import ask
from chassis.revocations import Revocations, kept
from chassis.together import together
from contracts import DoctorChanged, TokenRevoked, headers
from contracts.questions import AskRevocations
from contracts.questions import Revocations as RevocationList
from contracts.stream import event_of
from socket_bridge.connection import Connection
from socket_bridge.doctors import Doctors
from socket_bridge.forwarder import Forwarder
from socket_bridge.handshake import Handshake
from socket_bridge.limits import Limits
from socket_bridge.members import Members
from socket_bridge.message import Message
from socket_bridge.metrics import Metrics
from socket_bridge.protocol import MESSAGE_LIMIT
from socket_bridge.reader import Reader
from socket_bridge.renewal import Renewal
from socket_bridge.replay import Replay
from socket_bridge.ring import Ring
from socket_bridge.rooms import Rooms
from socket_bridge.server import Server
from socket_bridge.settings import Settings
from socket_bridge.snapshots import Snapshots
from socket_bridge.status import Status
from socket_bridge.stored import Stored
from socket_bridge.tokens import Tokens
from socket_bridge.wire import DirectConnection

log = structlog.get_logger()

RETRY = 1.0
"""Seconds until appointment_service is asked again."""


class Switchboard:
    """From the stream to the sockets; `server` takes the clients, `run` reads the stream.

    `knows_revocations` says that a token that is no longer good is known to be none.
    """

    def __init__(
        self, settings: Settings, connection: Client, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._metrics = metrics
        self._revocations = Revocations()
        self.knows_revocations = False
        self._members = Members()
        self._snapshots = Snapshots(connection)
        self._ring = Ring(settings.ring_events, settings.ring_bytes)
        self._forwarder = Forwarder(self._members, self._snapshots, self._ring, metrics)
        self.reader = Reader(
            connection, self._on_messages, self._on_new_epoch, metrics, look_back=settings.ring_events
        )
        replay = Replay(
            self._members,
            self._forwarder,
            self._ring,
            Stored(connection, metrics),
            lambda: self.reader.epoch,
            metrics,
            settings.replay_limit,
        )
        limits = Limits(settings, metrics, time.monotonic)
        tokens = Tokens(settings, self._revocations, clock)
        self._handshake = Handshake(
            tokens,
            self._revocations,
            limits,
            self._members,
            self._forwarder,
            replay,
            self.reader,
            metrics,
            clock,
        )
        self._doctors = Doctors(connection)
        self._rooms = Rooms(
            self._members, tokens, self._doctors, self._snapshots, self._forwarder, replay, self.reader
        )
        renewal = Renewal(tokens, self._revocations, self._members, self._rooms, replay, self._handshake)
        self.server = Server(
            self._members,
            self._handshake.admit,
            self._handshake.greet,
            self._rooms.handlers() | renewal.handlers(),
            limits,
            settings.connect_limit,
            connection=DirectConnection if settings.direct_wire else Connection,
            pending_limit=settings.pending_limit,
            on_cut=metrics.cut_off,
            ping_interval=settings.ping_interval,
            ping_timeout=settings.ping_timeout,
            max_http_buffer_size=MESSAGE_LIMIT,
            cors_allowed_origins=_origins(settings),
        )
        self._status = Status(self._members, self.reader)
        metrics.connections.set_function(lambda: len(self._members))
        metrics.position.set_function(lambda: self._forwarder.seq)
        metrics.lag.set_function(lambda: self.reader.age)
        metrics.rooms.set_function(lambda: self._members.rooms)

    async def run(self) -> None:
        """Read the stream until cancelled or a part fails; then close the sockets: clients come back."""
        try:
            await together(
                partial(until_closed, self._connection),
                self.reader.run,
                self._learn_revocations,
                self._status.run,
            )
        finally:
            await self.server.eio.close_all()

    async def _on_messages(self, messages: Sequence[Message]) -> None:
        if messages[0].rooms:
            await self._forwarder.forward(messages)
            return
        for message in messages:
            self._learn(message)
            self._forwarder.advance(message.seq)

    def _learn(self, message: Message) -> None:
        contract = event_of(message.subject)
        if contract is TokenRevoked:
            self._handshake.revoked(TokenRevoked.model_validate_json(message.payload))
        elif contract is DoctorChanged:
            event = DoctorChanged.model_validate_json(message.payload)
            version = int(message.headers.get(headers.VERSION, 0))
            self._rooms.moved(event.doctor.id, self._doctors.changed(event, version))

    async def _on_new_epoch(self) -> None:
        """Another stream: what clients have and what comes now don't fit together, so they begin anew."""
        self._snapshots.forget()
        self._ring.begin(self.reader.last)
        self._forwarder.begin(self.reader.last)
        await self.server.eio.close_all()

    async def _learn_revocations(self) -> None:
        """From the broker, which keeps them, and from their owner, which may be away for longer."""
        read = asked = False
        while not asked:
            read = self.knows_revocations = read or await self._read_revocations()
            asked = await self._ask_revocations()
            self.knows_revocations = read or asked
            if not asked:
                await asyncio.sleep(RETRY)

    async def _read_revocations(self) -> bool:
        try:
            for revocation in await kept(self._connection):
                self._handshake.revoked(revocation)
        except (NatsError, TimeoutError, ValueError) as error:
            log.warning("revocations_not_read", reason=str(error)[:200] or type(error).__name__)
            return False
        return True

    async def _ask_revocations(self) -> bool:
        try:
            known = await ask(self._connection, AskRevocations(), RevocationList)
        except Refusal:
            return False
        for revocation in known.revocations:
            self._handshake.revoked(revocation)
        return True


def _origins(settings: Settings) -> str | list[str] | None:
    """As python-engineio wants it: "*" for any, None for the address we are reached by only."""
    if "*" in settings.allowed_origins:
        return "*"
    return list(settings.allowed_origins) or None
