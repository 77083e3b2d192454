"""patient_service over HTTP, on a real broker and both databases."""

import asyncio
import json

import httpx
import nats

from chassis.service import Service
from contracts.identity import Role
from tests.parts import Broker, client, token

ALMA = {"name": "Alma Testwell", "phone": "+0005550001", "age": 40, "medical_history": "none of note"}


async def test_a_registered_patient_is_answered_and_found(desk: httpx.AsyncClient) -> None:
    answer = await desk.post("/patients", json=ALMA)
    assert answer.status_code == 201, answer.text
    patient = answer.json()["patient"]
    assert patient["name"] == "Alma Testwell"
    found = await desk.get(f"/api/patients/{patient['id']}")
    assert found.json()["patient"] == patient | {"recent_appointments": [], "recent_visits": []}


async def test_a_phone_in_use_is_refused_and_changes_nothing(desk: httpx.AsyncClient) -> None:
    await desk.post("/patients", json=ALMA)
    again = await desk.post("/patients", json=ALMA | {"name": "Basil Testwell"})
    assert again.status_code == 400
    assert "another patient" in again.json()["message"]
    assert (await desk.get("/patients")).json()["total"] == 1


async def test_the_same_idempotency_key_registers_once(desk: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "registered-once"}
    first, second = await asyncio.gather(
        desk.post("/patients", json=ALMA, headers=key), desk.post("/patients", json=ALMA, headers=key)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    other = await desk.post("/patients", json=ALMA | {"phone": "+0005550002"}, headers=key)
    assert other.status_code == 422
    assert (await desk.get("/patients")).json()["total"] == 1


async def test_the_event_on_the_stream_has_no_medical_history(
    desk: httpx.AsyncClient, broker: Broker
) -> None:
    observer = await nats.connect(
        broker.url, nkeys_seed_str=broker.seeds["observer"], inbox_prefix=b"_INBOX_observer"
    )
    heard = await observer.subscribe("patient.*.patient_created")
    await observer.flush()
    patient = (await desk.post("/patients", json=ALMA)).json()["patient"]
    message = await heard.next_msg(timeout=5)
    assert message.subject == f"patient.{patient['id']}.patient_created"
    del patient["medical_history"]
    assert json.loads(message.data) == {"patient": patient}
    assert message.headers is not None
    assert message.headers["Clinicwire-Rooms"] == "staff"
    await observer.close()


async def test_the_cashier_and_a_strange_doctor_do_not_read_the_history(
    service: Service, desk: httpx.AsyncClient
) -> None:
    patient = (await desk.post("/patients", json=ALMA)).json()["patient"]
    for bearer in (token(Role.CASHIER), token(Role.DOCTOR, doctor_id=1)):
        async with client(service, bearer) as http:
            found = await http.get(f"/patients/{patient['id']}")
            assert found.status_code == 200
            assert found.json()["patient"]["medical_history"] is None


async def test_a_display_and_a_caller_without_a_token_are_refused(service: Service) -> None:
    async with client(service, token(Role.DISPLAY)) as http:
        assert (await http.get("/patients")).status_code == 403
    async with client(service) as http:
        assert (await http.get("/patients")).status_code == 401


async def test_a_wrong_method_is_405(desk: httpx.AsyncClient) -> None:
    answer = await desk.patch("/patients/1")
    assert (answer.status_code, "message" in answer.json()) == (405, True)
