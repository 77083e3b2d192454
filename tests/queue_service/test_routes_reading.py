"""What the queue's routes that read answer, and to whom."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from contracts import DoctorQueueUpdated, PaymentRecorded, QueueUpdated
from contracts.identity import Role
from queue_service import shapes
from tests import builders
from tests.builders import example
from tests.others import Other
from tests.queue_service.clinic import Clinic, Json, booking, updated, visit_of


async def test_a_queue_is_answered_by_status_with_names_and_its_total(clinic: Clinic) -> None:
    visits = {status: await clinic.visit_that_is(status, 10 + n) for n, status in enumerate(STATUSES)}
    answer = await clinic.desk.get("/api/queue/clinic/1")
    queue = shapes.Queue.model_validate(answer.json())
    shown = {
        status: [item.id for item in getattr(queue, status)]
        for status in ("waiting", "called", "in_progress", "completed")
    }
    assert shown == {status: [visits[status]["id"]] for status in shown}
    assert queue.total == 5
    (item,) = answer.json()["called"]
    assert item == {
        "id": visits["called"]["id"],
        "queue_number": visits["called"]["queue_number"],
        "patient_name": "Paula Placeholder 12",
        "patient_phone": "+100000000004",
        "doctor_name": "Dr. Sample Stethoscope",
        "service_name": "Consultation",
        "visit_type": "walk_in",
        "check_in_time": visits["called"]["check_in_time"],
        "start_time": None,
        "end_time": None,
        "status": "called",
        "version": 2,
    }


STATUSES = ("scheduled", "waiting", "called", "completed", "cancelled", "no_show", "in_progress")


async def test_a_queue_that_has_not_changed_is_304(clinic: Clinic) -> None:
    visit = await clinic.walk_in()
    for path in ("/queue/clinic/1", "/queue/doctor/22", "/queue/phases/1", "/visits/queue?clinic_id=1"):
        first = await clinic.desk.get(path)
        seen = {"If-None-Match": first.headers["ETag"]}
        same = await clinic.desk.get(path, headers=seen)
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", first.headers["ETag"])
        visit = await clinic.do("call" if visit["status"] == "waiting" else "requeue", visit)
        assert (await clinic.desk.get(path, headers=seen)).status_code == 200
    tags = [
        (await clinic.desk.get(path)).headers["ETag"]
        for path in ("/queue/clinic/1", "/queue/doctor/22", "/queue/doctor/33", "/queue/phases/1")
    ]
    assert len(set(tags)) == 4
    other_day = await clinic.desk.get("/queue/clinic/1", params={"start_date": "2026-03-01"})
    assert other_day.headers["ETag"] not in tags


async def test_a_queue_is_shown_to_staff_of_the_clinic_and_a_doctor_sees_own_patients(clinic: Clinic) -> None:
    mine, other = await clinic.walk_in(5), await clinic.walk_in(6, doctor_id=3)
    for path in ("/queue/clinic/1", "/queue/phases/1", "/queue/statistics/1", "/visits/queue?clinic_id=1"):
        for stranger in (clinic.person(Role.RECEPTIONIST, (8,)), clinic.person(Role.DISPLAY)):
            assert (await stranger.get(path)).status_code == 403
        assert (await clinic.person(Role.CASHIER).get(path)).status_code == 200
    queue = (await clinic.doctor.get("/queue/clinic/1")).json()
    assert ([item["id"] for item in queue["waiting"]], queue["total"]) == ([mine["id"]], 1)
    phases = (await clinic.doctor.get("/queue/phases/1")).json()["phases"]
    assert [card["id"] for card in phases["waiting"]] == [mine["id"]]
    for path in ("/queue/doctor/33", "/queue/doctor/3", "/queue/phases/1?doctor_id=3", "/visits?doctor_id=3"):
        assert (await clinic.doctor.get(path)).status_code == 403, path
    for either in (33, 3):
        part = (await clinic.desk.get(f"/queue/doctor/{either}")).json()
        assert (part["doctor_id"], part["clinic_id"], part["total"]) == (3, 1, 1)
        assert part["waiting"][0]["id"] == other["id"]
    assert (await clinic.desk.get("/queue/doctor/99")).status_code == 403
    assert (await clinic.desk.get("/queue/doctor/77")).status_code == 404
    listed = (await clinic.doctor.get("/visits")).json()
    assert [visit["id"] for visit in listed["visits"]] == [mine["id"]]


async def test_a_queue_of_other_days_is_asked_for_by_dates(clinic: Clinic) -> None:
    first = clinic.clock.at.date()
    for number in (5, 6, 7):
        await clinic.do("complete", await clinic.do("start", await clinic.walk_in(number)))
        clinic.clock.forward(days=1)

    async def total(**days: date) -> int:
        params = {name: str(day) for name, day in days.items()}
        queue = (await clinic.desk.get("/queue/clinic/1", params=params)).json()
        assert queue["total"] == len(queue["completed"])
        return int(queue["total"])

    second, third = first + timedelta(days=1), first + timedelta(days=2)
    assert await total() == 0
    assert await total(start_date=second) == 1
    assert await total(end_date=second) == 1
    assert await total(start_date=first, end_date=third) == 3
    backwards = await clinic.desk.get(
        "/queue/clinic/1", params={"start_date": str(third), "end_date": str(first)}
    )
    assert backwards.status_code == 422


async def test_the_columns_hold_appointments_and_walk_ins(clinic: Clinic) -> None:
    now = clinic.clock.at
    later, sooner = await clinic.book(5, now + timedelta(hours=2)), await clinic.book(6, now)
    walk_in = await clinic.walk_in(7, notes="Limps")
    called = await clinic.do("call", await clinic.walk_in(8))
    answer = (await clinic.desk.get("/queue/phases/1", params={"date": "2026-03-02"})).json()
    found = shapes.PhasesOfDay.model_validate(answer)
    assert (found.date, found.clinic_id) == (date(2026, 3, 2), 1)
    assert [card.visit_id for card in found.phases.appointments_today] == [sooner["id"], later["id"]]
    assert [card.visit_id for card in found.phases.waiting] == [called["id"], walk_in["id"]]
    booked = found.phases.appointments_today[0]
    assert (booked.id, booked.booking_id, booked.start_time, booked.clinic_name) == (
        1006,
        "BK-6",
        now,
        "Clinic of the Example",
    )
    first, second = found.phases.waiting
    assert (first.visit_status, first.queue_phase) == ("called", "waiting")
    assert (second.id, second.booking_id, second.notes) == (walk_in["id"], None, "Limps")


async def test_the_days_numbers_are_counted_and_timed(clinic: Clinic) -> None:
    empty = (await clinic.desk.get("/queue/statistics/1")).json()
    assert (empty["wait_p50_minutes"], empty["avg_wait_time_minutes"]) == (None, 0.0)
    waits = (5, 10, 30)
    for number, minutes in enumerate(waits, start=5):
        visit = await clinic.walk_in(number)
        clinic.clock.forward(minutes=minutes)
        visit = await clinic.do("call", visit)
        visit = await clinic.do("start", visit)
        clinic.clock.forward(minutes=20)
        await clinic.do("complete", visit)
    await clinic.book(20)
    await clinic.walk_in(21)
    await clinic.do("call", await clinic.walk_in(22))
    await clinic.do("start", await clinic.walk_in(23))
    await clinic.do("cancel", await clinic.walk_in(24))
    answer = (await clinic.desk.get("/queue/statistics/1", params={"date": "2026-03-02"})).json()
    assert answer == {
        "date": "2026-03-02",
        "total_appointments": 1,
        "waiting_count": 1,
        "called_count": 1,
        "in_progress_count": 1,
        "completed_count": 3,
        "avg_wait_time_minutes": pytest.approx(9.0, abs=0.05),
        "avg_consultation_time_minutes": pytest.approx(20.0, abs=0.05),
        "wait_p50_minutes": pytest.approx(5.0, abs=0.05),
        "wait_p90_minutes": pytest.approx(22.0, abs=0.05),
    }


async def test_upcoming_are_the_confirmed_appointments_of_the_day(clinic: Clinic) -> None:
    now = clinic.clock.at
    await clinic.book(5, now + timedelta(hours=1))
    await clinic.book(6, now)
    await clinic.book(7, now + timedelta(days=1))
    await clinic.book(8, now, doctor_id=3)
    await clinic.appointments.say(updated(booking(6, now), status="checked_in"), version=2)
    await clinic.book(9, now, clinic_id=8, doctor_id=9, service_id=7)

    async def ids(path: str, **params: str) -> list[int]:
        answer = await clinic.desk.get(path, params=params)
        found = shapes.UpcomingAppointments.model_validate(answer.json())
        return [appointment.id for appointment in found.appointments]

    assert await ids("/queue/upcoming") == [1008, 1005]
    assert await ids("/queue/appointments", clinic_id="1") == [1006, 1008, 1005]
    assert await ids("/queue/appointments", date="2026-03-03") == [1007]
    assert (await clinic.desk.get("/queue/upcoming?clinic_id=8")).status_code == 403
    own = (await clinic.doctor.get("/queue/appointments")).json()["appointments"]
    assert [appointment["id"] for appointment in own] == [1006, 1005]


async def test_visits_are_listed_a_page_at_a_time_newest_first(clinic: Clinic) -> None:
    visits = [await clinic.walk_in(number) for number in range(5, 10)]
    await clinic.do("call", visits[0])
    ids = [visit["id"] for visit in reversed(visits)]

    async def page(**params: object) -> tuple[list[int], Json]:
        given = {name: str(value) for name, value in params.items()}
        answer = (await clinic.desk.get("/visits", params=given)).json()
        shapes.VisitList.model_validate(answer)
        return [visit["id"] for visit in answer["visits"]], answer["pagination"]

    assert await page(per_page=2) == (
        ids[:2],
        {"page": 1, "per_page": 2, "total": 5, "pages": 3, "has_next": True, "has_prev": False},
    )
    assert await page(per_page=2, page=3) == (
        ids[4:],
        {"page": 3, "per_page": 2, "total": 5, "pages": 3, "has_next": False, "has_prev": True},
    )
    assert (await page(status="called"))[0] == [visits[0]["id"]]
    assert (await page(patient_id=6, clinic_id=1))[0] == [visits[1]["id"]]
    assert (await page(date="2026-03-01"))[0] == []
    assert (await page(start_date="2026-03-01", end_date="2026-03-02"))[0] == ids
    assert (await clinic.desk.get("/visits?clinic_id=8")).status_code == 403
    assert (await clinic.person(Role.ADMIN, (8,)).get("/visits")).json()["visits"] == []


async def test_the_dashboard_counts_the_callers_day(clinic: Clinic, payments: Other) -> None:
    now = clinic.clock.at
    await clinic.book(5, now)
    await clinic.book(6, now)
    await clinic.appointments.say(updated(booking(6, now), status="checked_in"), version=2)
    paid = await clinic.do("complete", await clinic.do("start", await clinic.walk_in(7)))
    partly = await clinic.do("complete", await clinic.do("start", await clinic.walk_in(8)))
    unbilled = await clinic.do("complete", await clinic.do("start", await clinic.walk_in(9, doctor_id=3)))
    waiting = await clinic.walk_in(10)
    gone = await clinic.do("cancel", await clinic.walk_in(11))
    for number, (visit, status, amount, void) in enumerate(
        (
            (paid, "paid", "200.00", False),
            (partly, "partially_paid", "50.50", False),
            (gone, "pending", "0.00", True),
        )
    ):
        payment = builders.payment(id=80 + number, visit_id=visit["id"], status=status, amount_paid=amount)
        await payments.say(example(PaymentRecorded, payment=payment, void=void))
    stats = await clinic.until("/dashboard/stats?clinic_id=1", lambda found: found["payments"]["total"] == 2)
    expected = {
        "appointments": {"total": 2, "confirmed": 1, "checked_in": 1, "completed": 0},
        "visits": {
            "total": 6,
            "waiting": 1,
            "called": 0,
            "in_progress": 0,
            "pending_payment": 2,
            "completed": 3,
        },
        "payments": {"total": 2, "paid": 1, "revenue": 250.5},
        "alerts": [{"type": "pending_payment", "message": "2 completed and not fully paid"}],
        "date": "2026-03-02",
    }
    assert stats == expected
    assert (await clinic.desk.get("/dashboard/stats")).json() == expected
    own = shapes.DashboardStats.model_validate((await clinic.doctor.get("/dashboard/stats")).json())
    assert (own.visits.total, own.visits.pending_payment, own.payments.revenue) == (5, 1, Decimal("250.50"))
    assert unbilled["doctor_id"] == 3
    assert (await clinic.desk.get("/dashboard/stats?clinic_id=8")).status_code == 403
    assert (await clinic.desk.get("/dashboard/notifications")).json() == {"notifications": []}
    clinic.clock.forward(minutes=31)
    (notice,) = (await clinic.desk.get("/dashboard/notifications")).json()["notifications"]
    assert notice == {
        "type": "long_wait",
        "message": f"Ticket {waiting['queue_number']} is still waiting",
        "visit_id": waiting["id"],
        "at": waiting["check_in_time"],
    }


async def test_the_dashboards_day_is_the_clinics_own(clinic: Clinic) -> None:
    elsewhere = clinic.person(Role.RECEPTIONIST, (8,))
    clinic.clock.forward(hours=6)
    body = {"patient_id": 5, "clinic_id": 8, "doctor_id": 9, "service_id": 7}
    assert (await elsewhere.post("/queue/walkin", json=body)).status_code == 201
    await clinic.book(6, clinic.clock.at, clinic_id=8, doctor_id=9, service_id=7)
    stats = (await elsewhere.get("/dashboard/stats")).json()
    assert (stats["date"], stats["visits"]["total"], stats["appointments"]["total"]) == ("2026-03-03", 2, 1)
    upcoming = (await elsewhere.get("/queue/upcoming")).json()
    assert (upcoming["date"], len(upcoming["appointments"])) == ("2026-03-03", 1)


async def test_a_doctor_sees_who_is_with_them_and_completes_that(clinic: Clinic) -> None:
    assert (await clinic.doctor.get("/appointments/current")).json()["has_appointment"] is False
    nobody = await clinic.doctor.post("/appointments/current/complete")
    assert nobody.status_code == 409
    before = await clinic.do("complete", await clinic.do("start", await clinic.walk_in(5)), notes="Rest")
    clinic.clock.forward(minutes=5)
    await clinic.book(6, patient_id=5)
    visit = visit_of(await clinic.desk.post("/queue/checkin", json={"appointment_id": 1006}), 201)
    there = await clinic.do("start", visit)
    answer = (await clinic.doctor.get("/appointments/current")).json()
    current = shapes.CurrentAppointment.model_validate(answer)
    assert answer["visit"] == there | {"notes": None}
    assert answer["previous_visits"] == [before | {"notes": "Rest"}]
    assert (current.is_first_visit, current.visit_count, current.previous_appointments) == (False, 2, ())
    assert current.patient is not None
    assert (current.patient.name, current.patient.medical_history) == ("Paula Placeholder 5", "History of 5")
    assert current.appointment is not None
    assert (current.appointment.id, answer["appointment"]["visit"]) == (1006, there)
    assert [thing and thing.id for thing in (current.clinic, current.doctor, current.service)] == [1, 2, 3]
    assert (await clinic.person(Role.DOCTOR, doctor_id=3).get("/appointments/current")).json()[
        "visit"
    ] is None
    assert (await clinic.desk.get("/appointments/current")).status_code == 403
    done = await clinic.doctor.post("/appointments/current/complete", json={"notes": "All is well"})
    completed = shapes.CurrentCompleted.model_validate(done.json())
    assert (completed.visit.id, completed.visit.status) == (there["id"], "completed")
    assert completed.appointment is not None
    assert (completed.appointment.id, completed.appointment.status) == (1006, "completed")
    assert (await clinic.doctor.get("/appointments/current")).json()["has_appointment"] is False


async def test_what_a_doctor_noted_is_read_at_the_next_visit_by_that_doctor_and_nobody_else(
    clinic: Clinic,
) -> None:
    noted = await clinic.do("start", await clinic.walk_in(5, notes="Came with a cough"))
    now = (await clinic.doctor.get("/appointments/current")).json()
    assert (now["visit"]["notes"], now["previous_visits"]) == ("Came with a cough", [])
    await clinic.do("complete", noted, clinic.doctor, notes="Rest, and tea")
    clinic.clock.forward(days=1)
    await clinic.do("start", await clinic.walk_in(5))
    again = (await clinic.doctor.get("/appointments/current")).json()
    assert again["visit"]["notes"] is None
    assert [(one["id"], one["notes"]) for one in again["previous_visits"]] == [(noted["id"], "Rest, and tea")]
    # The same patient before another doctor, who has not seen them yet.
    await clinic.do("start", await clinic.walk_in(5, doctor_id=3))
    other = clinic.person(Role.DOCTOR, doctor_id=3)
    assert (await other.get("/appointments/current")).json()["previous_visits"] == []
    for reader in (clinic.desk, clinic.admin, other):
        answers = [await reader.get(path) for path in ("/visits?patient_id=5", f"/visits/{noted['id']}")]
        assert "Rest, and tea" not in "".join(answer.text for answer in answers)


async def test_a_picture_of_a_doctor_is_what_the_route_answers(clinic: Clinic) -> None:
    await clinic.walk_in(5, doctor_id=3)
    await clinic.walk_in(6)
    await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.total == 2)
    part = await clinic.ear.wait_for(DoctorQueueUpdated, lambda part: part.doctor_id == 2 and part.total == 1)
    answer = await clinic.desk.get("/visits/queue", params={"doctor_id": 22})
    assert DoctorQueueUpdated.model_validate(answer.json()) == part
    assert (await clinic.desk.get("/visits/queue")).status_code == 422


async def test_a_waiting_visit_is_read_with_the_place_it_has_now(clinic: Clinic) -> None:
    first, second, third = [await clinic.walk_in(number) for number in (5, 6, 7)]
    await clinic.do("call", first)
    listed = (await clinic.desk.get("/visits", params={"status": "waiting"})).json()["visits"]
    assert {visit["id"]: visit["position"] for visit in listed} == {second["id"]: 1, third["id"]: 2}
    assert visit_of(await clinic.desk.get(f"/visits/{third['id']}"))["position"] == 2
    assert visit_of(await clinic.desk.get(f"/visits/{first['id']}"))["position"] is None


async def test_what_is_noted_on_the_way_is_on_the_card(clinic: Clinic) -> None:
    visit = await clinic.do("start", await clinic.walk_in(5, notes="Limps"), notes="Left leg")
    phases = (await clinic.desk.get("/queue/phases/1")).json()["phases"]
    assert phases["with_doctor"][0]["notes"] == "Left leg"
    await clinic.do("complete", visit)
    phases = (await clinic.desk.get("/queue/phases/1")).json()["phases"]
    assert phases["completed"][0]["notes"] == "Left leg"
