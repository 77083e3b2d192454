"""What appointment_service does about the others' events, heard from a real stream."""

import httpx
import pytest

from contracts import (
    AppointmentCompleted,
    AppointmentUpdated,
    PatientDeleted,
    PatientUpdated,
    PaymentRecorded,
)
from tests.appointment_service.desk import BODY, Queue, book, changed, moved, read
from tests.builders import NOW, example, patient_card, payment, visit
from tests.others import Ear, Other, until


@pytest.mark.parametrize(
    ("of_visit", "of_appointment"),
    [
        ("waiting", "checked_in"),
        ("completed", "completed"),
        ("cancelled", "cancelled"),
        ("no_show", "no_show"),
    ],
)
async def test_an_appointment_follows_its_visit(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear, of_visit: str, of_appointment: str
) -> None:
    booked = await queue.book(desk)
    after = moved(booked, of_visit)
    await queue.say(after)
    told = await ear.wait_for(AppointmentUpdated)
    assert (told.appointment.id, told.appointment.status) == (booked["id"], of_appointment)
    assert told.appointment.visit == after
    shown = await read(desk, booked)
    assert (shown["status"], shown["visit"]["status"]) == (of_appointment, of_visit)


async def test_only_a_change_of_its_status_is_told(desk: httpx.AsyncClient, queue: Queue, ear: Ear) -> None:
    booked = await queue.book(desk)
    for version, status in enumerate(("waiting", "called", "in_progress", "completed"), start=2):
        await queue.say(moved(booked, status, version))
    await ear.wait_for(AppointmentCompleted)
    statuses = [event.appointment.status.value for event in ear.all(AppointmentUpdated)]
    assert statuses == ["checked_in", "completed"]


async def test_an_older_version_of_a_visit_changes_nothing(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    await queue.say(moved(booked, "completed", version=5))
    await queue.say(moved(booked, "waiting", version=4))
    await queue.say(moved(booked, "no_show", version=6))
    await ear.wait_for(AppointmentUpdated, lambda event: event.appointment.status == "no_show")
    statuses = [event.appointment.status.value for event in ear.all(AppointmentUpdated)]
    assert statuses == ["completed", "no_show"]


async def test_the_same_event_twice_has_its_effect_once(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    after = moved(booked, "waiting")
    await queue.other.say(changed(after), version=2, message_id="once")
    await queue.other.say(changed(after), version=2, message_id="twice")
    await queue.say(moved(booked, "completed", version=3))
    await ear.wait_for(AppointmentCompleted)
    assert len(ear.all(AppointmentUpdated)) == 2


async def test_a_reinstated_visit_checks_its_appointment_in_again(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    await queue.say(moved(booked, "no_show", version=2))
    await queue.say(moved(booked, "waiting", version=3))
    await ear.wait_for(AppointmentUpdated, lambda event: event.appointment.status == "checked_in")
    assert (await read(desk, booked))["visit"]["version"] == 3


async def test_walk_ins_and_strange_visits_hold_nothing_back(
    desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    await queue.say(visit(id=501, appointment_id=None))
    await queue.say(visit(id=502, appointment_id=503))
    await queue.say(moved(booked, "waiting"))
    assert (await ear.wait_for(AppointmentUpdated)).appointment.id == booked["id"]


async def test_a_patients_new_card_is_shown(
    desk: httpx.AsyncClient, queue: Queue, patients: Other, ear: Ear
) -> None:
    booked = await queue.book(desk)
    renamed = patient_card(name="Paula Newname")
    await patients.say(example(PatientUpdated, patient=renamed), version=3)
    await patients.say(example(PatientUpdated, patient=patient_card(name="Paula Oldname")), version=2)
    await queue.say(moved(booked, "waiting"))
    told = await ear.wait_for(AppointmentUpdated)
    assert told.appointment.patient == renamed


async def test_a_deleted_patient_is_shown_no_longer_and_not_booked(
    desk: httpx.AsyncClient, queue: Queue, patients: Other, ear: Ear
) -> None:
    booked = await queue.book(desk, patient_id=99)
    await patients.say(PatientDeleted(patient_id=99), version=2)
    await queue.say(moved(booked, "waiting"))
    assert (await ear.wait_for(AppointmentUpdated)).appointment.patient is None
    assert (await read(desk, booked))["patient"] is None


async def test_a_patient_who_is_heard_of_is_not_asked_for(
    desk: httpx.AsyncClient, patients: Other, queue: Queue, ear: Ear
) -> None:
    # 150 is a number that patient_service, asked, does not know.
    await patients.say(example(PatientUpdated, patient=patient_card(id=150)), version=1)

    async def known() -> bool:
        answer = await desk.post("/appointments", json=BODY | {"patient_id": 150})
        return answer.status_code == 201

    await until(known)


async def test_a_payment_is_shown_on_its_appointment_unless_it_is_void(
    desk: httpx.AsyncClient, payments: Other
) -> None:
    booked = await book(desk)
    assert booked["payment"] is None
    paid = payment(visit_id=booked["visit"]["id"], paid_at=NOW)

    async def shown(amount: float | None) -> bool:
        found = (await read(desk, booked))["payment"]
        return bool(found) and found["amount_paid"] == amount if amount else found is None

    await payments.say(example(PaymentRecorded, payment=paid), version=2)
    await until(lambda: shown(100.0))
    listed = (await desk.get("/appointments")).json()["appointments"]
    assert [one["payment"]["id"] for one in listed] == [paid.id]
    await payments.say(example(PaymentRecorded, payment=paid, void=True), version=3)
    await until(lambda: shown(None))
