"""Appointments over HTTP, on a real broker and both databases."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.errors import Conflict
from chassis.service import Service
from contracts.event import Process
from contracts.identity import Role
from contracts.shapes import Appointment, VisitStatus
from tests.appointment_service.desk import BODY, Json, Queue, at, book, moved, patients_answer, read
from tests.builders import NOW
from tests.others import Ear, Other, playing
from tests.parts import Broker, client, token


@pytest.fixture
async def elsewhere(service: Service, patients: Other) -> AsyncIterator[httpx.AsyncClient]:
    """A receptionist's client, of clinic 2."""
    async with client(service, token(Role.RECEPTIONIST, clinics=(2,), now=NOW)) as http:
        yield http


async def test_a_booking_is_answered_whole_and_found(desk: httpx.AsyncClient) -> None:
    answer = await desk.post("/appointments", json=BODY | {"notes": "By the window"})
    assert answer.status_code == 201, answer.text
    booked = answer.json()["appointment"]
    assert set(booked) == set(Appointment.model_fields)
    assert booked["booking_id"].startswith("BK-")
    assert booked["start_time"] == "2026-03-02T10:00:00+00:00"
    assert booked["end_time"] == "2026-03-02T10:15:00+00:00"
    assert (booked["status"], booked["notes"], booked["created_by"]) == ("confirmed", "By the window", "7")
    assert (booked["clinic"]["id"], booked["doctor"]["id"], booked["service"]["price"]) == (1, 1, 200.0)
    assert booked["visit"] == answer.json()["visit"]
    assert b'"price":200.00' in answer.content
    found = await read(desk, booked)
    assert found["patient"].pop("medical_history") == "History of 4"
    assert booked["patient"].pop("medical_history") is None
    assert found == booked


async def test_the_history_is_for_the_doctor_and_not_for_the_cashier(
    service: Service, desk: httpx.AsyncClient, doctor: httpx.AsyncClient
) -> None:
    booked = await book(desk)
    async with client(service, token(Role.CASHIER, now=NOW)) as cashier:
        assert (await read(cashier, booked))["patient"]["medical_history"] is None
    assert (await read(doctor, booked))["patient"]["medical_history"] == "History of 4"


async def test_without_the_patient_service_known_patients_are_booked_and_others_not(
    service: Service, broker: Broker
) -> None:
    async with client(service, token(Role.RECEPTIONIST, now=NOW)) as desk:
        async with playing(broker, Process.PATIENT, patients_answer()):
            known = await book(desk)
        assert (await read(desk, known))["patient"]["medical_history"] is None
        await book(desk, "11:00")
        away = await desk.post("/appointments", json=BODY | {"patient_id": 5, "start_time": at("12:00")})
        assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
        assert (await desk.get("/appointments")).json()["total"] == 2


async def test_an_unknown_patient_is_refused(desk: httpx.AsyncClient) -> None:
    refused = await desk.post("/appointments", json=BODY | {"patient_id": 100})
    assert (refused.status_code, "patient" in refused.json()["message"]) == (404, True)
    assert (await desk.get("/appointments")).json()["total"] == 0


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"doctor_id": 9}, 404, "doctor"),
        ({"service_id": 9}, 404, "service"),
        ({"doctor_id": 3}, 400, "another clinic"),
        ({"service_id": 2}, 400, "Another clinic"),
        ({"clinic_id": 2}, 403, "clinic"),
        ({"start_time": at("10:07")}, 409, "10:00, 10:15"),
        ({"start_time": at("23:30")}, 409, "23:15"),
        ({"start_time": at("10:00", day=1)}, 409, "is over"),
        ({"start_time": at("09:00")}, 201, "booked"),  # half an hour ago, but of today
        ({"start_time": "2026-03-02T12:00:00+02:00"}, 201, "booked"),
        ({"start_time": "2026-03-02 10:00"}, 201, "booked"),
    ],
)
async def test_what_can_be_booked(desk: httpx.AsyncClient, changes: Json, status: int, says: str) -> None:
    answer = await desk.post("/appointments", json=BODY | changes)
    assert answer.status_code == status, answer.text
    assert says in answer.json()["message"]


async def test_a_taken_slot_is_refused_with_the_nearest_free_ones(desk: httpx.AsyncClient) -> None:
    await book(desk, "10:00")
    refused = await desk.post("/appointments", json=BODY)
    assert refused.status_code == 409
    assert refused.json()["message"].endswith("09:15, 09:30, 09:45, 10:15, 10:30")
    await book(desk, "10:00", doctor_id=2)


async def test_a_clinic_in_another_zone_books_in_its_own_time(
    admin: httpx.AsyncClient,
) -> None:
    clinic = (await admin.post("/clinics", json={"name": "Far", "time_zone": "Asia/Tokyo"})).json()["clinic"]
    hours = {"start": "08:00", "end": "09:00"}
    doctor = await admin.post(
        "/doctors",
        json={
            "name": "Dr. Far",
            "clinic_id": clinic["id"],
            "working_days": ["Tuesday"],
            "working_hours": hours,
            "share_percentage": 0.5,
        },
    )
    service = await admin.post(
        "/services", json={"clinic_id": clinic["id"], "name": "Talk", "duration": 20, "price": 1}
    )
    ids = {
        "clinic_id": clinic["id"],
        "doctor_id": doctor.json()["doctor"]["id"],
        "service_id": service.json()["service"]["id"],
    }
    booked = await book(admin, **ids | {"start_time": "2026-03-03T08:00:00"})
    assert booked["start_time"] == "2026-03-02T23:00:00+00:00"
    wanted = f"clinic_id={ids['clinic_id']}&doctor_id={ids['doctor_id']}&date=2026-03-03"
    slots = (await admin.get(f"/appointments/available-slots?{wanted}")).json()
    assert [slot["start_time"] for slot in slots["all_slots"]] == ["08:00", "08:15", "08:30", "08:45"]
    assert [slot["reason"] for slot in slots["all_slots"]] == ["booked", "booked", None, None]
    listed = (await admin.get("/appointments?date=2026-03-03")).json()["appointments"]
    assert [one["id"] for one in listed] == [booked["id"]]
    assert (await admin.get("/appointments?date=2026-03-02")).json()["total"] == 0
    off = await admin.post("/appointments", json=BODY | ids | {"start_time": "2026-03-04T08:00:00"})
    assert (off.status_code, "Tuesday" in off.json()["message"]) == (409, True)


async def test_slots_of_a_past_day_and_a_day_off(desk: httpx.AsyncClient, admin: httpx.AsyncClient) -> None:
    past = (await desk.get("/appointments/available-slots?clinic_id=1&doctor_id=1&date=2026-03-01")).json()
    assert past["slots"] == past["available_slots"] == []
    assert {slot["reason"] for slot in past["all_slots"]} == {"past"}
    assert len(past["all_slots"]) == 94
    await admin.put("/doctors/1", json={"working_days": ["Tuesday"]})
    off = (await desk.get("/appointments/available-slots?clinic_id=1&doctor_id=1&date=2026-03-02")).json()
    assert (off["all_slots"], off["doctor"]["id"], off["date"]) == ([], 1, "2026-03-02")


async def test_the_same_key_books_once(desk: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "booked-once"}
    first, second = await asyncio.gather(
        desk.post("/appointments", json=BODY, headers=key), desk.post("/appointments", json=BODY, headers=key)
    )
    assert (first.status_code, second.status_code) == (201, 201), first.text + second.text
    assert first.content == second.content
    assert (await desk.get("/appointments")).json()["total"] == 1


async def test_lists_are_filtered_and_paged(desk: httpx.AsyncClient, queue: Queue) -> None:
    for start, changes in (
        ("11:00", {}),
        ("10:00", {"patient_id": 5}),
        ("12:00", {"doctor_id": 2}),
        ("10:00", {"start_time": at("10:00", day=3)}),
    ):
        await queue.book(desk, start, **changes)

    async def starts(query: str) -> list[str]:
        listed = (await desk.get(f"/appointments?{query}")).json()
        return [one["start_time"][8:16] for one in listed["appointments"]]

    assert await starts("") == ["03T10:00", "02T12:00", "02T11:00", "02T10:00"]
    assert await starts("date=2026-03-02") == ["02T10:00", "02T11:00", "02T12:00"]
    assert await starts("date=2026-03-02&doctor_id=1&patient_id=4&clinic_id=1") == ["02T11:00"]
    assert await starts("clinic_id=2") == []
    assert await starts("status=cancelled") == []
    page = (await desk.get("/appointments?per_page=3&page=2")).json()
    assert len(page.pop("appointments")) == 1
    assert page == {"total": 4, "pages": 2, "current_page": 2, "per_page": 3}


async def test_statistics_count_what_is_there(desk: httpx.AsyncClient, queue: Queue) -> None:
    await queue.book(desk, "11:00")
    await queue.book(desk, "10:00", booking_source="online", doctor_id=2)
    gone = await queue.book(desk, "10:00", start_time=at("10:00", day=9))
    await desk.delete(f"/appointments/{gone['id']}")
    counted = (await desk.get("/appointments/statistics")).json()
    assert counted["total"] == 3
    assert (counted["by_status"]["confirmed"], counted["by_status"]["cancelled"]) == (2, 1)
    assert counted["by_clinic"] == {"Harbour Test Clinic": 3}
    assert counted["by_doctor"] == {"Dr. Ada Sample": 2, "Dr. Ben Example": 1}
    assert counted["by_booking_source"] == {"phone": 2, "walk_in": 0, "online": 1, "system": 0}
    assert (counted["recent"], counted["this_week"]) == (3, 2)
    day = (await desk.get("/appointments/statistics?date=2026-03-09&doctor_id=1")).json()
    assert (day["total"], day["recent"], day["this_week"]) == (1, 2, 1)


async def test_a_doctor_sees_own_appointments_and_another_clinic_none(
    desk: httpx.AsyncClient, doctor: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    own = await book(desk, "10:00")
    other = await book(desk, "11:00", doctor_id=2)
    listed = (await doctor.get("/appointments")).json()["appointments"]
    assert [one["id"] for one in listed] == [own["id"]]
    assert (await doctor.get("/appointments?doctor_id=2")).json()["total"] == 0
    assert (await doctor.get("/appointments/statistics")).json()["total"] == 1
    assert (await doctor.get(f"/appointments/{other['id']}")).status_code == 403
    assert (await elsewhere.get("/appointments")).json()["total"] == 0
    for refused in (
        await elsewhere.get(f"/appointments/{own['id']}"),
        await elsewhere.put(f"/appointments/{own['id']}", json={"notes": "mine"}),
        await elsewhere.delete(f"/appointments/{own['id']}"),
        await elsewhere.get("/appointments/available-slots?clinic_id=1&doctor_id=1&date=2026-03-02"),
        await desk.put(f"/appointments/{own['id']}", json={"clinic_id": 2}),
    ):
        assert refused.status_code == 403
    assert (await read(desk, own))["notes"] is None


@pytest.mark.parametrize("status", ["checked_in", "no_show", "cancelled"])
async def test_the_desk_sets_a_status_by_way_of_the_queue(
    desk: httpx.AsyncClient, queue: Queue, status: str
) -> None:
    booked = await queue.book(desk)
    answer = await desk.put(f"/appointments/{booked['id']}", json={"status": status, "reason": "So it is"})
    assert answer.status_code == 200, answer.text
    assert answer.json()["appointment"]["status"] == status
    (asked,) = queue.asked
    wanted = {"checked_in": VisitStatus.WAITING, "no_show": VisitStatus.NO_SHOW}
    assert asked.to is wanted.get(status, VisitStatus.CANCELLED)
    assert (asked.reason, asked.caller.role, asked.caller.clinics) == (
        "So it is",
        Role.RECEPTIONIST,
        frozenset({1}),
    )


async def test_what_the_queue_refuses_changes_nothing(desk: httpx.AsyncClient, queue: Queue) -> None:
    booked = await queue.book(desk)
    queue.refusal = Conflict("This patient is waiting already")
    for status in ("checked_in", "no_show", "cancelled"):
        refused = await desk.put(f"/appointments/{booked['id']}", json={"status": status, "notes": "new"})
        assert (refused.status_code, refused.json()["message"]) == (409, "This patient is waiting already")
        assert refused.json()["appointment"]["status"] == "confirmed"
    assert (await read(desk, booked))["notes"] is None


async def test_without_the_queue_a_status_is_503_and_notes_are_taken(desk: httpx.AsyncClient) -> None:
    booked = await book(desk)
    refused = await desk.put(f"/appointments/{booked['id']}", json={"status": "checked_in"})
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    noted = await desk.put(f"/appointments/{booked['id']}", json={"notes": "Comes by bus"})
    assert (noted.status_code, noted.json()["appointment"]["notes"]) == (200, "Comes by bus")


async def test_completing_is_not_the_desks_and_the_rest_not_the_doctors(
    desk: httpx.AsyncClient, doctor: httpx.AsyncClient, queue: Queue
) -> None:
    booked = await queue.book(desk)
    path = f"/appointments/{booked['id']}"
    assert (await desk.put(path, json={"status": "completed"})).status_code == 403
    for body in ({"status": "checked_in"}, {"notes": "mine"}, {"start_time": at("11:00")}):
        assert (await doctor.put(path, json=body)).status_code == 403
    assert (await doctor.delete(path)).status_code == 403
    assert queue.asked == []


async def test_only_a_confirmed_appointment_is_moved(desk: httpx.AsyncClient, queue: Queue, ear: Ear) -> None:
    booked = await queue.book(desk)
    path = f"/appointments/{booked['id']}"
    both = await desk.put(path, json={"status": "checked_in", "start_time": at("11:00")})
    assert (both.status_code, queue.asked) == (422, [])
    await desk.put(path, json={"status": "checked_in"})
    refused = await desk.put(path, json={"start_time": at("11:00")})
    assert refused.status_code == 409
    assert refused.json()["appointment"]["status"] == "checked_in"
    back = await desk.put(path, json={"status": "confirmed"})
    assert (back.status_code, "confirmed" in back.json()["message"]) == (409, True)


async def test_an_appointment_sent_back_whole_changes_only_what_differs(
    desk: httpx.AsyncClient, queue: Queue
) -> None:
    booked = await queue.book(desk)
    answer = await desk.put(
        f"/appointments/{booked['id']}", json=booked | {"status": "checked_in", "notes": "Waits"}
    )
    assert answer.status_code == 200, answer.text
    shown = answer.json()["appointment"]
    assert shown == booked | {"status": "checked_in", "notes": "Waits", "visit": shown["visit"]}
    other = await desk.put(f"/appointments/{booked['id']}", json={"patient_id": 5})
    assert other.status_code == 409


async def test_deleting_needs_no_body_and_no_second_time(desk: httpx.AsyncClient, queue: Queue) -> None:
    booked = await queue.book(desk)
    path = f"/appointments/{booked['id']}"
    assert (await desk.delete(path)).json() == {"message": "The appointment is cancelled"}
    again = await desk.request("DELETE", path, json={"reason": "again"})
    assert (again.status_code, again.json()["appointment"]["status"]) == (409, "cancelled")
    assert (await desk.delete("/appointments/5")).status_code == 404
    await book(desk)


async def test_moving_to_another_clinic_shows_it_there(
    admin: httpx.AsyncClient, desk: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    booked = await book(desk)
    there = {"clinic_id": 2, "doctor_id": 3, "service_id": 2}
    answer = await admin.put(f"/appointments/{booked['id']}", json=there)
    assert answer.status_code == 200, answer.text
    assert (await read(elsewhere, booked))["visit"]["clinic_id"] == 2
    assert (await desk.get(f"/appointments/{booked['id']}")).status_code == 403
    await book(desk)


ODD: list[object] = [
    None,
    0,
    -1,
    1.5,
    2**53,
    2**63,
    10**400,
    "",
    "one",
    "\x00",
    [],
    {},
]


async def test_no_input_is_answered_500(desk: httpx.AsyncClient, queue: Queue, service: Service) -> None:
    booked = await queue.book(desk)
    path = f"/appointments/{booked['id']}"
    times = [
        "9999-12-31T23:59:59-12:00",
        "0001-01-01T00:00:00+14:00",
        "2026-02-30",
        10**20,
        "2026-03-02T25:00",
    ]
    wrong: list[tuple[str, str, object]] = []
    for field in BODY:
        for value in (*ODD, *(times if field == "start_time" else ["\ud800"])):
            wrong.append(("POST", "/appointments", BODY | {field: value}))
    bodies: tuple[object, ...] = (None, [], "x", 5, {})
    wrong += [("POST", "/appointments", body) for body in bodies]
    wrong += [("PUT", path, {"start_time": time}) for time in times]
    wrong += [("PUT", path, {"notes": notes}) for notes in ("a\x00b", "\ud800", 5, "x" * 20_001)]
    wrong += [("PUT", path, {"status": status}) for status in ("gone", "", 5, "\x00")]
    wrong += [("DELETE", path, {"reason": reason}) for reason in ("a\x00b", 5, "x" * 201)]
    wrong += [("DELETE", path, []), ("PUT", path, [])]
    for number in ("x", "0", "-1", str(2**53), "9" * 400, "%00", "1.5"):
        wrong += [(method, f"/appointments/{number}", {}) for method in ("PUT", "GET", "DELETE")]
        wrong += [
            ("GET", f"/appointments?{name}={number}", None) for name in ("clinic_id", "page", "per_page")
        ]
    for day in ("x", "2026-02-30", "9999-12-31", "0001-01-01", "10000-01-01", "%00", "1e400"):
        wrong.append(("GET", f"/appointments?date={day}", None))
        wrong.append(("GET", f"/appointments/statistics?date={day}", None))
        wrong.append(("GET", f"/appointments/available-slots?clinic_id=1&doctor_id=1&date={day}", None))
    for method, address, body in wrong:
        if body is None and method == "GET":
            answer = await desk.get(address)
        else:
            answer = await desk.request(method, address, content=as_json(body))
        assert answer.status_code in (400, 422), (method, address, body, answer.text)
        assert answer.json()["message"]
    assert queue.asked == []
    assert (await read(desk, booked))["status"] == "confirmed"


def as_json(body: object) -> bytes:
    """A body as a careless client sends it: also what httpx would refuse to encode."""
    return json.dumps(body).encode()


async def test_a_wrong_method_is_405_and_a_display_is_refused(
    service: Service, desk: httpx.AsyncClient
) -> None:
    assert (await desk.patch("/appointments/1")).status_code == 405
    async with client(service, token(Role.DISPLAY, now=NOW)) as display:
        assert (await display.get("/appointments")).status_code == 403
    async with client(service) as nobody:
        assert (await nobody.get("/appointments")).status_code == 401


async def test_a_visit_in_an_answer_is_the_newest_known(desk: httpx.AsyncClient, queue: Queue) -> None:
    booked = await queue.book(desk)
    queue.visits[booked["id"]] = moved(booked, "called", version=7)
    answer = await desk.put(f"/appointments/{booked['id']}", json={"status": "no_show"})
    assert answer.json()["appointment"]["visit"]["version"] == 8
    assert (await read(desk, booked))["visit"]["status"] == "no_show"
