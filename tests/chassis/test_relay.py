"""The relay, a step at a time: every row to the stream, in order, once."""

import asyncio

from sqlalchemy import insert, select, update

from chassis.bookkeeping import OUTBOX
from chassis.database import Database
from chassis.outbox import stage
from tests.builders import NOW
from tests.chassis.conftest import Logged
from tests.chassis.line import relaying
from tests.chassis.notebook import picture, told, write
from tests.chassis.stream import Stream, reasons
from tests.parts import Broker


async def fill(database: Database, *texts: str) -> None:
    """Stage one event for each text."""
    async with database.transaction(NOW, "7") as change:
        for text in texts:
            stage(change, told(text))


async def slip_in(database: Database, subject: str, payload: bytes = b"{}") -> None:
    """Write a row that the broker will not take."""
    async with database.transaction(NOW, "7") as change:
        row = {
            "id": change.mint(),
            "subject": subject,
            "rooms": "",
            "payload": payload,
            "version": 1,
            "snapshot": False,
            "actor": "7",
            "at": NOW,
        }
        await change.session.execute(insert(OUTBOX).values(row))


async def waiting(database: Database) -> int:
    """How many rows are neither published nor refused."""
    async with database.reading() as session:
        wanted = select(OUTBOX.c.id).where(OUTBOX.c.published_at.is_(None), OUTBOX.c.refused.is_(None))
        return len((await session.execute(wanted)).all())


async def refused(database: Database) -> list[str]:
    """Why rows were refused."""
    async with database.reading() as session:
        wanted = select(OUTBOX.c.refused).where(OUTBOX.c.refused.is_not(None)).order_by(OUTBOX.c.position)
        return [str(reason) for reason in (await session.execute(wanted)).scalars()]


async def test_an_event_arrives_with_what_the_system_adds_in_its_headers(
    broker: Broker, stream: Stream, database: Database
) -> None:
    async with database.transaction(NOW, "7") as change:
        note = await write(change, "hello")
    async with relaying(broker, database) as line:
        await line.relay.publish_waiting()
    (message,) = await stream.messages()
    async with database.reading() as session:
        row = (await session.execute(select(OUTBOX))).one()
    assert message.subject == "clinic.1.visit_cancelled"
    assert message.data == b'{"visit_id":%d,"reason":"hello","clinic_id":1}' % note.id
    added = {name: value for name, value in message.headers.items() if name.startswith("Clinicwire-")}
    assert added == {
        "Clinicwire-Rooms": "clinic_1",
        "Clinicwire-Rev": "1",
        "Clinicwire-Version": "1",
        "Clinicwire-At": NOW.isoformat(),
    }
    assert message.headers["Nats-Msg-Id"] == str(row.id)
    assert row.published_at is not None


async def test_a_backlog_is_drained_in_batches_in_its_order(
    broker: Broker, stream: Stream, database: Database
) -> None:
    texts = [f"note {number}" for number in range(2500)]
    await fill(database, *texts)
    async with relaying(broker, database) as line:
        assert [await line.relay.publish_waiting() for _ in range(3)] == [True, True, False]
        assert line.counted("outbox_published") == 2500
    assert reasons(await stream.messages()) == texts
    assert await waiting(database) == 0


async def test_a_crash_between_publishing_and_marking_leaves_no_duplicate(
    broker: Broker, stream: Stream, database: Database
) -> None:
    texts = [f"note {number}" for number in range(20)]
    await fill(database, *texts[:10])
    async with relaying(broker, database) as line:
        await line.relay.publish_waiting()
        # What the crash leaves: all on the stream, the last six not marked, and more has come since.
        async with database.transaction(NOW, "crash") as change:
            sixth = select(OUTBOX.c.position).order_by(OUTBOX.c.position).offset(4).limit(1)
            await change.session.execute(
                update(OUTBOX).where(OUTBOX.c.position >= sixth.scalar_subquery()).values(published_at=None)
            )
        await fill(database, *texts[10:])
        assert await waiting(database) == 16
        await line.relay.publish_waiting()
    assert reasons(await stream.messages()) == texts
    assert await waiting(database) == 0


async def test_a_refused_event_surfaces_at_once_and_the_rest_goes_on(
    broker: Broker, stream: Stream, database: Database, logged: Logged
) -> None:
    # First, in the midst, and last of what the relay would send as one.
    await slip_in(database, "patient.1.patient_created")
    await fill(database, "one")
    await slip_in(database, "patient.2.patient_created")
    await fill(database, "two")
    await slip_in(database, "patient.3.patient_created")
    async with relaying(broker, database) as line, asyncio.timeout(2):
        await line.relay.publish_waiting()
        assert line.counted("outbox_refused") == 3
    assert reasons(await stream.messages()) == ["one", "two"]
    assert await waiting(database) == 0
    assert await refused(database) == [
        f"no permission to publish on patient.{number}.patient_created" for number in (1, 2, 3)
    ]
    assert [entry["subject"] for entry in logged.of("event_refused")] == [
        f"patient.{number}.patient_created" for number in (1, 2, 3)
    ]


async def test_an_event_too_large_for_the_broker_is_refused_and_the_connection_stays(
    broker: Broker, stream: Stream, database: Database
) -> None:
    await fill(database, "one")
    await slip_in(database, "clinic.1.visit_cancelled", b'"%s"' % (b"x" * (1 << 20)))
    # Within the broker's limit by itself, past it with its headers.
    await slip_in(database, "clinic.1.visit_cancelled", b'"%s"' % (b"x" * ((1 << 20) - 50)))
    await fill(database, "two")
    async with relaying(broker, database) as line:
        await line.relay.publish_waiting()
        assert line.connection.stats["reconnects"] == 0
    assert reasons(await stream.messages()) == ["one", "two"]
    assert [reason.partition(" ")[2] for reason in await refused(database)] == [
        "bytes are more than the broker takes in one message"
    ] * 2


async def test_of_snapshots_the_stream_keeps_the_newest_and_the_outbox_no_payload(
    broker: Broker, stream: Stream, database: Database
) -> None:
    async with relaying(broker, database) as line:
        for total in (1, 2):
            async with database.transaction(NOW, "projector") as change:
                stage(change, told(f"note {total}"))
                stage(change, picture(total))
            await line.relay.publish_waiting()
    stored = await stream.messages()
    assert reasons(stored) == ["note 1", "note 2"]
    assert [message.sequence for message in stored] == [1, 3, 4]
    assert b'"total":2' in stored[-1].data
    async with database.reading() as session:
        kept = (await session.execute(select(OUTBOX.c.snapshot, OUTBOX.c.payload))).all()
    assert [payload is None for snapshot, payload in kept] == [snapshot for snapshot, _ in kept]


async def test_two_snapshots_of_a_subject_at_once_are_both_brought_in_their_order(
    broker: Broker, stream: Stream, database: Database
) -> None:
    async with database.transaction(NOW, "projector") as change:
        for total in (1, 2):
            stage(change, told(f"note {total}"))
            stage(change, picture(total))
    async with relaying(broker, database) as line:
        await line.relay.publish_waiting()
    stored = await stream.messages()
    assert [message.sequence for message in stored] == [1, 3, 4]
    assert b'"total":2' in stored[-1].data
    assert await waiting(database) == 0
