"""What must hold whoever is first: one slot once, one cancellation told once; on both databases."""

import asyncio
from itertools import pairwise

import httpx
import pytest
from sqlalchemy import select

from chassis.bookkeeping import OUTBOX
from chassis.errors import Conflict
from chassis.service import Service
from contracts import AppointmentCancelled, AppointmentCompleted, AppointmentCreated, AppointmentUpdated
from contracts.event import Process
from contracts.identity import Role
from contracts.shapes import AppointmentStatus, Visit, VisitStatus
from tests.appointment_service.desk import BODY, Queue, at, book, changed, moved, read
from tests.builders import NOW
from tests.others import Ear, playing
from tests.parts import Broker, client, token


async def free(desk: httpx.AsyncClient, day: int = 2, doctor_id: int = 1) -> list[str]:
    """When the doctor's free slots of that day begin."""
    wanted = f"clinic_id=1&doctor_id={doctor_id}&date=2026-03-{day:02}"
    answer = await desk.get(f"/appointments/available-slots?{wanted}")
    return [slot["start_time"] for slot in answer.json()["available_slots"]]


async def fence(desk: httpx.AsyncClient, queue: Queue, ear: Ear) -> None:
    """Wait until everything that queue_service said before has had its effect."""
    last = await queue.book(desk, "22:00")
    await queue.say(moved(last, "waiting", version=9))
    await ear.wait_for(AppointmentUpdated, lambda event: event.appointment.id == last["id"])


async def test_one_slot_booked_twenty_times_at_once_is_had_once(
    workers: tuple[Service, Service], desk: httpx.AsyncClient, ear: Ear
) -> None:
    bearer = token(Role.RECEPTIONIST, now=NOW)
    async with client(workers[0], bearer) as first, client(workers[1], bearer) as second:
        # Known before, so that no reading through spreads the bookings out in time.
        await book(first, "08:00")
        answers = await asyncio.gather(
            *(http.post("/appointments", json=BODY) for http in (first, second) for _ in range(10))
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 19
    assert (await desk.get("/appointments")).json()["total"] == 2


async def test_overlapping_appointments_booked_at_once_are_had_once(
    workers: tuple[Service, Service], admin: httpx.AsyncClient
) -> None:
    long = await admin.post(
        "/services", json={"clinic_id": 1, "name": "Long", "duration": 40, "price": "300"}
    )
    body = BODY | {"service_id": long.json()["service"]["id"]}
    bearer = token(Role.RECEPTIONIST, now=NOW)
    async with client(workers[0], bearer) as first, client(workers[1], bearer) as second:
        answers = await asyncio.gather(
            first.post("/appointments", json=body),
            second.post("/appointments", json=body | {"start_time": at("10:30")}),
            first.post("/appointments", json=body | {"start_time": at("10:15")}),
        )
    assert [answer.status_code for answer in answers].count(409) in (1, 2)
    booked = [answer.json()["appointment"] for answer in answers if answer.status_code == 201]
    taken = sorted((one["start_time"], one["end_time"]) for one in booked)
    assert all(before[1] <= after[0] for before, after in pairwise(taken))


async def test_a_booking_is_told_with_its_planned_visit(desk: httpx.AsyncClient, ear: Ear) -> None:
    answer = (await desk.post("/appointments", json=BODY)).json()
    told = await ear.wait_for(AppointmentCreated)
    assert told.visit == Visit.model_validate(answer["visit"])
    assert (told.visit.status, told.visit.queue_number, told.visit.version) == ("scheduled", None, 1)
    assert (told.appointment.id, told.visit.appointment_id) == (answer["appointment"]["id"],) * 2
    assert told.appointment.patient is not None
    assert told.appointment.patient.id == 4
    assert told.appointment.payment is None


async def test_a_moved_appointment_gives_its_slot_back_and_is_told_to_both_doctors(
    desk: httpx.AsyncClient, ear: Ear, service: Service
) -> None:
    booked = await book(desk, "10:00")
    assert "10:00" not in await free(desk)
    answer = await desk.put(
        f"/appointments/{booked['id']}", json={"doctor_id": 2, "start_time": "2026-03-03T11:00:00"}
    )
    assert answer.status_code == 200, answer.text
    told = await ear.wait_for(AppointmentUpdated)
    assert (told.doctor_id, told.appointment.start_time.isoformat()) == (2, "2026-03-03T11:00:00+00:00")
    assert told.appointment.visit is not None
    assert told.appointment.visit.doctor_id == 2
    assert "10:00" in await free(desk)
    assert "11:00" not in await free(desk, day=3, doctor_id=2)
    async with service.database.reading() as session:
        rooms = await session.execute(select(OUTBOX.c.rooms).where(OUTBOX.c.subject == told.address()))
    assert set(rooms.scalar_one().split(",")) == {"clinic_1", "doctor_1", "doctor_2"}


async def test_an_appointment_moved_within_its_own_slots_keeps_no_other_out(
    desk: httpx.AsyncClient, admin: httpx.AsyncClient
) -> None:
    offered = await admin.post(
        "/services", json={"clinic_id": 1, "name": "Half an hour", "duration": 30, "price": 90}
    )
    booked = await book(desk, "10:00", service_id=offered.json()["service"]["id"])
    later = await desk.put(f"/appointments/{booked['id']}", json={"start_time": at("10:15")})
    assert later.status_code == 200, later.text
    taken = {"10:15", "10:30"}
    assert taken.isdisjoint(await free(desk))
    assert {"10:00", "10:45"} <= set(await free(desk))


async def test_a_move_to_a_taken_time_is_refused_and_changes_nothing(
    desk: httpx.AsyncClient, ear: Ear
) -> None:
    await book(desk, "10:00")
    other = await book(desk, "11:00")
    refused = await desk.put(f"/appointments/{other['id']}", json={"start_time": at("10:00")})
    assert refused.status_code == 409
    assert "10:15" in refused.json()["message"]
    assert await read(desk, other) == other | {
        "patient": other["patient"] | {"medical_history": "History of 4"}
    }
    assert not {"10:00", "11:00"} & set(await free(desk))
    assert ear.all(AppointmentUpdated) == []


@pytest.mark.parametrize("says", [True, False], ids=["event-first", "answer-first"])
async def test_deleting_cancels_the_visit_and_is_told_once_whoever_is_first(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear, says: bool
) -> None:
    booked = [await queue.book(desk, f"1{hour}:00") for hour in range(6)]
    queue.says = says
    answers = await asyncio.gather(
        *(desk.request("DELETE", f"/appointments/{one['id']}", json={"reason": "ill"}) for one in booked)
    )
    assert [answer.status_code for answer in answers] == [200] * 6
    if not says:
        for one in booked:
            await queue.say(queue.visits[one["id"]])
    assert {(asked.to, asked.reason) for asked in queue.asked} == {(VisitStatus.CANCELLED, "ill")}
    await fence(desk, queue, ear)
    told = [event.appointment for event in ear.all(AppointmentCancelled)]
    assert sorted(one.id for one in told) == sorted(one["id"] for one in booked)
    assert {one.visit and one.visit.status for one in told} == {VisitStatus.CANCELLED}
    assert len(ear.all(AppointmentUpdated)) == 1  # the fence's
    assert {f"1{hour}:00" for hour in range(6)} <= set(await free(desk))


async def test_a_visit_cancelled_by_the_queue_is_an_update(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    await queue.say(moved(booked, "cancelled"))
    told = await ear.wait_for(AppointmentUpdated)
    assert told.appointment.status is AppointmentStatus.CANCELLED
    assert ear.all(AppointmentCancelled) == []
    assert "10:00" in await free(desk)


async def test_a_refused_cancellation_is_forgotten(desk: httpx.AsyncClient, queue: Queue, ear: Ear) -> None:
    booked = await queue.book(desk)
    queue.refusal = Conflict("This visit is with the doctor")
    refused = await desk.delete(f"/appointments/{booked['id']}")
    assert refused.status_code == 409
    assert refused.json()["message"] == "This visit is with the doctor"
    assert refused.json()["appointment"]["status"] == "confirmed"
    assert "10:00" not in await free(desk)
    # So a cancellation by the queue, later, is the queue's own.
    await queue.say(moved(booked, "cancelled"))
    assert (await ear.wait_for(AppointmentUpdated)).appointment.status is AppointmentStatus.CANCELLED
    assert ear.all(AppointmentCancelled) == []


async def test_a_cancellation_nobody_answered_is_the_desks_when_it_is_heard_of(
    desk: httpx.AsyncClient, ear: Ear, broker: Broker
) -> None:
    booked = await book(desk)
    away = await desk.delete(f"/appointments/{booked['id']}")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert (await read(desk, booked))["status"] == "confirmed"
    async with playing(broker, Process.QUEUE) as back:
        await back.say(changed(moved(booked, "cancelled")), version=2)
    assert (await ear.wait_for(AppointmentCancelled)).appointment.id == booked["id"]


async def test_two_who_delete_at_once_get_one_yes_and_one_no(
    workers: tuple[Service, Service], queue: Queue, desk: httpx.AsyncClient, ear: Ear
) -> None:
    booked = await queue.book(desk)
    queue.says = True
    bearer = token(Role.RECEPTIONIST, now=NOW)
    async with client(workers[0], bearer) as first, client(workers[1], bearer) as second:
        answers = await asyncio.gather(
            *(http.delete(f"/appointments/{booked['id']}") for http in (first, second))
        )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    await fence(desk, queue, ear)
    assert len(ear.all(AppointmentCancelled)) == 1
    assert len(ear.all(AppointmentUpdated)) == 1  # the fence's


async def test_completing_tells_both_events_once(
    doctor: httpx.AsyncClient, desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    queue.says = True
    answer = await doctor.put(
        f"/appointments/{booked['id']}", json={"status": "completed", "notes": "Rest and tea"}
    )
    assert answer.status_code == 200, answer.text
    shown = answer.json()["appointment"]
    assert (shown["status"], shown["notes"], shown["visit"]["status"]) == (
        "completed",
        "Rest and tea",
        "completed",
    )
    (asked,) = queue.asked
    assert (asked.notes, asked.caller.role, asked.caller.doctor_id) == ("Rest and tea", Role.DOCTOR, 1)
    await fence(desk, queue, ear)
    (told,) = ear.all(AppointmentCompleted)
    assert (told.appointment.status, told.visit.status) == ("completed", "completed")
    statuses = [event.appointment.status for event in ear.all(AppointmentUpdated)]
    assert statuses[-1] == "checked_in"  # the fence's
    assert set(statuses[:-1]) == {AppointmentStatus.COMPLETED}
