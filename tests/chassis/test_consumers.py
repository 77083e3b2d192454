"""Hearing the others: each event has its effect once, and none holds back the next for good."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import nats
import pytest

from chassis.consumers import Delivery, Handler
from chassis.errors import NotFound, Unavailable
from chassis.service import Service
from chassis.transaction import Transaction
from contracts import PatientDeleted
from contracts.event import Process
from contracts.stream import STREAM
from launcher.provision import ACK_WAIT_SECONDS
from tests.chassis.conftest import Logged
from tests.chassis.notebook import PARTS, hear, heard_of
from tests.chassis.stream import LIMIT, Stream, Teller
from tests.others import until
from tests.parts import Broker, postgres_database, service_running


class Ear:
    """A handler that tells the test what it has handled, after `meddle` had a say."""

    def __init__(self, meddle: Handler | None = None) -> None:
        self._meddle = meddle
        self._handled: asyncio.Queue[int] = asyncio.Queue()

    async def __call__(self, change: Transaction, event: PatientDeleted, delivery: Delivery) -> None:
        """Note the patient as the notebook does."""
        if self._meddle:
            await self._meddle(change, event, delivery)
        await hear(change, event, delivery)
        self._handled.put_nowait(event.patient_id)

    async def has(self, patient_id: int) -> None:
        """Wait until the handler has been through with this patient (it may not be committed yet)."""
        async with asyncio.timeout(LIMIT):
            while await self._handled.get() != patient_id:
                pass


@asynccontextmanager
async def listening(broker: Broker, database_url: str, ear: Ear) -> AsyncIterator[Service]:
    """The notebook with this ear."""
    parts = replace(PARTS, handlers={PatientDeleted: ear})
    async with service_running(parts, broker.settings("queue", database_url=database_url)) as service:
        yield service


async def heard(service: Service) -> list[int]:
    """The patients that had their effect, in its order; waits for the transaction that is going on."""
    async with service.database.transaction(service.now(), "test") as change:
        return await heard_of(change.session)


async def until_heard(service: Service, patients: list[int]) -> None:
    """Wait until the effects are exactly these; longer than that fails with what they are."""
    seen: list[int] = []

    async def look() -> bool:
        seen[:] = await heard(service)
        return seen == patients

    try:
        await until(look)
    except TimeoutError:
        assert seen == patients


def deleted(*numbers: int) -> list[PatientDeleted]:
    """Events about these patients."""
    return [PatientDeleted(patient_id=number) for number in numbers]


def counted(service: Service, name: str) -> float:
    """One of the consumers' counters."""
    return service.metrics.get_sample_value(f"{name}_total") or 0


async def test_events_have_their_effect_in_their_order(
    broker: Broker, patients: Teller, database_url: str
) -> None:
    await patients.tell(*deleted(*range(1, 301)))
    async with listening(broker, database_url, Ear()) as service:
        await until_heard(service, list(range(1, 301)))
        await patients.tell(*deleted(301))
        await until_heard(service, list(range(1, 302)))


async def test_an_event_delivered_again_has_its_effect_once(
    broker: Broker, stream: Stream, patients: Teller, database_url: str
) -> None:
    ear = Ear()
    async with listening(broker, database_url, ear) as service:
        await patients.tell(*deleted(1, 2))
        await until_heard(service, [1, 2])
    # As after a broker that forgot what was acknowledged: the durable begins at the beginning.
    provisioner = await nats.connect(
        broker.url, nkeys_seed_str=broker.seeds["provisioner"], inbox_prefix=b"_INBOX_provisioner"
    )
    await provisioner.request(f"$JS.API.CONSUMER.DELETE.{STREAM}.queue", b"")
    await provisioner.close()
    await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
    async with listening(broker, database_url, ear) as service:
        await patients.tell(*deleted(3))
        await until_heard(service, [1, 2, 3])
        assert counted(service, "inbox_handled") == 1


UNREADABLE = {
    "no JSON": ("patient.66.patient_deleted", b"{", None),
    "no such field's type": ("patient.66.patient_deleted", b'{"patient_id":"many"}', None),
    "no time": ("patient.66.patient_deleted", b'{"patient_id":66}', {"Clinicwire-At": "noon"}),
    "no version": ("patient.66.patient_deleted", b'{"patient_id":66}', {"Clinicwire-Version": "newest"}),
    "a message id past all bounds": (
        "patient.66.patient_deleted",
        b'{"patient_id":"x"}',
        {"Nats-Msg-Id": "x" * 100},
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_an_unreadable_message_is_terminated_told_and_counted_and_the_next_is_handled(
    broker: Broker, patients: Teller, database_url: str, logged: Logged, what: str
) -> None:
    subject, data, more = UNREADABLE[what]
    await patients.tell(*deleted(1))
    id = await patients.put(subject, data, more)
    await patients.tell(*deleted(2))
    async with listening(broker, database_url, Ear()) as service:
        told = await logged.first("event_terminated")
        await until_heard(service, [1, 2])
        await patients.tell(*deleted(3))
        await until_heard(service, [1, 2, 3])
        assert counted(service, "inbox_terminated") == 1
        assert counted(service, "inbox_handled") == 3
    assert told["subject"] == subject
    assert told["id"] == (more or {}).get("Nats-Msg-Id", id)


async def test_a_refused_event_is_terminated_with_its_reason_and_leaves_nothing(
    broker: Broker, patients: Teller, database_url: str, logged: Logged
) -> None:
    async def refuse(change: Transaction, event: PatientDeleted, delivery: Delivery) -> None:
        if event.patient_id == 2:
            await hear(change, event, delivery)
            await change.session.flush()
            raise NotFound("There is no such patient; nothing can be done")

    await patients.tell(*deleted(1, 2, 3))
    async with listening(broker, database_url, Ear(refuse)) as service:
        told = await logged.first("event_terminated")
        await until_heard(service, [1, 3])
        assert counted(service, "inbox_terminated") == 1
    assert told["reason"] == "There is no such patient; nothing can be done"
    assert told["exc_info"] is None


async def test_a_handler_s_mistake_is_told_with_its_cause_and_holds_back_nobody(
    broker: Broker, patients: Teller, database_url: str, logged: Logged
) -> None:
    async def stumble(_: Transaction, event: PatientDeleted, __: Delivery) -> None:
        if event.patient_id == 1:
            raise RuntimeError("a mistake of ours")

    await patients.tell(*deleted(1, 2))
    async with listening(broker, database_url, Ear(stumble)) as service:
        told = await logged.first("event_terminated")
        await until_heard(service, [2])
    assert isinstance(told["exc_info"], RuntimeError)


async def test_an_event_that_needs_what_is_away_is_tried_again_and_those_after_it_wait(
    broker: Broker, patients: Teller, database_url: str, logged: Logged
) -> None:
    away = True

    async def need(_: Transaction, event: PatientDeleted, __: Delivery) -> None:
        if event.patient_id == 2 and away:
            raise Unavailable("The payment service does not answer right now")

    await patients.tell(*deleted(1, 2, 3))
    async with listening(broker, database_url, Ear(need)) as service:
        await logged.first("consumer_waits")
        assert await heard(service) == []
        away = False
        await until_heard(service, [1, 2, 3])
    assert logged.of("event_terminated") == []


async def test_a_database_that_is_away_is_waited_for(
    broker: Broker, patients: Teller, postgres: str, logged: Logged
) -> None:
    async with postgres_database(postgres) as url:
        admin = await asyncpg.connect(postgres)
        name = url.partition("/clinicwire_")[2].partition("?")[0]

        async def let_in(allowed: bool) -> None:
            await admin.execute(f'ALTER DATABASE "clinicwire_{name}" ALLOW_CONNECTIONS {allowed}')

        async with listening(broker, url, Ear()) as service:
            await patients.tell(*deleted(1))
            await until_heard(service, [1])
            await let_in(False)
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                f"clinicwire_{name}",
            )
            await patients.tell(*deleted(2, 3))
            await logged.first("consumer_waits")
            assert "database" in await service.problems()
            await let_in(True)
            await until_heard(service, [1, 2, 3])
        await admin.close()
    assert logged.of("event_terminated") == []


async def test_what_a_worker_leaves_unhandled_goes_to_the_next_at_once(
    broker: Broker, patients: Teller, database_url: str
) -> None:
    begun, stuck = asyncio.Event(), asyncio.Event()

    async def hang(_: Transaction, event: PatientDeleted, __: Delivery) -> None:
        if event.patient_id == 2:
            begun.set()
            await stuck.wait()

    await patients.tell(*deleted(1, 2, 3))
    async with listening(broker, database_url, Ear(hang)), asyncio.timeout(LIMIT):
        await begun.wait()
    async with listening(broker, database_url, Ear()) as service:

        async def all_heard() -> bool:
            # What is given back has no order.
            return sorted(await heard(service)) == [1, 2, 3]

        # Sooner than their time to be acknowledged is up.
        async with asyncio.timeout(ACK_WAIT_SECONDS / 2):
            await until(all_heard)
