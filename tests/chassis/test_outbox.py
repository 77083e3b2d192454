"""The outbox: a change and what it says are one."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from chassis import revision
from chassis.bookkeeping import OUTBOX
from chassis.database import Database
from chassis.outbox import stage
from contracts import PatientDeleted
from tests.builders import NOW
from tests.chassis.notebook import CLINIC, picture, texts, told, write


async def outbox(database: Database) -> list[Any]:
    """The rows of the outbox, in the order of publishing."""
    async with database.reading() as session:
        return list(await session.execute(select(OUTBOX).order_by(OUTBOX.c.position)))


async def test_a_change_and_its_events_are_committed_together(database: Database) -> None:
    async with database.transaction(NOW, "7") as change:
        note = await write(change, "hello")
        assert await outbox(database) == []
    (row,) = await outbox(database)
    assert (row.subject, row.rooms) == ("clinic.1.visit_cancelled", "clinic_1")
    assert (row.actor, row.at, row.revision, row.version) == ("7", NOW, 1, 1)
    assert row.payload == b'{"visit_id":%d,"reason":"hello","clinic_id":1}' % note.id
    assert (row.published_at, row.refused) == (None, None)


async def test_a_failed_change_leaves_neither_rows_nor_events(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction(NOW, "7") as change:
            await write(change, "hello")
            await change.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with database.reading() as session:
        assert await texts(session) == []
        assert await revision.current(session, CLINIC) == 0
    assert await outbox(database) == []


async def test_another_s_event_is_refused_where_it_is_staged(database: Database) -> None:
    with pytest.raises(ValueError, match="published by patient, not by queue"):
        async with database.transaction(NOW, "7") as change:
            stage(change, PatientDeleted(patient_id=1))
    assert await outbox(database) == []


async def test_a_pending_snapshot_is_replaced_by_the_next_of_its_subject_alone(database: Database) -> None:
    async with database.transaction(NOW, "projector") as change:
        stage(change, picture(1))
        stage(change, picture(1, clinic=2))
        stage(change, told("between"))
    first = await outbox(database)
    async with database.transaction(NOW, "projector") as change:
        stage(change, picture(2))
    rows = await outbox(database)
    assert [row.id for row in rows[:2]] == [row.id for row in first[1:]]
    assert rows[2].subject == "clinic.1.queue_updated"
    assert rows[2].position > max(row.position for row in first)
    assert len(rows) == 3


async def test_a_snapshot_that_was_published_or_refused_stays_in_the_trail(database: Database) -> None:
    for marks in ({"published_at": NOW}, {"refused": "no permission"}):
        async with database.transaction(NOW, "projector") as change:
            stage(change, picture(1))
        async with database.transaction(NOW, "relay") as change:
            await change.session.execute(update(OUTBOX).where(OUTBOX.c.published_at.is_(None)).values(marks))
    async with database.transaction(NOW, "projector") as change:
        stage(change, picture(2))
    assert len(await outbox(database)) == 3


async def test_also_named_rooms_are_added_once(database: Database) -> None:
    async with database.transaction(NOW, "7") as change:
        stage(change, told("moved"), also=("doctor_3", "clinic_1", "doctor_3"))
    assert [row.rooms for row in await outbox(database)] == ["clinic_1,doctor_3"]


async def test_a_commit_with_events_wakes_who_listens_and_one_without_does_not(database: Database) -> None:
    with database.committed.listen() as commits:
        async with database.transaction(NOW, "7") as change:
            await revision.advance(change, CLINIC)
        assert not await commits.heard(0)
        async with database.transaction(NOW, "7") as change:
            stage(change, told("hello"))
            assert not await commits.heard(0)
        assert await commits.heard(0)


async def test_changes_of_a_clinic_at_once_get_dense_revisions_in_the_order_of_their_events(
    database: Database,
) -> None:
    async def one(number: int) -> None:
        async with database.transaction(NOW, str(number)) as change:
            await write(change, f"note {number}")

    await asyncio.gather(*(one(number) for number in range(20)))
    assert [row.revision for row in await outbox(database)] == list(range(1, 21))


async def test_a_read_sees_one_state_whatever_is_committed_meanwhile(database: Database) -> None:
    async with database.reading() as session:
        before = await revision.current(session, CLINIC)
        async with database.transaction(NOW, "7") as change:
            await write(change, "meanwhile")
        assert await texts(session) == []
        assert await revision.current(session, CLINIC) == before
    async with database.reading() as session:
        assert await texts(session) == ["meanwhile"]
