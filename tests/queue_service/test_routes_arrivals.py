"""How patients come into the queue over HTTP, and in which order they stand there."""

import asyncio
from datetime import timedelta

from chassis.service import Service
from contracts import NewCheckin, QueueReordered, VisitStatusChanged, WalkinAdded
from contracts.event import Process
from contracts.identity import Role
from contracts.questions import PlannedVisit
from tests.others import Ear, Other, playing
from tests.parts import Broker, client, token
from tests.queue_service.clinic import Clinic, Clock, Json, booking, named, patients_answer, visit_of

WALK_IN: Json = {"patient_id": 4, "clinic_id": 1, "doctor_id": 2, "service_id": 3}


async def check_in(clinic: Clinic, number: int) -> Json:
    """Appointment 1000 + `number`'s visit, checked in."""
    body = {"appointment_id": 1000 + number}
    return visit_of(await clinic.desk.post("/queue/checkin", json=body), 201)


async def test_a_check_in_gives_a_ticket_and_a_second_one_the_same_visit(clinic: Clinic) -> None:
    planned = await clinic.book(5)
    assert (planned["status"], planned["queue_number"], planned["check_in_time"]) == ("scheduled", None, None)
    first = await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    assert (first.status_code, first.json()["queue_number"]) == (201, 1)
    visit = visit_of(first, 201)
    assert (visit["id"], visit["status"], visit["position"]) == (planned["id"], "waiting", 1)
    told = await clinic.ear.wait_for(NewCheckin)
    assert (told.visit.id, told.patient.id, told.clinic_id, told.doctor_id) == (visit["id"], 5, 1, 2)
    assert (await clinic.ear.wait_for(VisitStatusChanged)).visit == told.visit
    again = await clinic.desk.post("/visits/check-in", json={"appointment_id": 1005})
    assert (again.status_code, visit_of(again), again.json()["queue_number"]) == (200, visit, 1)
    called = await clinic.do("call", visit)
    assert visit_of(await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})) == called
    assert len(clinic.ear.all(NewCheckin)) == 1


async def test_two_check_ins_at_once_are_one(clinic: Clinic) -> None:
    await clinic.book(5)
    answers = await asyncio.gather(
        *(clinic.desk.post("/queue/checkin", json={"appointment_id": 1005}) for _ in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({str(answer.json()["visit"]) for answer in answers}) == 1


async def test_an_appointment_not_heard_of_yet_is_read_through_and_its_event_changes_nothing(
    clinic: Clinic,
) -> None:
    event = booking(5, clinic.clock.at)
    clinic.planned[5] = PlannedVisit(appointment=event.appointment, version=1, visit=event.visit)
    visit = await check_in(clinic, 5)
    assert (visit["id"], visit["status"]) == (event.visit.id, "waiting")
    await clinic.appointments.say(event)
    await clinic.book(6)
    assert visit_of(await clinic.desk.get(f"/visits/{visit['id']}")) == visit


async def test_a_patient_nobody_knows_is_refused(clinic: Clinic) -> None:
    for unknown in ({"patient_id": 901}, {"doctor_id": 901}, {"service_id": 901}):
        answer = await clinic.desk.post("/queue/walkin", json=WALK_IN | unknown)
        assert answer.status_code == 404, answer.text
    assert (
        await clinic.person(Role.ADMIN, "*").post("/queue/walkin", json=WALK_IN | {"clinic_id": 901})
    ).status_code == 404
    assert (await clinic.queue())["total"] == 0


async def test_a_doctor_or_service_of_another_clinic_is_refused(clinic: Clinic) -> None:
    for elsewhere in ({"doctor_id": 9}, {"service_id": 7}):
        assert (await clinic.desk.post("/queue/walkin", json=WALK_IN | elsewhere)).status_code == 422
    assert (await clinic.desk.post("/queue/walkin", json=WALK_IN | {"clinic_id": 8})).status_code == 403


async def test_what_is_not_known_and_cant_be_asked_is_503_with_retry_after(
    broker: Broker, service: Service, clock: Clock, ear: Ear, appointments: Other
) -> None:
    await named(ear, appointments)
    async with client(service, token(Role.RECEPTIONIST, now=clock.at)) as desk:
        away = await desk.post("/queue/walkin", json=WALK_IN)
        assert (away.status_code, away.headers["Retry-After"]) == (503, "2"), away.text
        async with playing(broker, Process.PATIENT, patients_answer()):
            back = await desk.post("/queue/walkin", json=WALK_IN)
        assert back.status_code == 201


async def test_a_patient_waits_for_a_doctor_once(clinic: Clinic) -> None:
    visit = await clinic.walk_in(4)
    assert (await clinic.ear.wait_for(WalkinAdded)).visit.id == visit["id"]
    again = await clinic.desk.post("/queue/walkin", json=WALK_IN)
    assert (again.status_code, again.json()["visit"]) == (409, visit)
    other = await clinic.walk_in(4, doctor_id=3)
    assert other["queue_number"] == 2
    await clinic.book(5, patient_id=4)
    booked = await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    assert (booked.status_code, booked.json()["visit"]["id"]) == (409, visit["id"])
    await clinic.do("cancel", visit)
    assert (await check_in(clinic, 5))["queue_number"] == 3
    back = await clinic.admin.put(f"/visits/{visit['id']}/status", json={"status": "waiting"})
    assert back.status_code == 409


async def test_an_appointment_is_checked_in_on_its_own_day(clinic: Clinic) -> None:
    await clinic.book(5, clinic.clock.at + timedelta(days=1))
    early = await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    assert (early.status_code, early.json()["visit"]["status"]) == (409, "scheduled")
    clinic.clock.forward(days=1)
    assert (await check_in(clinic, 5))["queue_number"] == 1


async def test_a_cancelled_appointment_is_not_checked_in(clinic: Clinic) -> None:
    visit = await clinic.book(5)
    await clinic.do("cancel", visit)
    answer = await clinic.desk.post("/queue/checkin", json={"appointment_id": 1005})
    assert (answer.status_code, answer.json()["visit"]["status"]) == (409, "cancelled")


async def test_tickets_are_never_given_twice_nor_renumbered(clinic: Clinic) -> None:
    visits = [await clinic.walk_in(number) for number in (5, 6, 7)]
    assert [visit["queue_number"] for visit in visits] == [1, 2, 3]
    await clinic.do("cancel", visits[2])
    assert (await clinic.walk_in(8))["queue_number"] == 4
    body = {"visit_id": visits[1]["id"], "new_position": 1}
    moved = visit_of(await clinic.desk.put("/queue/reorder", json=body))
    assert (moved["queue_number"], moved["position"]) == (2, 1)
    await clinic.do("skip", visits[0])
    back = await clinic.set(visits[0], "waiting")
    assert back["queue_number"] == 1
    tickets = [item["queue_number"] for item in (await clinic.queue())["waiting"]]
    assert tickets == [2, 4, 1]
    assert (await clinic.walk_in(9, doctor_id=3))["queue_number"] == 5


async def test_who_missed_a_planned_visit_gets_a_ticket_when_reinstated(clinic: Clinic) -> None:
    visit = await clinic.book(5)
    await clinic.do("skip", visit)
    back = await clinic.set(visit, "waiting")
    assert (back["queue_number"], back["position"]) == (1, 1)
    assert back["check_in_time"]


async def test_the_urgent_go_first_then_who_came_first(clinic: Clinic) -> None:
    first, second = await clinic.walk_in(5), await clinic.walk_in(6)
    urgent = await clinic.walk_in(7, priority=5)
    later = await clinic.walk_in(8, priority=5)
    assert urgent["position"] == 1
    assert later["position"] == 2
    order = [urgent["id"], later["id"], first["id"], second["id"]]
    assert await clinic.line() == order
    next_one = {"clinic_id": 1, "doctor_id": 2}
    for expected in order:
        called = visit_of(await clinic.desk.post("/queue/call", json=next_one))
        assert called["id"] == expected
    assert (await clinic.desk.post("/queue/call", json=next_one)).status_code == 409


async def test_an_appointment_waits_from_the_later_of_arrival_and_booked_time(clinic: Clinic) -> None:
    start = clinic.clock.at
    await clinic.book(5, start + timedelta(minutes=30))
    await clinic.book(6, start - timedelta(minutes=30))
    early = await check_in(clinic, 5)
    walk_in = await clinic.walk_in(7)
    late = await check_in(clinic, 6)
    assert await clinic.line() == [walk_in["id"], late["id"], early["id"]]
    clinic.clock.forward(minutes=45)
    after = await clinic.walk_in(8)
    assert await clinic.line() == [walk_in["id"], late["id"], early["id"], after["id"]]


async def test_a_patient_is_put_at_the_place_that_is_asked_for(clinic: Clinic) -> None:
    ids = [(await clinic.walk_in(number))["id"] for number in range(5, 10)]
    for moved, place in ((4, 1), (0, 3), (2, 5), (1, 1), (3, 100), (2, 2), (2, 2)):
        body = {"visit_id": ids[moved], "new_position": place}
        visit = visit_of(await clinic.desk.put("/queue/reorder", json=body))
        expected = [id for id in await clinic.line() if id != ids[moved]]
        expected.insert(place - 1, ids[moved])
        assert await clinic.line() == expected
        assert visit["position"] == min(place, 5)
        told = await clinic.ear.wait_for(QueueReordered)
        assert (told.visit_id, told.new_position, told.clinic_id) == (ids[moved], visit["position"], 1)


async def test_a_place_is_found_between_two_however_often_it_is_asked_for(clinic: Clinic) -> None:
    ids = [(await clinic.walk_in(number))["id"] for number in range(5, 9)]
    for turn in range(16):
        # Always between the first and the second: the room between their ranks is halved each time.
        moved = (await clinic.line())[2]
        body = {"visit_id": moved, "new_position": 2}
        assert (await clinic.desk.put("/queue/reorder", json=body)).status_code == 200, turn
        assert (await clinic.line())[1] == moved
    assert sorted(await clinic.line()) == sorted(ids)


async def test_who_does_not_wait_has_no_place_to_be_moved_to(clinic: Clinic) -> None:
    for status in ("scheduled", "called", "completed", "no_show"):
        visit = await clinic.visit_that_is(status, 10)
        answer = await clinic.desk.put("/queue/reorder", json={"visit_id": visit["id"], "new_position": 1})
        assert (answer.status_code, answer.json()["visit"]) == (409, visit)
        if status in ("scheduled", "called"):
            await clinic.do("cancel", visit)


async def test_who_is_requeued_goes_behind_those_who_wait(clinic: Clinic) -> None:
    await clinic.book(5, clinic.clock.at + timedelta(hours=1))
    urgent = await clinic.walk_in(6, priority=9)
    early = await check_in(clinic, 5)
    walk_in = await clinic.walk_in(7)
    called = await clinic.do("call", urgent)
    back = await clinic.do("requeue", called)
    assert (back["status"], back["position"], back["queue_number"]) == ("waiting", 3, urgent["queue_number"])
    assert await clinic.line() == [walk_in["id"], early["id"], urgent["id"]]
    called = visit_of(await clinic.desk.post("/queue/call", json={"clinic_id": 1, "doctor_id": 2}))
    assert called["id"] == walk_in["id"]


async def test_who_is_moved_back_from_the_doctor_has_their_place_again(clinic: Clinic) -> None:
    visits = [await clinic.walk_in(number) for number in (5, 6)]
    started = await clinic.do("start", visits[0])
    await clinic.set(started, "waiting")
    assert await clinic.line() == [visits[0]["id"], visits[1]["id"]]


async def test_a_recall_is_told_and_the_patient_stays_called(clinic: Clinic) -> None:
    called = await clinic.do("call", await clinic.walk_in())
    again = await clinic.do("recall", called)
    assert again["status"] == "called"
    assert again["called_time"] > called["called_time"]
    told = await clinic.ear.wait_for(
        VisitStatusChanged, lambda event: event.visit.version == again["version"]
    )
    assert told.visit.status == "called"


async def test_two_who_call_the_next_at_once_get_two_patients(clinic: Clinic) -> None:
    visits = [await clinic.walk_in(number) for number in range(5, 15)]
    next_one = {"clinic_id": 1, "doctor_id": 2}
    answers = await asyncio.gather(*(clinic.desk.post("/queue/call", json=next_one) for _ in range(12)))
    called = [visit_of(answer)["id"] for answer in answers if answer.status_code == 200]
    assert sorted(called) == sorted(visit["id"] for visit in visits)
    assert sorted(answer.status_code for answer in answers)[-2:] == [409, 409]


async def test_two_who_call_the_same_patient_at_once_reach_them_once(clinic: Clinic) -> None:
    visit = await clinic.walk_in()
    answers = await asyncio.gather(
        *(clinic.desk.post("/queue/call", json={"visit_id": visit["id"]}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["visit"]["status"] == "called"


async def test_the_next_one_is_called_for_ones_own_line_only(clinic: Clinic) -> None:
    await clinic.walk_in(5, doctor_id=3)
    mine = await clinic.walk_in(6)
    assert (await clinic.doctor.post("/queue/call", json={"clinic_id": 1, "doctor_id": 3})).status_code == 403
    assert (await clinic.desk.post("/queue/call", json={"clinic_id": 8, "doctor_id": 9})).status_code == 403
    called = await clinic.doctor.post("/queue/call", json={"clinic_id": 1, "doctor_id": 2})
    assert visit_of(called)["id"] == mine["id"]
    assert (await clinic.desk.post("/queue/call", json={"doctor_id": 2})).status_code == 422
