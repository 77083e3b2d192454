"""The pictures that a commit causes: few, never stale, and made again for others' events too."""

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta

from contracts import (
    BoardUpdated,
    ClinicChanged,
    DoctorChanged,
    DoctorPhasesUpdated,
    DoctorQueueUpdated,
    PatientUpdated,
    PaymentRecorded,
    PhasesUpdated,
    QueueUpdated,
    VisitCancelled,
    encode,
)
from contracts.event import Process
from contracts.identity import Role
from queue_service import projector, rules
from queue_service.main import PARTS
from queue_service.queries import pictures
from queue_service.shapes import PhasesOfDay
from queue_service.tables import StoredVisit
from tests import builders
from tests.builders import example
from tests.others import Other, listening, playing
from tests.parts import Broker, service_running
from tests.queue_service.clinic import Clinic, Clock, booking, cancelled, updated

WALK_IN = {"patient_id": 4, "clinic_id": 1, "doctor_id": 2, "service_id": 3}


async def test_a_burst_makes_few_pictures_and_the_last_one_is_what_is_there(clinic: Clinic) -> None:
    before = len(clinic.ear.all(QueueUpdated))
    await asyncio.gather(*(clinic.walk_in(number, doctor_id=2 + number % 2) for number in range(10, 60)))
    last = await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.total == 50)
    assert len(clinic.ear.all(QueueUpdated)) - before <= 25
    assert last == QueueUpdated.model_validate(await clinic.queue())
    of_doctor = await clinic.ear.wait_for(DoctorQueueUpdated, lambda picture: picture.total == 25)
    answer = await clinic.admin.get(f"/queue/doctor/{of_doctor.doctor_id}")
    assert of_doctor == DoctorQueueUpdated.model_validate(answer.json())


async def test_the_board_shows_tickets_and_nothing_about_people(clinic: Clinic) -> None:
    first, second, third = [await clinic.walk_in(number) for number in (5, 6, 7)]
    called = await clinic.do("call", second)
    await clinic.do("start", third)
    board = await clinic.ear.wait_for(BoardUpdated, lambda board: bool(board.in_progress))

    def ticket(number: int, status: str, called_time: str | None = None) -> dict[str, object]:
        return {"queue_number": number, "room_number": "R1", "status": status, "called_time": called_time}

    assert json.loads(encode(board)) == {
        "clinic_id": 1,
        "waiting": [ticket(first["queue_number"], "waiting")],
        "called": [ticket(2, "called", called["called_time"])],
        "in_progress": [ticket(3, "in_progress")],
    }


async def test_a_ticket_that_is_called_again_says_so_on_the_board_and_not_once_it_waits(
    clinic: Clinic,
) -> None:
    visit = await clinic.walk_in(5)
    await clinic.do("call", visit)
    first = await clinic.ear.wait_for(BoardUpdated, lambda board: bool(board.called))
    clinic.clock.forward(minutes=1)
    recalled = datetime.fromisoformat((await clinic.do("recall", visit))["called_time"])
    again = await clinic.ear.wait_for(BoardUpdated, lambda board: board.called != first.called)
    assert again.called == (first.called[0].model_copy(update={"called_time": recalled}),)
    await clinic.do("requeue", visit)
    board = await clinic.ear.wait_for(BoardUpdated, lambda board: bool(board.waiting))
    assert board.waiting[0].called_time is None


async def test_a_long_day_lists_the_newest_completed_and_counts_them_all(clinic: Clinic) -> None:
    ended = rules.NEWEST_COMPLETED + 3
    at = clinic.clock()
    async with clinic.service.database.transaction(at, "test") as change:
        for number in range(1, ended + 1):
            change.session.add(
                StoredVisit(
                    id=number,
                    clinic_id=1,
                    doctor_id=2,
                    patient_id=number,
                    service_id=3,
                    day=at.date(),
                    status="completed",
                    visit_type="walk_in",
                    queue_number=number,
                    rank=number,
                    check_in_time=at,
                    start_time=at,
                    end_time=at + timedelta(seconds=number),
                    created_at=at,
                )
            )
    await clinic.do("cancel", await clinic.walk_in(100))
    waiting = await clinic.walk_in(101)
    picture = await clinic.ear.wait_for(QueueUpdated, lambda picture: bool(picture.waiting))
    assert picture.total == ended + 1
    assert [item.id for item in picture.completed] == list(range(ended, ended - rules.NEWEST_COMPLETED, -1))
    assert picture == QueueUpdated.model_validate(await clinic.queue())
    whole = (await clinic.desk.get("/queue/clinic/1", params={"start_date": str(at.date())})).json()
    assert (len(whole["completed"]), whole["total"]) == (ended, ended + 1)
    assert [item["id"] for item in whole["waiting"]] == [waiting["id"]]
    phases = (await clinic.desk.get("/queue/phases/1")).json()["phases"]
    assert len(phases["completed"]) == rules.NEWEST_COMPLETED


async def test_the_completed_of_many_doctors_are_found_as_those_of_each_alone(clinic: Clinic) -> None:
    ended = [
        await clinic.visit_that_is("completed", 5 + number, doctor_id=2 + number % 2) for number in range(3)
    ]
    wanted = pictures.Wanted(1, clinic.clock().date())
    doctors = [*range(100, 100 + pictures.AT_ONCE), 3, 2]
    async with clinic.service.database.reading() as session:
        of_clinic, *of_doctors = await pictures.newest_completed(session, wanted, doctors)
        assert of_clinic == await pictures.completed(session, wanted)
        assert of_doctors == [await pictures.completed(session, wanted.of_doctor(id)) for id in doctors]
    assert [item.id for item in of_doctors[-1]] == [ended[2]["id"], ended[0]["id"]]


async def test_the_columns_are_sent_after_a_card_was_moved_and_not_after_a_call(clinic: Clinic) -> None:
    visit = await clinic.walk_in(5)
    for verb in ("call", "requeue", "call"):
        await clinic.do(verb, visit)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: bool(picture.called))
    # The catalogue's first naming, and nothing since.
    quiet = [event for event in clinic.ear.all(PhasesUpdated) if event.phases.waiting]
    assert quiet == []
    body = {"visit_id": visit["id"], "from_phase": "waiting", "to_phase": "with_doctor"}
    assert (await clinic.desk.post("/queue/phases/move", json=body)).status_code == 200
    whole = await clinic.ear.wait_for(PhasesUpdated, lambda event: bool(event.phases.with_doctor))
    part = await clinic.ear.wait_for(DoctorPhasesUpdated, lambda event: bool(event.phases.with_doctor))
    answer = (await clinic.desk.get("/queue/phases/1")).json()
    assert PhasesOfDay.model_validate(answer) == PhasesOfDay(**dict(whole))
    answer = (await clinic.desk.get("/queue/phases/1", params={"doctor_id": 2})).json()
    assert DoctorPhasesUpdated(**answer, doctor_id=2) == part


async def test_the_columns_are_sent_after_an_appointments_status_changed(clinic: Clinic) -> None:
    event = booking(5, clinic.clock.at)
    await clinic.appointments.say(event)
    await clinic.ear.wait_for(PhasesUpdated, lambda event: bool(event.phases.appointments_today))
    await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    await clinic.ear.wait_for(QueueUpdated, lambda picture: bool(picture.waiting))
    assert not [event for event in clinic.ear.all(PhasesUpdated) if event.phases.waiting]
    await clinic.appointments.say(updated(event, status="checked_in"), version=2)
    told = await clinic.ear.wait_for(PhasesUpdated, lambda event: bool(event.phases.waiting))
    sent = len(clinic.ear.all(PhasesUpdated))
    await clinic.appointments.say(updated(event, status="checked_in", notes="Other notes"), version=3)
    card = "/queue/phases/1"
    await clinic.until(card, lambda found: found["phases"]["waiting"][0]["notes"] == "Other notes")
    await clinic.walk_in(6)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.total == 2)
    assert (told.phases.waiting[0].id, len(clinic.ear.all(PhasesUpdated))) == (1005, sent)


async def test_at_a_clinics_midnight_its_pictures_are_of_another_day(clinic: Clinic) -> None:
    await clinic.walk_in(5)
    elsewhere = clinic.person(Role.RECEPTIONIST, (8,))
    body = WALK_IN | {"clinic_id": 8, "doctor_id": 9, "service_id": 7}
    assert (await elsewhere.post("/queue/walkin", json=body)).status_code == 201
    await clinic.ear.wait_for(QueueUpdated, lambda picture: (picture.clinic_id, picture.total) == (8, 1))
    # 15:30 in UTC, 00:30 of the next day in Tokyo.
    clinic.clock.forward(hours=6)
    heard = len(clinic.ear.heard)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: (picture.clinic_id, picture.total) == (8, 0))
    await clinic.ear.wait_for(BoardUpdated, lambda board: board.clinic_id == 8 and not board.waiting)
    await clinic.ear.wait_for(DoctorQueueUpdated, lambda part: part.clinic_id == 8 and not part.waiting)
    assert (await clinic.queue(8))["total"] == 0
    assert (await clinic.queue(1))["total"] == 1
    assert not [event for event in clinic.ear.heard[heard:] if event.clinic_number() == 1]


async def test_a_patients_new_name_is_shown_where_they_wait(clinic: Clinic) -> None:
    await clinic.walk_in(4)
    tag = (await clinic.desk.get("/queue/clinic/1")).headers["ETag"]
    renamed = builders.patient_card(id=4, name="Paula Newly-Named")
    await clinic.patients.say(PatientUpdated(patient=renamed), version=2)
    picture = await clinic.ear.wait_for(QueueUpdated, lambda picture: "Newly-Named" in str(picture.waiting))
    assert picture.waiting[0].patient_phone == renamed.phone
    again = await clinic.desk.get("/queue/clinic/1", headers={"If-None-Match": tag})
    assert (again.status_code, again.json()["waiting"][0]["patient_name"]) == (200, "Paula Newly-Named")


async def test_a_clinic_and_a_doctor_first_named_have_an_empty_queue(clinic: Clinic) -> None:
    await clinic.appointments.say(ClinicChanged(clinic=builders.clinic(id=5), clinic_id=5))
    queue = await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.clinic_id == 5)
    assert (queue.total, queue.waiting, queue.completed) == (0, (), ())
    await clinic.ear.wait_for(BoardUpdated, lambda picture: picture.clinic_id == 5)
    newcomer = builders.doctor(id=6, clinic_id=5)
    await clinic.appointments.say(DoctorChanged(doctor=newcomer, clinic_id=5))
    part = await clinic.ear.wait_for(DoctorQueueUpdated, lambda picture: picture.doctor_id == 6)
    assert (part.clinic_id, part.total) == (5, 0)


async def test_a_payment_makes_the_pictures_again_and_is_on_the_card(clinic: Clinic, payments: Other) -> None:
    visit = await clinic.walk_in(4)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.total == 1)
    payment = builders.payment(id=8, visit_id=visit["id"], patient_id=4)
    await payments.say(example(PaymentRecorded, payment=payment))
    shown = None
    while shown is None:
        # Not the next one always: a clinic that was named for the first time is shown by itself, too.
        await clinic.ear.wait_for(QueueUpdated)
        phases = (await clinic.desk.get("/queue/phases/1")).json()["phases"]
        shown = phases["waiting"][0]["payment_id"]
    assert shown == 8


async def test_what_a_crash_left_unshown_is_shown_after_the_start(
    broker: Broker, clock: Clock, database_url: str
) -> None:
    await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
    settings = broker.settings("queue", database_url=database_url)
    async with listening(broker) as ear, playing(broker, Process.APPOINTMENT) as appointments:
        async with service_running(replace(PARTS, background=()), settings, clock):
            await appointments.say(booking(5, clock.at))
            await appointments.say(booking(6, clock.at))
            await appointments.say(cancelled(booking(6, clock.at)), version=2)
            await ear.wait_for(VisitCancelled)
        assert ear.all(QueueUpdated) == []
        async with service_running(PARTS, settings, clock):
            # Of a clinic that is not in the catalogue here: nothing else would have it shown.
            assert (await ear.wait_for(QueueUpdated)).total == 1
            assert len((await ear.wait_for(PhasesUpdated)).phases.appointments_today) == 1
            assert (await ear.wait_for(DoctorQueueUpdated)).total == 1


async def test_on_a_new_stream_every_picture_is_made_again(clinic: Clinic) -> None:
    await clinic.walk_in(5)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.total == 1)
    await projector.mark_everything(clinic.service)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: (picture.clinic_id, picture.total) == (1, 1))
    await clinic.ear.wait_for(BoardUpdated, lambda board: board.clinic_id == 1)
    await clinic.ear.wait_for(PhasesUpdated, lambda event: event.clinic_id == 1)
    await clinic.ear.wait_for(DoctorQueueUpdated, lambda part: (part.doctor_id, part.total) == (2, 1))
    await clinic.ear.wait_for(DoctorQueueUpdated, lambda part: part.doctor_id == 3)
