"""A real broker, configured from the contracts, lets each process do what they say and refuses the rest."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import nats
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from chassis.broker import flushed
from contracts import EVENTS, Process, QueueUpdated, TokenRevoked, encode
from contracts.permissions import PERMISSIONS, SERVICES
from contracts.questions import QUESTIONS
from contracts.stream import REVOKED, STREAM, SUBJECTS
from tests import builders
from tests.parts import Broker

LIMIT = 10
NEVER_ALLOWED = "no.contract.names.this"


@dataclass
class User:
    """A connection as one user, which notes what the broker refuses ("publish ...", "subscription ...")."""

    name: str
    connection: Client
    noted: asyncio.Queue[str]
    seen: set[str] = field(default_factory=set)

    async def refused(self) -> set[str]:
        """What has been refused so far; the broker tells in the order of the attempts."""
        await self.connection.publish(NEVER_ALLOWED)
        async with asyncio.timeout(LIMIT):
            while (attempt := await self.noted.get()) != f"publish {NEVER_ALLOWED}":
                self.seen.add(attempt)
        return self.seen

    async def try_to_publish(self, subjects: Iterable[str]) -> None:
        """Publish this user's name on each."""
        for subject in subjects:
            await self.connection.publish(subject, self.name.encode())


@asynccontextmanager
async def user_of(broker: Broker, name: str) -> AsyncIterator[User]:
    """The user's connection, with its own key and inbox."""
    noted: asyncio.Queue[str] = asyncio.Queue()

    async def note(error: Exception) -> None:
        if refusal := re.search(r'permissions violation for (\w+) (?:to|on) "([^"]+)"', str(error), re.I):
            noted.put_nowait(f"{refusal[1]} {refusal[2]}".lower())

    connection = await nats.connect(
        broker.url, nkeys_seed_str=broker.seeds[name], inbox_prefix=f"_INBOX_{name}".encode(), error_cb=note
    )
    try:
        yield User(name, connection, noted)
    finally:
        await connection.close()


@asynccontextmanager
async def all_processes(broker: Broker) -> AsyncIterator[dict[Process, User]]:
    """A connection as each process."""
    async with AsyncExitStack() as stack:
        yield {process: await stack.enter_async_context(user_of(broker, process)) for process in Process}


async def test_only_an_event_s_owner_may_publish_it(broker: Broker) -> None:
    subjects = {event.pattern().replace("*", "7"): event.owner for event in EVENTS}
    heard: set[tuple[str, str]] = set()

    async def hear(message: Msg) -> None:
        heard.add((message.subject, message.data.decode()))

    async with all_processes(broker) as users, user_of(broker, "observer") as observer:
        for subject in SUBJECTS:
            await observer.connection.subscribe(subject, cb=hear)
        await flushed(observer.connection)
        for process, user in users.items():
            await user.try_to_publish(subjects)
            others = {f"publish {subject}" for subject, owner in subjects.items() if owner is not process}
            assert await user.refused() == others
        await observer.connection.drain()
    assert heard == {(subject, owner.value) for subject, owner in subjects.items()}


async def test_an_owner_may_not_publish_beside_the_pattern_of_its_event(broker: Broker) -> None:
    beside = (
        "clinic.queue_updated",
        "clinic.7.7.queue_updated",
        "clinic.7.queue_updated.7",
        "clinic.7.queue",
    )
    async with user_of(broker, Process.QUEUE) as queue:
        await queue.try_to_publish(beside)
        assert await queue.refused() == {f"publish {subject}" for subject in beside}


async def test_only_its_askers_may_ask_a_question_and_the_owner_s_answer_reaches_them(broker: Broker) -> None:
    answered: set[tuple[str, Process]] = set()
    async with all_processes(broker) as users:
        for question in QUESTIONS:

            async def answer(message: Msg) -> None:
                await message.respond(message.subject.encode())

            await users[question.owner].connection.subscribe(question.subject, "q", cb=answer)
        for owner in users.values():
            await flushed(owner.connection)
        for process, user in users.items():
            for question in QUESTIONS:
                if process in question.askers:
                    reply = await user.connection.request(question.subject, b"{}", timeout=LIMIT)
                    assert reply.data.decode() == question.subject
                    answered.add((question.subject, process))
                else:
                    await user.connection.publish(question.subject, b"{}")
            unasked = {f"publish {q.subject}" for q in QUESTIONS if process not in q.askers}
            assert await user.refused() == unasked
    assert answered == {(question.subject, asker) for question in QUESTIONS for asker in question.askers}


async def test_only_the_owner_of_a_question_may_answer_it(broker: Broker) -> None:
    async with all_processes(broker) as users:
        for process, user in users.items():
            for question in QUESTIONS:
                await user.connection.subscribe(question.subject, "q")
            others = {f"subscription {q.subject}" for q in QUESTIONS if q.owner is not process}
            assert await user.refused() == others


async def test_processes_hear_events_by_their_readers_only_but_a_revocation_at_once(broker: Broker) -> None:
    async with all_processes(broker) as users:
        for process, user in users.items():
            for subject in SUBJECTS:
                await user.connection.subscribe(subject)
            at_once = {TokenRevoked.pattern()} if process in SERVICES else set()
            assert await user.refused() == {f"subscription {subject}" for subject in set(SUBJECTS) - at_once}


async def test_no_user_hears_another_s_replies_or_everything(broker: Broker) -> None:
    names = list(broker.seeds)
    for name in names:
        async with user_of(broker, name) as user:
            spied = [f"_INBOX_{other}.>" for other in names if other != name] + [">", "_INBOX.>", "$JS.>"]
            for subject in spied:
                await user.connection.subscribe(subject)
            assert await user.refused() == {f"subscription {subject}".lower() for subject in spied}


async def test_a_process_that_does_not_answer_for_others_writes_to_no_inbox_of_theirs(broker: Broker) -> None:
    inboxes = {process: f"_INBOX_{process}.reply".lower() for process in Process}
    asked_by: dict[Process, set[Process]] = {process: set() for process in Process}
    for question in QUESTIONS:
        asked_by[question.owner].update(question.askers)
    async with all_processes(broker) as users:
        for process, user in users.items():
            await user.try_to_publish(f"_INBOX_{other}.reply" for other in Process)
            assert await user.refused() == {
                f"publish {inbox}" for other, inbox in inboxes.items() if other not in asked_by[process]
            }


async def test_a_service_reads_its_own_durable_consumer_and_acknowledges(broker: Broker) -> None:
    await _provisioned(broker)
    async with all_processes(broker) as users:
        queue = users[Process.QUEUE].connection.jetstream()
        await queue.publish("clinic.7.queue_updated", b"{}")
        for service in SERVICES:
            stream = users[service].connection.jetstream()
            assert (await stream.stream_info(STREAM)).created
            pull = await stream.pull_subscribe_bind(durable=service, stream=STREAM)
            [message] = await pull.fetch(1, timeout=LIMIT)
            await message.ack_sync(timeout=LIMIT)
            assert (await pull.consumer_info()).num_ack_pending == 0
            assert await users[service].refused() == set()


async def test_no_process_touches_what_another_reads_or_the_stream_itself(broker: Broker) -> None:
    await _provisioned(broker)
    async with all_processes(broker) as users:
        for process, user in users.items():
            attempts = [*_attempts_at_the_stream(), *_attempts_at_durables(process)]
            await user.try_to_publish(attempts)
            assert await user.refused() == {f"publish {subject}".lower() for subject in attempts}
    async with user_of(broker, "provisioner") as provisioner:
        manager = provisioner.connection.jetstream()
        assert (await manager.stream_info(STREAM)).state.consumer_count == len(SERVICES)


async def test_not_even_the_provisioner_deletes_the_stream_or_publishes_an_event(broker: Broker) -> None:
    attempts = [
        *(f"$JS.API.STREAM.{verb}.{stream}" for stream in (STREAM, REVOKED) for verb in ("DELETE", "PURGE")),
        "$JS.API.STREAM.CREATE.ANOTHER",
        *(event.pattern().replace("*", "7") for event in EVENTS),
    ]
    async with user_of(broker, "provisioner") as provisioner:
        await provisioner.try_to_publish(attempts)
        assert await provisioner.refused() == {f"publish {subject}".lower() for subject in attempts}


async def test_the_bridge_reads_the_stream_by_a_reader_of_its_own_and_by_direct_get(broker: Broker) -> None:
    await _provisioned(broker)
    snapshot = encode(builders.example(QueueUpdated))
    async with user_of(broker, Process.QUEUE) as queue, user_of(broker, Process.BRIDGE) as bridge:
        await queue.connection.jetstream().publish("clinic.1.queue_updated", snapshot)
        stream = bridge.connection.jetstream()
        assert (await stream.stream_info(STREAM)).state.last_seq == 1
        deliver = bridge.connection.new_inbox()
        arrived: asyncio.Queue[Msg] = asyncio.Queue()
        await bridge.connection.subscribe(deliver, cb=arrived.put)
        reader = await stream.add_consumer(
            STREAM,
            ConsumerConfig(
                deliver_subject=deliver,
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.NONE,
                flow_control=True,
                idle_heartbeat=0.5,
            ),
        )
        async with asyncio.timeout(LIMIT):
            assert (await arrived.get()).data == snapshot
        assert (await stream.consumer_info(STREAM, reader.name)).num_pending == 0
        last = await stream.get_last_msg(STREAM, "clinic.1.queue_updated", direct=True)
        assert last.data == snapshot
        batch = b'{"seq": 1, "next_by_subj": "clinic.1.>", "batch": 1}'
        reply = await bridge.connection.request(f"$JS.API.DIRECT.GET.{STREAM}", batch, timeout=LIMIT)
        assert reply.data == snapshot
        await bridge.connection.publish(f"$JS.FC.{STREAM}.reader.1")
        assert await stream.delete_consumer(STREAM, reader.name)
        assert await bridge.refused() == set()


async def test_a_reader_of_the_bridge_cannot_take_the_place_of_a_service_s_consumer(broker: Broker) -> None:
    await _provisioned(broker)
    async with user_of(broker, Process.BRIDGE) as bridge:
        subject = f"$JS.API.CONSUMER.CREATE.{STREAM}"
        body = '{"stream_name": "%s", "config": {%s, "ack_policy": "none", "deliver_subject": "%s"}}'
        for named in (
            '"durable_name": "queue"',
            '"name": "queue"',
            '"name": "queue", "durable_name": "queue"',
        ):
            taking = body % (STREAM, named, bridge.connection.new_inbox())
            await bridge.connection.request(subject, taking.encode(), timeout=LIMIT)
        assert await bridge.refused() == set()
        info = await bridge.connection.jetstream().consumer_info(STREAM, Process.QUEUE)
        assert info.config.ack_policy == AckPolicy.EXPLICIT
        assert info.config.deliver_subject is None


async def test_the_observer_hears_that_processes_are_there_and_changes_nothing(broker: Broker) -> None:
    async with all_processes(broker) as users, user_of(broker, "observer") as observer:
        for process, user in users.items():
            await nats.micro.add_service(user.connection, name=f"clinicwire-{process}", version="1.0.0")
            assert await user.refused() == set()
        for process in Process:
            reply = await observer.connection.request(f"$SRV.PING.clinicwire-{process}", timeout=LIMIT)
            assert f"clinicwire-{process}".encode() in reply.data
        attempts = [*_attempts_at_the_stream(), *(event.pattern().replace("*", "7") for event in EVENTS)]
        await observer.try_to_publish(attempts)
        assert await observer.refused() == {f"publish {subject}".lower() for subject in attempts}


async def test_a_request_nobody_may_make_is_never_answered(broker: Broker) -> None:
    async with user_of(broker, Process.QUEUE) as queue:
        with pytest.raises(NatsTimeout):
            await queue.connection.request("$JS.API.STREAM.NAMES", timeout=0.2)
        assert await queue.refused() == {"publish $js.api.stream.names"}


def test_every_process_has_permissions() -> None:
    assert set(PERMISSIONS) == set(Process)


def _attempts_at_the_stream() -> list[str]:
    verbs = ("CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "SNAPSHOT", "RESTORE", "LEADER.STEPDOWN")
    both = [f"$JS.API.STREAM.{verb}.{stream}" for stream in (STREAM, REVOKED) for verb in verbs]
    return [*both, "$JS.API.STREAM.CREATE.ANOTHER"]


def _attempts_at_durables(process: Process) -> list[str]:
    """What would read, acknowledge, replace or delete a service's consumer; its own it may read."""
    replacing = [f"$JS.API.CONSUMER.{verb}.{STREAM}.{of}" for of in SERVICES for verb in ("CREATE", "DELETE")]
    filtered = [f"$JS.API.CONSUMER.CREATE.{STREAM}.{of}.clinic.*.queue_updated" for of in SERVICES]
    durable = [f"$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.{of}" for of in SERVICES]
    reading = [f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{of}" for of in SERVICES if of is not process]
    acknowledging = [f"$JS.ACK.{STREAM}.{of}.1.1.1.1.0" for of in SERVICES if of is not process]
    return replacing + filtered + durable + reading + acknowledging


async def _provisioned(broker: Broker) -> None:
    await broker.provision({service: (QueueUpdated,) for service in SERVICES})
