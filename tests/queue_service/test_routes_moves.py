"""The state machine over HTTP: every move from every status, by whoever may and by whoever may not."""

import asyncio
from itertools import count

import httpx
import pytest

from contracts import CurrentAppointmentAvailable, VisitCancelled, VisitStatusChanged
from contracts.identity import Role
from contracts.shapes import Visit
from queue_service.settings import QueueSettings
from tests.queue_service.clinic import WAYS, Clinic, Json, visit_of

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For the long tables, which are the rules' and not a database's."""

STATUSES = ("scheduled", *WAYS)

Way = tuple[str, str, Json, dict[str, str]]
"""A request (the visit's id filled in), and from which status it leads to which; others are refused."""

_ENDING = ("scheduled", "waiting", "called")

MOVES: list[Way] = [
    ("POST", "/queue/call", {}, {"waiting": "called"}),
    ("POST", "/visits/{id}/call", {}, {"waiting": "called"}),
    ("POST", "/queue/recall", {}, {"called": "called"}),
    ("POST", "/queue/requeue", {}, {"called": "waiting"}),
    ("POST", "/queue/start", {}, {"waiting": "in_progress", "called": "in_progress"}),
    ("POST", "/queue/complete", {}, {"in_progress": "completed"}),
    ("POST", "/queue/cancel", {}, dict.fromkeys(_ENDING, "cancelled")),
    ("POST", "/queue/skip", {}, dict.fromkeys(_ENDING, "no_show")),
]

BECOMING: list[Way] = [
    ("PUT", "/visits/{id}/status", {"status": wanted}, dict.fromkeys(sources, wanted))
    for wanted, sources in {
        "scheduled": (),
        "waiting": ("scheduled", "called", "in_progress", "no_show", "completed"),
        "called": ("waiting", "called"),
        "in_progress": ("waiting", "called"),
        "completed": ("in_progress",),
        "cancelled": _ENDING,
        "no_show": _ENDING,
    }.items()
]

PHASES = ("appointments_today", "waiting", "with_doctor", "completed")

_COLUMNS: dict[tuple[str, str], dict[str, str]] = {
    ("appointments_today", "waiting"): {"scheduled": "waiting"},
    ("waiting", "with_doctor"): {"waiting": "in_progress", "called": "in_progress"},
    ("with_doctor", "completed"): {"in_progress": "completed"},
    ("with_doctor", "waiting"): {"in_progress": "waiting"},
    ("completed", "waiting"): {"completed": "waiting"},
}

BETWEEN_COLUMNS: list[Way] = [
    (
        "POST",
        "/queue/phases/move",
        {"from_phase": left, "to_phase": entered},
        _COLUMNS.get((left, entered), {}),
    )
    for left in PHASES
    for entered in PHASES
]


@on_one_database
@pytest.mark.parametrize("ways", [MOVES, BECOMING, BETWEEN_COLUMNS], ids=["moves", "statuses", "columns"])
async def test_a_visit_goes_where_the_table_says_or_is_refused_as_it_is(
    clinic: Clinic, ways: list[Way]
) -> None:
    numbers = count(10)
    for status in STATUSES:
        visit = await clinic.visit_that_is(status, next(numbers))
        for way in ways:
            if status not in way[3]:
                answer = await attempt(clinic.admin, way, visit)
                assert (answer.status_code, answer.json().get("visit")) == (409, visit), (way, answer.text)
        for way in ways:
            if status in way[3]:
                moved = visit_of(await attempt(clinic.admin, way, visit))
                assert (moved["status"], moved["version"]) == (way[3][status], visit["version"] + 1)
                assert visit_of(await clinic.admin.get(f"/visits/{visit['id']}")) == moved
                if moved["status"] == "in_progress":
                    await clinic.do("complete", moved)
                visit = await clinic.visit_that_is(status, next(numbers))
        if status == "in_progress":
            await clinic.do("complete", visit)


async def attempt(http: httpx.AsyncClient, way: Way, visit: Json) -> httpx.Response:
    """What is answered to a move of this visit."""
    method, path, body, _ = way
    return await http.request(method, path.format(id=visit["id"]), json={"visit_id": visit["id"]} | body)


async def test_a_card_of_an_appointment_moves_by_the_appointments_id(clinic: Clinic) -> None:
    visit = await clinic.book(5)
    body = {"appointment_id": 1005, "from_phase": "appointments_today", "to_phase": "waiting"}
    moved = visit_of(await clinic.desk.post("/queue/phases/move", json=body))
    assert (moved["id"], moved["status"], moved["queue_number"]) == (visit["id"], "waiting", 1)
    other = await clinic.walk_in(6)
    both = body | {"visit_id": other["id"], "from_phase": "waiting", "to_phase": "with_doctor"}
    assert (await clinic.desk.post("/queue/phases/move", json=both)).status_code == 422


async def everything(http: httpx.AsyncClient, visit: Json) -> dict[str, int]:
    """What somebody is answered who tries everything with a visit that is waiting."""
    body = {"visit_id": visit["id"]}
    answers = {
        verb: (await http.post(f"/queue/{verb}", json=body)).status_code
        for verb in ("recall", "requeue", "complete", "skip", "cancel", "call", "start")
    }
    order = body | {"new_position": 1}
    phase = body | {"from_phase": "completed", "to_phase": "waiting"}
    set_status = {"status": "scheduled"}
    return answers | {
        "reorder": (await http.put("/queue/reorder", json=order)).status_code,
        "phases": (await http.post("/queue/phases/move", json=phase)).status_code,
        "status": (await http.put(f"/visits/{visit['id']}/status", json=set_status)).status_code,
        "visit call": (await http.post(f"/visits/{visit['id']}/call")).status_code,
        "read": (await http.get(f"/visits/{visit['id']}")).status_code,
    }


async def test_a_strangers_visit_can_neither_be_moved_nor_seen(clinic: Clinic) -> None:
    visit = await clinic.walk_in()
    strangers = [
        (Role.RECEPTIONIST, (8,), None),
        (Role.ADMIN, (8,), None),
        (Role.DOCTOR, (1,), 3),
        (Role.DOCTOR, (8,), 2),
        (Role.DOCTOR, (1,), None),
    ]
    for role, clinics, doctor_id in strangers:
        answers = await everything(clinic.person(role, clinics, doctor_id), visit)
        assert set(answers.values()) == {403}, (role, clinics, doctor_id, answers)
    display = await everything(clinic.person(Role.DISPLAY), visit)
    assert set(display.values()) == {403}
    cashier = await everything(clinic.person(Role.CASHIER), visit)
    assert cashier.pop("read") == 200
    assert set(cashier.values()) == {403}
    assert visit_of(await clinic.desk.get(f"/visits/{visit['id']}")) == visit
    async with httpx.AsyncClient(transport=clinic.desk._transport, base_url="http://clinic") as nobody:
        assert set((await everything(nobody, visit)).values()) == {401}


Tried = tuple[str, str, str, Json | None]
"""A request for a visit of this status: method, path and body."""


@on_one_database
async def test_each_move_is_the_desks_or_the_doctors_as_the_design_says(clinic: Clinic) -> None:
    desk, doctor = clinic.desk, clinic.doctor
    desk_only: list[Tried] = [
        ("waiting", "POST", "/queue/skip", {}),
        ("waiting", "POST", "/queue/cancel", {}),
        ("waiting", "PUT", "/queue/reorder", {"new_position": 1}),
        ("waiting", "PUT", "/visits/{id}/status", {"status": "cancelled"}),
        ("waiting", "PUT", "/visits/{id}/status", {"status": "no_show"}),
        ("scheduled", "PUT", "/visits/{id}/status", {"status": "waiting"}),
        ("scheduled", "POST", "/queue/phases/move", {"from_phase": PHASES[0], "to_phase": PHASES[1]}),
    ]
    doctor_only: list[Tried] = [
        ("in_progress", "POST", "/queue/complete", {}),
        ("in_progress", "PUT", "/visits/{id}/status", {"status": "completed"}),
        ("in_progress", "POST", "/queue/phases/move", {"from_phase": PHASES[2], "to_phase": PHASES[3]}),
    ]
    either: list[Tried] = [
        ("waiting", "POST", "/queue/call", {}),
        ("waiting", "POST", "/visits/{id}/call", None),
        ("called", "POST", "/queue/recall", {}),
        ("called", "POST", "/queue/requeue", {}),
        ("waiting", "POST", "/queue/start", {}),
    ]
    number = 300
    for tried, allowed in (
        (desk_only, ((desk, 200), (doctor, 403))),
        (doctor_only, ((desk, 403), (doctor, 200))),
        (either, ((desk, 200), (doctor, 200))),
    ):
        for status, method, path, body in tried:
            for who, expected in allowed:
                number += 1
                visit = await clinic.visit_that_is(status, number)
                given = None if body is None else {"visit_id": visit["id"]} | body
                answer = await who.request(method, path.format(id=visit["id"]), json=given)
                assert answer.status_code == expected, (path, body, answer.text)
                now = visit_of(await clinic.admin.get(f"/visits/{visit['id']}"))
                if expected == 403:
                    assert now == visit
                if now["status"] == "in_progress":
                    await clinic.do("complete", now)


async def test_the_desk_checks_in_and_adds_walk_ins_and_nobody_else_does(clinic: Clinic) -> None:
    await clinic.book(5)
    walk_in = {"patient_id": 6, "clinic_id": 1, "doctor_id": 2, "service_id": 3}
    for who in (clinic.doctor, clinic.person(Role.CASHIER), clinic.person(Role.RECEPTIONIST, (8,))):
        for path in ("/queue/checkin", "/visits/check-in"):
            assert (await who.post(path, json={"appointment_id": 1005})).status_code == 403
        for path in ("/queue/walkin", "/visits/walk-in"):
            assert (await who.post(path, json=walk_in)).status_code == 403
    for path, body in (("/visits/check-in", {"appointment_id": 1005}), ("/visits/walk-in", walk_in)):
        assert (await clinic.admin.post(path, json=body)).status_code == 201


async def test_a_stale_version_is_refused_and_the_one_that_was_seen_is_not(clinic: Clinic) -> None:
    visit = await clinic.walk_in()
    called = await clinic.do("call", visit)
    for stale in ('"1"', "1", 'W/"1"'):
        answer = await clinic.desk.post(
            "/queue/start", json={"visit_id": visit["id"]}, headers={"If-Match": stale}
        )
        assert (answer.status_code, answer.json()["visit"]) == (412, called)
    nonsense = await clinic.desk.post(
        "/queue/start", json={"visit_id": visit["id"]}, headers={"If-Match": "the last one"}
    )
    assert nonsense.status_code == 400
    seen = {"If-Match": f'"{called["version"]}"'}
    started = await clinic.desk.put(
        f"/visits/{visit['id']}/status", json={"status": "in_progress"}, headers=seen
    )
    assert visit_of(started)["version"] == called["version"] + 1
    for method, path, body in (
        ("PUT", "/queue/reorder", {"visit_id": visit["id"], "new_position": 1}),
        (
            "POST",
            "/queue/phases/move",
            {"visit_id": visit["id"], "from_phase": "waiting", "to_phase": "waiting"},
        ),
    ):
        assert (await clinic.desk.request(method, path, json=body, headers=seen)).status_code == 412


async def test_the_same_idempotency_key_moves_once_and_another_body_is_refused(clinic: Clinic) -> None:
    first, second = await clinic.walk_in(5), await clinic.walk_in(6)
    key = {"Idempotency-Key": "one press of the button"}
    next_one = {"clinic_id": 1, "doctor_id": 2}
    called, again = await asyncio.gather(
        clinic.desk.post("/queue/call", json=next_one, headers=key),
        clinic.desk.post("/queue/call", json=next_one, headers=key),
    )
    assert visit_of(called)["id"] == first["id"]
    assert again.content == called.content
    assert await clinic.line() == [second["id"]]
    other = await clinic.desk.post("/queue/call", json={"visit_id": second["id"]}, headers=key)
    assert other.status_code == 422
    walk_in = {"patient_id": 7, "clinic_id": 1, "doctor_id": 2, "service_id": 3}
    answers = [await clinic.desk.post("/queue/walkin", json=walk_in, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content


async def test_a_move_is_told_with_its_own_event_first(clinic: Clinic) -> None:
    visit = await clinic.walk_in()
    await clinic.do("cancel", visit, reason="Went home")
    cancelled = await clinic.ear.wait_for(VisitCancelled)
    assert cancelled.model_dump() == {"visit_id": visit["id"], "reason": "Went home", "clinic_id": 1}
    changed = await clinic.ear.wait_for(VisitStatusChanged)
    assert (changed.visit.id, changed.visit.status) == (visit["id"], "cancelled")
    missed = await clinic.walk_in()
    await clinic.do("skip", missed)
    assert (await clinic.ear.wait_for(VisitCancelled)).reason == "No show"
    assert (await clinic.ear.wait_for(VisitStatusChanged)).visit.status == "no_show"
    there = await clinic.do("start", await clinic.walk_in())
    available = await clinic.ear.wait_for(CurrentAppointmentAvailable)
    assert available.visit == Visit.model_validate(there)
    assert (available.visit_id, available.appointment_id) == (there["id"], None)
    assert (available.doctor_id, available.doctor_user_id, available.navigate) == (2, 22, True)


async def test_a_doctor_has_one_patient_at_a_time_and_a_start_beside_it_is_refused(clinic: Clinic) -> None:
    first, second = await clinic.walk_in(5), await clinic.walk_in(6)
    with_doctor = await clinic.do("start", first)
    answer = await clinic.doctor.post("/queue/start", json={"visit_id": second["id"]})
    assert answer.status_code == 409
    assert (answer.json()["visit"], answer.json()["in_progress"]) == (second, with_doctor)
    third = await clinic.walk_in(7, doctor_id=3)
    assert (await clinic.do("start", third))["status"] == "in_progress"
    back = await clinic.set(with_doctor, "waiting")
    assert (back["status"], back["start_time"], back["queue_number"]) == ("waiting", None, 1)
    assert (await clinic.do("start", second))["status"] == "in_progress"


async def test_two_starts_at_once_give_a_doctor_one_patient(clinic: Clinic) -> None:
    visits = [await clinic.walk_in(number) for number in (5, 6, 7)]
    answers = await asyncio.gather(
        *(clinic.desk.post("/queue/start", json={"visit_id": visit["id"]}) for visit in visits)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len((await clinic.queue())["in_progress"]) == 1


async def test_a_patient_left_with_the_doctor_yesterday_does_not_block_today(clinic: Clinic) -> None:
    left = await clinic.do("start", await clinic.walk_in(5))
    clinic.clock.forward(days=1)
    assert (await clinic.queue())["total"] == 0
    today = await clinic.walk_in(6)
    assert today["queue_number"] == 1
    assert (await clinic.do("start", today))["status"] == "in_progress"
    again = await clinic.walk_in(5)
    assert again["queue_number"] == 2
    done = await clinic.do("complete", left)
    assert done["status"] == "completed"
    assert (await clinic.queue())["completed"] == []


async def test_a_visit_of_yesterday_is_not_reinstated(clinic: Clinic) -> None:
    missed = await clinic.do("skip", await clinic.walk_in(5))
    done = await clinic.do("complete", await clinic.do("start", await clinic.walk_in(6)))
    clinic.clock.forward(days=1)
    for visit in (missed, done):
        answer = await clinic.admin.put(f"/visits/{visit['id']}/status", json={"status": "waiting"})
        assert (answer.status_code, answer.json()["visit"]) == (409, visit)


async def test_a_visit_that_never_was_is_not_found(clinic: Clinic) -> None:
    for method, path, body in (
        ("POST", "/queue/call", {"visit_id": 404}),
        ("PUT", "/queue/reorder", {"visit_id": 404, "new_position": 1}),
        ("PUT", "/visits/404/status", {"status": "called"}),
        ("POST", "/visits/404/call", None),
        ("GET", "/visits/404", None),
        ("POST", "/queue/checkin", {"appointment_id": 404}),
    ):
        answer = await clinic.admin.request(method, path, json=body)
        assert answer.status_code == 404, (path, answer.text)
        assert answer.json()["message"]


@on_one_database
async def test_a_second_seat_lets_a_doctor_see_two_patients(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = clinic.service.settings.model_dump() | {"doctor_seats": 2}
    monkeypatch.setattr(clinic.service, "settings", QueueSettings.model_validate(settings))
    visits = [await clinic.walk_in(number) for number in (5, 6, 7)]
    for visit in visits[:2]:
        await clinic.do("start", visit)
    answer = await clinic.admin.post("/queue/start", json={"visit_id": visits[2]["id"]})
    assert answer.status_code == 409
    await clinic.do("complete", visits[0])
    assert (await clinic.do("start", visits[2]))["status"] == "in_progress"
