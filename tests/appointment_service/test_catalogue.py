"""Clinics, doctors and services over HTTP, on a real broker and both databases."""

import asyncio
import json

import httpx
import pytest

from chassis.service import Service
from contracts import ClinicChanged, DoctorChanged, ServiceChanged
from contracts.identity import Role
from contracts.shapes import Clinic, Doctor
from contracts.shapes import Service as Offered
from tests.appointment_service.desk import BODY, Json, at, book
from tests.builders import NOW
from tests.others import Ear
from tests.parts import client, token

DOCTOR: Json = {
    "name": "Dr. Dee Newcome",
    "specialty": "Further Examples",
    "clinic_id": 1,
    "user_id": 50,
    "working_days": ["Friday", "Monday", "Monday"],
    "working_hours": {"start": "08:00", "end": "12:00"},
    "share_percentage": 0.25,
}
SERVICE: Json = {"clinic_id": 1, "name": "Check", "duration": 30, "price": 99.5}


async def test_the_demos_catalogue_is_there(desk: httpx.AsyncClient) -> None:
    (clinic,) = (await desk.get("/clinics")).json()["clinics"]
    assert (clinic["id"], clinic["name"], clinic["time_zone"]) == (1, "Harbour Test Clinic", "UTC")
    assert (await desk.get("/clinics/1")).json()["clinic"] == clinic
    doctors = (await desk.get("/clinics/1/doctors")).json()["doctors"]
    assert [doctor["id"] for doctor in doctors] == [1, 2]
    assert (await desk.get("/doctors")).json()["doctors"] == doctors
    assert (await desk.get("/doctors/2")).json()["doctor"] == doctors[1]
    (service,) = (await desk.get("/clinics/1/services")).json()["services"]
    assert (service["id"], service["duration"], service["price"]) == (1, 15, 200.0)
    assert (await desk.get("/services?clinic_id=1")).json()["services"] == [service]
    assert (await desk.get("/services/1")).json()["service"] == service


async def test_a_clinic_is_opened_changed_and_closed(admin: httpx.AsyncClient, ear: Ear) -> None:
    answer = await admin.post("/clinics", json={"name": "Lake Test Clinic", "time_zone": "Europe/Vienna"})
    assert answer.status_code == 201, answer.text
    opened = answer.json()["clinic"]

    async def told() -> ClinicChanged:
        return await ear.wait_for(ClinicChanged, lambda event: event.clinic_id == opened["id"])

    assert (await told()).clinic == Clinic.model_validate(opened)
    changed = await admin.put(f"/clinics/{opened['id']}", json={"room_number": "12"})
    assert changed.json()["clinic"] == opened | {"room_number": "12"}
    assert (await told()).clinic.room_number == "12"
    assert (await admin.delete(f"/clinics/{opened['id']}")).status_code == 200
    assert not (await told()).clinic.is_active
    listed = (await admin.get("/clinics")).json()["clinics"]
    assert [clinic["id"] for clinic in listed] == [1, 2]
    (closed,) = (await admin.get("/clinics?is_active=false")).json()["clinics"]
    assert closed["id"] == opened["id"]


async def test_a_doctor_is_added_changed_and_let_go(
    admin: httpx.AsyncClient, desk: httpx.AsyncClient, ear: Ear
) -> None:
    answer = await admin.post("/doctors", json=DOCTOR)
    assert answer.status_code == 201, answer.text
    added = answer.json()["doctor"]
    assert added["working_days"] == ["Monday", "Friday"]
    assert set(added) == set(Doctor.model_fields)

    async def told() -> DoctorChanged:
        return await ear.wait_for(DoctorChanged, lambda event: event.doctor.id == added["id"])

    assert (await told()).doctor == Doctor.model_validate(added)
    hours = {"start": "10:00", "end": "11:00"}
    changed = await admin.put(
        f"/doctors/{added['id']}", json={"working_hours": hours, "user_id": None, "specialty": ""}
    )
    assert changed.json()["doctor"] == added | {"working_hours": hours, "user_id": None, "specialty": None}
    assert (await told()).doctor.working_hours.end == "11:00"
    assert (await admin.delete(f"/doctors/{added['id']}")).status_code == 200
    assert not (await told()).doctor.is_active
    refused = await desk.post(
        "/appointments", json=BODY | {"doctor_id": added["id"], "start_time": at("10:00")}
    )
    assert (refused.status_code, "no longer active" in refused.json()["message"]) == (409, True)


async def test_a_service_is_offered_changed_and_withdrawn(admin: httpx.AsyncClient, ear: Ear) -> None:
    answer = await admin.post("/services", json=SERVICE)
    assert answer.status_code == 201, answer.text
    offered = answer.json()["service"]

    async def told() -> ServiceChanged:
        return await ear.wait_for(ServiceChanged, lambda event: event.service.id == offered["id"])

    assert (await told()).service == Offered.model_validate(offered)
    assert b'"price":99.50' in answer.content
    changed = await admin.put(f"/services/{offered['id']}", json={"price": "100.25", "clinic_id": 1})
    assert changed.json()["service"] == offered | {"price": 100.25}
    assert str((await told()).service.price) == "100.25"
    moved = await admin.put(f"/services/{offered['id']}", json={"clinic_id": 2})
    assert (moved.status_code, "stays" in moved.json()["message"]) == (409, True)
    assert (await admin.delete(f"/services/{offered['id']}")).status_code == 200
    assert not (await told()).service.is_active


async def test_what_changes_nothing_is_not_told(admin: httpx.AsyncClient, ear: Ear) -> None:
    await admin.put("/clinics/1", json={"name": "Harbour Test Clinic"})
    await admin.put("/doctors/1", json={"share_percentage": 0.6, "is_active": True})
    await admin.put("/services/1", json={"price": 200})
    await admin.put("/clinics/1", json={"name": "Harbour Renamed Clinic"})
    await ear.wait_for(ClinicChanged, lambda event: event.clinic.name == "Harbour Renamed Clinic")
    # What was heard before is the demo's planting, each thing once.
    assert len([event for event in ear.all(DoctorChanged) if event.doctor.id == 1]) <= 1
    assert len([event for event in ear.all(ServiceChanged) if event.service.id == 1]) <= 1


async def test_a_doctor_with_appointments_to_come_stays_in_the_clinic(
    admin: httpx.AsyncClient, desk: httpx.AsyncClient
) -> None:
    await book(desk)
    refused = await admin.put("/doctors/1", json={"clinic_id": 2})
    assert (refused.status_code, "appointments" in refused.json()["message"]) == (409, True)
    moved = await admin.put("/doctors/2", json={"clinic_id": 2})
    assert moved.json()["doctor"]["clinic_id"] == 2
    assert (await desk.get("/doctors/2")).status_code == 403


async def test_two_doctors_of_one_user_added_at_once_are_one(
    workers: tuple[Service, Service], admin: httpx.AsyncClient
) -> None:
    bearer = token(Role.ADMIN, clinics="*", now=NOW)
    async with client(workers[0], bearer) as first, client(workers[1], bearer) as second:
        answers = await asyncio.gather(
            first.post("/doctors", json=DOCTOR), second.post("/doctors", json=DOCTOR | {"clinic_id": 2})
        )
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    holder = await admin.put("/doctors/1", json={"user_id": 2})
    assert (holder.status_code, "Dr. Ben Example" in holder.json()["message"]) == (409, True)


async def test_the_catalogue_is_the_admins_and_each_ones_own(
    service: Service, desk: httpx.AsyncClient, doctor: httpx.AsyncClient
) -> None:
    for http in (desk, doctor):
        assert (await http.post("/clinics", json={"name": "Mine"})).status_code == 403
        assert (await http.put("/doctors/1", json={"share_percentage": 1})).status_code == 403
        assert (await http.delete("/services/1")).status_code == 403
        for path in ("/clinics/2", "/clinics/2/doctors", "/doctors?clinic_id=2", "/doctors/3", "/services/2"):
            assert (await http.get(path)).status_code == 403, path
    async with client(service, token(Role.ADMIN, clinics=(1,), now=NOW)) as admin:
        assert (await admin.post("/clinics", json={"name": "Another"})).status_code == 403
        for answer in (
            await admin.put("/clinics/2", json={"name": "Mine"}),
            await admin.post("/doctors", json=DOCTOR | {"clinic_id": 2}),
            await admin.put("/doctors/1", json={"clinic_id": 2}),
            await admin.put("/doctors/3", json={"name": "Mine"}),
            await admin.delete("/services/2"),
        ):
            assert answer.status_code == 403
        assert (await admin.put("/clinics/1", json={"room_number": "2"})).status_code == 200


@pytest.mark.parametrize("kind", ["clinics", "doctors", "services"])
async def test_what_is_not_there_is_404(admin: httpx.AsyncClient, kind: str) -> None:
    path = f"/{kind}/99"
    for answer in (await admin.get(path), await admin.put(path, json={}), await admin.delete(path)):
        assert answer.status_code == 404
        assert answer.json()["message"]
    assert (await admin.post("/doctors", json=DOCTOR | {"clinic_id": 99})).status_code == 404
    assert (await admin.post("/services", json=SERVICE | {"clinic_id": 99})).status_code == 404


async def test_no_input_is_answered_500(admin: httpx.AsyncClient) -> None:
    odd: list[object] = [
        None,
        -1,
        2**53,
        10**400,
        "\x00",
        "\ud800",
        "x" * 300,
        [],
        {},
        float("nan"),
        float("inf"),
    ]
    good = {"/clinics": {"name": "Odd", "time_zone": "UTC"}, "/doctors": DOCTOR, "/services": SERVICE}
    optional = {"user_id", "specialty"}
    wrong: list[tuple[str, str, object]] = [
        (method, path + ("" if method == "POST" else "/1"), body | {field: value})
        for path, body in good.items()
        for field in body
        for value in odd
        for method in ("POST", "PUT")
        if not (value is None and field in optional)
    ]
    wrong += [
        ("POST", "/clinics", {"name": "Odd", "time_zone": zone})
        for zone in ("Nowhere/Else", "../../etc/passwd", "/etc/passwd", ".", "Europe", " ")
    ]
    wrong += [
        ("PUT", "/doctors/1", {"working_hours": hours})
        for hours in (
            {"start": "24:00", "end": "25:00"},
            {"start": "12:00", "end": "12:00"},
            {"start": "09:00"},
        )
    ]
    wrong += [("PUT", "/services/1", {"price": price}) for price in ("1e999999999", "1.005", "-0.01", 10**11)]
    wrong += [("POST", "/services", SERVICE | {"duration": minutes}) for minutes in (0, 1441, 1.5)]
    wrong += [
        ("PUT", "/clinics/1", []),
        ("POST", "/doctors", None),
        ("PUT", "/clinics/1", {"is_active": None}),
    ]
    for method, path, body in wrong:
        answer = await admin.request(method, path, content=json.dumps(body).encode())
        assert answer.status_code == 422, (method, path, body, answer.text)
        assert answer.json()["message"]
    assert len((await admin.get("/clinics")).json()["clinics"]) == 2
