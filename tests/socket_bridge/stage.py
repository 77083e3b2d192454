"""A bridge on a stage of its own: a real broker, real uvicorn, and hands that publish as the owners would."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from nats.aio.client import Client

from chassis.broker import Connection
from chassis.errors import NotFound
from chassis.questions import Desk
from contracts import Event, encode, headers
from contracts.event import Process
from contracts.questions import AskDoctor, AskRevocations, KnownDoctor, Revocations
from contracts.stream import inbox_prefix
from launcher import broker as brokers
from launcher import serving
from launcher.provision import StreamSize, provision
from socket_bridge.main import Bridge, build
from socket_bridge.settings import Settings
from socket_bridge.wire import server_options
from tests.builders import NOW, doctor
from tests.parts import SECRET

LIMIT = 20.0
"""Seconds after which a test that waits has failed."""


class Stage:
    """One broker with its stream, and who publishes to it."""

    def __init__(self, broker: brokers.Broker) -> None:
        self.broker = broker
        self.doctors = {2: KnownDoctor(doctor=doctor(), version=1)}
        self.revoked = Revocations(revocations=())
        self.last = 0
        self._ids = count(1)
        self._hands: dict[str, Client] = {}

    def settings(self, user: str, **more: object) -> Settings:
        """What a process that connects as this user is told."""
        given = {"nats_url": self.broker.url, "nats_nkey": self.broker.seeds[user], "jwt_secret": SECRET}
        return Settings.model_validate(given | more)

    async def provision(self) -> None:
        """Make the stream."""
        await provision(self.settings("provisioner"), {}, StreamSize(max_bytes=64 << 20))

    async def publish(
        self, event: Event, *, rev: int | None = 7, rooms: tuple[str, ...] | None = None
    ) -> int:
        """Publish as the relay of the event's owner does; the sequence it got."""
        connection = await self._hand(event.owner)
        audience = event.audience() if rooms is None else rooms
        given = {
            headers.MESSAGE_ID: f"event-{next(self._ids)}",
            headers.AT: NOW.isoformat(),
            headers.VERSION: "2",
        }
        if audience:
            given[headers.ROOMS] = ",".join(audience)
        if rev is not None:
            given[headers.REVISION] = str(rev)
        if event.snapshot:
            given[headers.ROLLUP] = "sub"
        stored = await connection.jetstream().publish(event.address(), encode(event), headers=given)
        self.last = stored.seq
        return stored.seq

    async def publish_bytes(self, owner: Process, subject: str, payload: bytes) -> None:
        """Publish what no owner would."""
        connection = await self._hand(owner)
        await connection.jetstream().publish(subject, payload)

    async def answer(self) -> Desk:
        """Answer what the bridge asks appointment_service."""

        async def who(question: AskDoctor) -> KnownDoctor:
            if question.doctor_id not in self.doctors:
                raise NotFound("There is no such doctor")
            return self.doctors[question.doctor_id]

        async def revoked(_: AskRevocations) -> Revocations:
            return self.revoked

        connection = await self._hand(Process.APPOINTMENT)
        desk = Desk(connection, Process.APPOINTMENT, {AskDoctor: who, AskRevocations: revoked})
        await desk.open()
        return desk

    async def provisioner(self) -> Client:
        """A connection that may do anything to the stream."""
        return await self._hand("provisioner")

    async def close(self) -> None:
        """Let go of the broker."""
        for connection in self._hands.values():
            await connection.close()

    async def _hand(self, user: str) -> Client:
        if user not in self._hands:

            async def ignore(_: Exception) -> None:
                """The test kills the broker."""

            prefix = "_INBOX_provisioner" if user == "provisioner" else inbox_prefix(Process(user))
            hand = Connection()
            await hand.connect(
                self.broker.url,
                nkeys_seed_str=self.broker.seeds[user],
                inbox_prefix=prefix,
                error_cb=ignore,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.05,  # type: ignore[arg-type]  # it only sleeps for it
            )
            self._hands[user] = hand
        return self._hands[user]


class House:
    """A served bridge; `url` is where clients find it."""

    def __init__(self, bridge: Bridge, port: int) -> None:
        self.bridge = bridge
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    async def listening(self) -> None:
        """Wait until somebody answers on the port."""
        async with asyncio.timeout(LIMIT):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except ConnectionRefusedError:
                    await asyncio.sleep(0.005)
                else:
                    writer.close()
                    return

    async def ready(self) -> None:
        """Wait until the bridge is ready."""
        async with asyncio.timeout(LIMIT):
            while await self.bridge.problems():  # noqa: ASYNC110  # as an orchestrator does
                await asyncio.sleep(0.01)

    async def counts(self, name: str, wanted: float) -> None:
        """Wait until one of the bridge's figures is that."""
        async with asyncio.timeout(LIMIT):
            while self.metric(name) != wanted:  # noqa: ASYNC110  # as a monitor does
                await asyncio.sleep(0.01)

    async def reached(self, seq: int) -> None:
        """Wait until the bridge has handed on what was published up to there."""
        async with asyncio.timeout(LIMIT):
            while self.metric("position") < seq:  # noqa: ASYNC110  # as a monitor does
                await asyncio.sleep(0.005)

    def metric(self, name: str) -> float:
        """The value of one of the bridge's figures."""
        return self.bridge.metrics.get_sample_value(f"clinicwire_bridge_{name}") or 0.0


@asynccontextmanager
async def staged(folder: Path, *, provisioned: bool = True) -> AsyncIterator[Stage]:
    """A broker with its stream, or without."""
    async with brokers.running(folder) as broker:
        one = Stage(broker)
        if provisioned:
            await one.provision()
        try:
            yield one
        finally:
            await one.close()


@asynccontextmanager
async def served(settings: Settings, *, wait: bool = True) -> AsyncIterator[House]:
    """A bridge on a port of its own, ready unless one does not `wait`."""
    bridge = build(settings)
    with serving.bound("127.0.0.1", 0) as listener:
        async with bridge.running():
            options = server_options(settings.direct_wire)
            task = asyncio.create_task(serving.serve(bridge.app, listener, **options))
            house = House(bridge, listener.getsockname()[1])
            try:
                await house.listening()
                if wait:
                    await house.ready()
                yield house
            finally:
                task.cancel()
                await asyncio.wait((task,))


def now() -> datetime:
    """The real time, which tokens are signed with."""
    return datetime.now(UTC)
