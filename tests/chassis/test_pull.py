"""Reading a durable consumer over the loss of its broker."""

import asyncio
import os
import signal
from pathlib import Path

from chassis.broker import connect, flushed
from chassis.pull import Pull
from contracts import PatientDeleted
from contracts.event import Process
from launcher import broker as launcher_broker
from tests.chassis.notebook import PARTS
from tests.chassis.stream import telling
from tests.parts import Broker


async def test_reading_goes_on_within_two_seconds_of_a_broker_s_return(tmp_path: Path) -> None:
    async with launcher_broker.running(tmp_path / "broker") as server:
        broker = Broker(server.url, dict(server.seeds))
        await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
        connection = await connect(broker.settings("queue"), Process.QUEUE)
        pull = Pull(connection, Process.QUEUE)
        async with pull.open():
            async with telling(broker, Process.PATIENT) as patients:
                await patients.tell(PatientDeleted(patient_id=1))
            (first,) = await pull.next()
            await first.ack()
            os.kill(server.pid, signal.SIGKILL)
            await server.stop()
            await server.start()
            async with asyncio.timeout(2):
                async with telling(broker, Process.PATIENT) as patients:
                    await patients.put("patient.2.patient_deleted", b'{"patient_id":2}', {"Nats-Msg-Id": "2"})
                # The broker may have died before it kept that the first was acknowledged.
                subjects: set[str] = set()
                while "patient.2.patient_deleted" not in subjects:
                    subjects |= {message.subject for message in await pull.next()}
        await connection.close()


async def test_many_come_at_once_and_in_order(broker: Broker) -> None:
    await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
    connection = await connect(broker.settings("queue"), Process.QUEUE)
    async with telling(broker, Process.PATIENT) as patients:
        await patients.tell(*(PatientDeleted(patient_id=number) for number in range(1, 601)))
    pull = Pull(connection, Process.QUEUE)
    numbers: list[int] = []
    rounds = 0
    async with pull.open(), asyncio.timeout(5):
        while len(numbers) < 600:
            rounds += 1
            for message in await pull.next():
                numbers.append(PatientDeleted.model_validate_json(message.data).patient_id)
                await message.ack()
    await connection.close()
    assert numbers == list(range(1, 601))
    assert rounds < 100


async def test_what_does_not_come_from_the_stream_is_no_event(broker: Broker) -> None:
    await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
    connection = await connect(broker.settings("queue"), Process.QUEUE)
    # Whoever answers our questions may write to our inbox.
    forger = await connect(broker.settings("patient"), Process.PATIENT)
    pull = Pull(connection, Process.QUEUE)
    async with pull.open(), asyncio.timeout(5):
        for reply in ("", "somewhere"):
            await forger.publish(pull.inbox, b'{"patient_id":9}', reply=reply)
        await flushed(forger)
        async with telling(broker, Process.PATIENT) as patients:
            await patients.tell(PatientDeleted(patient_id=1))
        subjects: list[str] = []
        while not subjects:
            subjects += [message.subject for message in await pull.next()]
    await forger.close()
    await connection.close()
    assert subjects == ["patient.1.patient_deleted"]
