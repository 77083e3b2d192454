"""patient_service over HTTP, on a real broker and both databases."""

import asyncio
import json
from io import BytesIO

import httpx
import nats
import pytest
from openpyxl import load_workbook

from chassis.broker import flushed
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
    await flushed(observer)
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


async def registered(desk: httpx.AsyncClient, **changes: object) -> dict[str, object]:
    """A new patient."""
    answer = await desk.post("/patients", json=ALMA | changes)
    assert answer.status_code == 201, answer.text
    patient: dict[str, object] = answer.json()["patient"]
    return patient


async def test_what_is_left_out_of_a_change_stays_and_what_is_empty_goes(desk: httpx.AsyncClient) -> None:
    patient = await registered(desk, address="1 Example Street", gender="female")
    answer = await desk.put(f"/patients/{patient['id']}", json={"age": 41, "address": ""})
    changed = answer.json()["patient"]
    assert changed == patient | {"age": 41, "address": None, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] > patient["updated_at"]


async def test_a_phone_can_be_kept_and_another_patients_can_not_be_taken(desk: httpx.AsyncClient) -> None:
    alma = await registered(desk)
    basil = await registered(desk, name="Basil Testwell", phone="+0005550002")
    assert (await desk.put(f"/patients/{alma['id']}", json={"phone": alma["phone"]})).status_code == 200
    taken = await desk.put(f"/patients/{basil['id']}", json={"phone": alma["phone"]})
    assert (taken.status_code, taken.json()["detail"]) == (400, "phone: in use")


async def test_two_at_once_with_one_phone_make_one_patient(desk: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(*(desk.post("/patients", json=ALMA) for _ in range(8)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes[0] == 201
    assert set(codes[1:]) <= {400, 409}
    assert (await desk.get("/patients")).json()["total"] == 1


async def test_a_deleted_patient_is_gone_and_their_phone_free_again(desk: httpx.AsyncClient) -> None:
    patient = await registered(desk)
    path = f"/patients/{patient['id']}"
    assert (await desk.delete(path)).status_code == 200
    for answer in (await desk.get(path), await desk.put(path, json={"age": 3}), await desk.delete(path)):
        assert answer.status_code == 404
    assert (await desk.get("/patients")).json()["total"] == 0
    assert (await desk.get("/patients/search", params={"q": "Alma"})).json() == {"patients": []}
    await registered(desk)


async def test_the_list_is_filtered_and_comes_in_pages_by_name(desk: httpx.AsyncClient) -> None:
    for number, name in enumerate(("Clover 100% Demo", "Alma_Testwell", "Basil Testwell")):
        await registered(desk, name=name, phone=f"+000555000{number}", gender="male" if number else "female")

    async def names(**params: str | int) -> list[str]:
        answer = await desk.get("/patients", params=params)
        assert answer.status_code == 200, answer.text
        return [patient["name"] for patient in answer.json()["patients"]]

    assert await names() == ["Alma_Testwell", "Basil Testwell", "Clover 100% Demo"]
    assert await names(name="tEsT") == ["Alma_Testwell", "Basil Testwell"]
    assert await names(name="%") == ["Clover 100% Demo"]
    assert await names(name="_") == ["Alma_Testwell"]
    assert await names(phone="0002") == ["Basil Testwell"]
    assert await names(gender="female") == ["Clover 100% Demo"]
    assert await names(page=2, per_page=2) == ["Clover 100% Demo"]
    page = (await desk.get("/patients", params={"page": 2, "per_page": 2})).json()
    assert (page["total"], page["pages"], page["current_page"], page["per_page"]) == (3, 2, 2, 2)


async def test_a_search_finds_names_and_phones_ten_at_the_most(desk: httpx.AsyncClient) -> None:
    for number in range(12):
        await registered(desk, name=f"Émile Mockridge {number:02}", phone=f"+00055512{number:02}")

    async def found(words: str) -> int:
        return len((await desk.get("/patients/search", params={"q": words})).json()["patients"])

    assert await found("mockridge") == 10
    assert await found("Émile Mockridge 03") == 1
    assert await found("émile mockridge 03") == 1
    assert await found("5551207") == 1
    assert await found("nobody") == 0


async def test_statistics_count_who_is_there(desk: httpx.AsyncClient) -> None:
    for number, gender in enumerate(("female", "female", "male", None)):
        last = await registered(desk, phone=f"+000555000{number}", gender=gender)
    await desk.delete(f"/patients/{last['id']}")
    counted = (await desk.get("/patients/statistics")).json()
    assert counted == {"total": 3, "by_gender": {"male": 1, "female": 2}, "recent": 3}


async def test_an_export_holds_the_patients_without_histories_and_no_formula(
    desk: httpx.AsyncClient,
) -> None:
    patient = await registered(desk, name='=HYPERLINK("x")', address="@SUM(1)")
    answer = await desk.get("/patients/export")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    heads, row = sheet.iter_rows()
    line = dict(zip((head.value for head in heads), row, strict=True))
    assert "medical_history" not in line
    assert line["id"].value == patient["id"]
    assert (line["name"].value, line["name"].data_type) == ('=HYPERLINK("x")', "s")
    assert line["address"].data_type == "s"


@pytest.mark.parametrize("role", [Role.CASHIER, Role.DOCTOR])
async def test_who_reads_patients_does_not_change_count_or_export_them(
    service: Service, desk: httpx.AsyncClient, role: Role
) -> None:
    patient = await registered(desk)
    async with client(service, token(role, doctor_id=2)) as http:
        assert (await http.get("/patients")).status_code == 200
        for refused in (
            await http.post("/patients", json=ALMA),
            await http.put(f"/patients/{patient['id']}", json={"age": 3}),
            await http.delete(f"/patients/{patient['id']}"),
            await http.get("/patients/statistics"),
            await http.get("/patients/export"),
        ):
            assert refused.status_code == 403


BAD_FIELDS: tuple[tuple[str, object], ...] = (
    ("name", ""),
    ("name", "   "),
    ("name", None),
    ("name", 5),
    ("name", "a\x00b"),
    ("name", "x" * 201),
    ("phone", "12"),
    ("phone", "+" + "1" * 21),
    ("phone", "٣٣٣٣٣٣"),
    ("phone", "555 0001"),
    ("phone", "+0005550001\n;"),
    ("phone", None),
    ("age", -1),
    ("age", 151),
    ("age", 1.5),
    ("age", 10**30),
    ("gender", "none"),
    ("address", "a\x00b"),
    ("medical_history", "a\x00b"),
    ("medical_history", {"a": 1}),
    ("clinic_id", 0),
    ("clinic_id", 2**53),
    ("doctor_id", "x"),
)
BAD_BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b'{"name": "Alma \\ud800", "phone": "+0005550001"}',
    b'{"name": "Alma", "phone": "+0005550001", "age": ' + b"9" * 5000 + b"}",
    b'{"name": "Alma", "phone": "+0005550001", "age": NaN}',
    b'{"name": "Alma", "phone": "+0005550001", "address": "\\udfff"}',
    b"[" * 100_000,
)
BAD_QUERIES = (
    "/patients?page=0",
    "/patients?page=x",
    "/patients?per_page=101",
    "/patients?page=99999999999999999999",
    "/patients?gender=none",
    "/patients?name=%00",
    "/patients/search",
    "/patients/search?q=a",
    "/patients/search?q=%20%20%20",
    "/patients/search?q=a%00",
    "/patients/0",
    "/patients/x",
    "/patients/9007199254740992",
    "/patients/99999999999999999999",
)


async def test_bad_input_is_refused_and_changes_nothing(desk: httpx.AsyncClient) -> None:
    patient = await registered(desk)
    path = f"/patients/{patient['id']}"
    for field, value in BAD_FIELDS:
        for answer in (
            await desk.post("/patients", json=ALMA | {"phone": "+0005550002", field: value}),
            await desk.put(path, json={field: value}),
        ):
            assert (answer.status_code, "message" in answer.json()) == (422, True), (field, value)
    headers = {"Content-Type": "application/json"}
    for body in BAD_BODIES:
        for answer in (
            await desk.post("/patients", content=body, headers=headers),
            await desk.put(path, content=body, headers=headers),
        ):
            assert answer.status_code in (400, 422), (body[:60], answer.text)
    for query in BAD_QUERIES:
        answer = await desk.get(query)
        assert (answer.status_code, "message" in answer.json()) == (422, True), query
    assert (await desk.get("/patients")).json()["patients"] == [patient]
