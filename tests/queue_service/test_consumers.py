"""What queue_service does about the others' events, heard from a real stream."""

from datetime import timedelta

from contracts import (
    AppointmentCompleted,
    ClinicChanged,
    DoctorQueueUpdated,
    NewCheckin,
    PhasesUpdated,
    QueueUpdated,
    VisitCancelled,
    VisitStatusChanged,
)
from contracts.shapes import Appointment
from tests.builders import example
from tests.queue_service.clinic import Clinic, Json, booking, cancelled, updated, visit_of


async def visits(clinic: Clinic, **params: object) -> list[Json]:
    """GET /visits."""
    answer = await clinic.admin.get("/visits", params={key: str(value) for key, value in params.items()})
    found: list[Json] = answer.json()["visits"]
    return found


async def test_an_appointment_is_one_visit_to_come_however_often_it_is_heard_of(clinic: Clinic) -> None:
    event = booking(5, clinic.clock.at)
    said = await clinic.appointments.say(event)
    await clinic.appointments.say(event, message_id=said)
    await clinic.appointments.say(event)
    await clinic.book(6)
    assert [visit["id"] for visit in await visits(clinic)] == [2006, 2005]
    assert (await clinic.queue())["total"] == 2
    shown = (await clinic.admin.get("/queue/phases/1")).json()["phases"]["appointments_today"]
    assert [(card["id"], card["booking_id"], card["visit_id"]) for card in shown] == [
        (1005, "BK-5", 2005),
        (1006, "BK-6", 2006),
    ]
    assert not clinic.ear.all(VisitStatusChanged)


async def test_a_moved_appointment_moves_its_visit(clinic: Clinic) -> None:
    event = booking(5, clinic.clock.at)
    visit = await clinic.book(5, clinic.clock.at)
    tomorrow = clinic.clock.at + timedelta(days=1)
    moved = updated(event, doctor_id=3, start_time=tomorrow, end_time=tomorrow + timedelta(minutes=15))
    await clinic.appointments.say(moved, version=3)
    now = await clinic.until("/visits/2005", lambda found: found["visit"]["doctor_id"] == 3)
    assert now["visit"]["version"] == visit["version"] + 1
    await clinic.ear.wait_for(DoctorQueueUpdated, lambda part: part.doctor_id == 2)
    late = updated(event, notes="Said before, heard after")
    await clinic.appointments.say(late, version=2)
    await clinic.book(6)
    assert (await clinic.queue())["total"] == 1
    clinic.clock.forward(days=1)
    checked_in = await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    assert visit_of(checked_in, 201)["doctor_id"] == 3
    back = updated(event, start_time=clinic.clock.at)
    await clinic.appointments.say(back, version=4)
    await clinic.book(7)
    assert visit_of(await clinic.admin.get("/visits/2005"))["doctor_id"] == 3


async def test_an_appointment_moved_to_another_clinic_takes_its_visit_along(clinic: Clinic) -> None:
    await clinic.book(5)
    elsewhere = updated(booking(5, clinic.clock.at), clinic_id=8, doctor_id=9, service_id=7)
    await clinic.appointments.say(elsewhere, version=2)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: (picture.clinic_id, picture.total) == (8, 1))
    assert (await clinic.queue(1))["total"] == 0
    assert (await clinic.queue(8))["total"] == 1
    assert (await clinic.desk.get("/visits/2005")).status_code == 403


async def test_a_cancelled_appointment_leaves_no_visit_waiting(clinic: Clinic) -> None:
    await clinic.book(5)
    await clinic.book(6)
    await clinic.desk.post("/queue/checkin", json={"appointment_id": 1006})
    for number in (5, 6, 6):
        await clinic.appointments.say(cancelled(booking(number, clinic.clock.at)), version=2)
    for number in (5, 6):
        told = await clinic.ear.wait_for(VisitCancelled)
        assert (told.visit_id, told.reason) == (2000 + number, "The appointment was cancelled")
        changed = await clinic.ear.wait_for(VisitStatusChanged)
        assert (changed.visit.id, changed.visit.status) == (2000 + number, "cancelled")
    await clinic.book(7)
    assert (await clinic.queue())["total"] == 1
    assert len(clinic.ear.all(VisitCancelled)) == 2


async def test_who_is_with_the_doctor_stays_there_though_the_appointment_is_cancelled(clinic: Clinic) -> None:
    await clinic.book(5)
    visit = visit_of(await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005}), 201)
    started = await clinic.do("start", visit)
    await clinic.appointments.say(cancelled(booking(5, clinic.clock.at)), version=2)
    await clinic.book(6)
    assert visit_of(await clinic.admin.get("/visits/2005")) == started


async def test_a_booking_for_another_day_is_not_in_todays_queue(clinic: Clinic) -> None:
    # 16:00 in UTC is the next day in Tokyo, where clinic 8 is; here it is still today.
    later = clinic.clock.at.replace(hour=16)
    await clinic.book(5, later)
    await clinic.book(6, later, clinic_id=8, doctor_id=9, service_id=7)
    assert (await clinic.queue(1))["total"] == 1
    assert (await clinic.queue(8))["total"] == 0
    assert [visit["id"] for visit in await visits(clinic, date=later.date())] == [2005]


async def test_a_completed_appointment_is_shown_whichever_of_its_events_comes_first(clinic: Clinic) -> None:
    event = booking(5, clinic.clock.at)
    await clinic.book(5, clinic.clock.at)
    await clinic.ear.wait_for(PhasesUpdated, lambda told: bool(told.phases.appointments_today))
    visit = visit_of(await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005}), 201)
    await clinic.do("complete", await clinic.do("start", visit))
    done = Appointment.model_validate(event.appointment.model_dump() | {"status": "completed"})
    completed = AppointmentCompleted(appointment=done, clinic_id=1, doctor_id=2, visit=event.visit)
    await clinic.appointments.say(completed, version=2)
    await clinic.ear.wait_for(PhasesUpdated, lambda told: bool(told.phases.completed))
    await clinic.appointments.say(updated(event, status="completed"), version=2)
    await clinic.book(6)
    answer = (await clinic.admin.get("/queue/upcoming", params={"clinic_id": 1})).json()
    assert [appointment["id"] for appointment in answer["appointments"]] == [1006]


async def test_a_clinic_in_a_time_zone_that_there_is_not_stops_nothing(clinic: Clinic) -> None:
    right = example(ClinicChanged)
    nowhere = right.clinic.model_copy(update={"id": 9, "time_zone": "Nowhere/Atlantis"})
    await clinic.appointments.say(right.model_copy(update={"clinic": nowhere}))
    await clinic.book(5)
    assert (await clinic.queue())["total"] == 1


async def test_a_deleted_patient_is_named_nowhere_and_can_be_seen_off(clinic: Clinic) -> None:
    visit = await clinic.walk_in(5)
    await clinic.forget_patient(5)
    queue = await clinic.queue()
    assert "Paula" not in str(queue)
    assert queue["waiting"][0]["patient_phone"] == ""
    for verb in ("call", "start", "complete"):
        visit = await clinic.do(verb, visit)
    assert visit["status"] == "completed"


async def test_a_check_in_is_told_with_the_card_as_it_was_last_heard_of(clinic: Clinic) -> None:
    await clinic.book(5)
    await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    assert (await clinic.ear.wait_for(NewCheckin)).patient.name == "Paula Placeholder 5"
