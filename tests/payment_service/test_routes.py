"""payment_service over HTTP, on a real broker and both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from openpyxl import load_workbook

from chassis.errors import NotFound
from chassis.questions import Answerers
from chassis.service import Service
from contracts import (
    AppointmentCreated,
    AppointmentUpdated,
    ClinicChanged,
    PatientCreated,
    PaymentProcessed,
    PaymentRecorded,
    ServiceChanged,
    WalkinAdded,
)
from contracts.event import Process
from contracts.identity import Role
from contracts.questions import (
    AskClinic,
    AskDoctor,
    AskPatient,
    AskPlannedVisit,
    AskService,
    AskVisit,
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownService,
    KnownVisit,
    PlannedVisit,
)
from contracts.shapes import Payment
from tests.builders import appointment, clinic, doctor, example, patient_card, visit
from tests.builders import service as offered
from tests.others import Ear, Other, playing
from tests.parts import Broker, client, token

Bill = Callable[..., Awaitable[Payment]]


def cash(amount: float, **more: object) -> dict[str, object]:
    """A body that pays this much in cash."""
    return {"amount_paid": amount, "payment_method": "cash"} | more


async def kept(desk: httpx.AsyncClient, payment: Payment) -> dict[str, Any]:
    """The payment as it is answered now."""
    answer = await desk.get(f"/payments/{payment.id}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["payment"]
    return found


async def test_the_whole_sum_is_taken_shared_and_said(desk: httpx.AsyncClient, ear: Ear, bill: Bill) -> None:
    payment = await bill()
    answer = await desk.put(f"/payments/{payment.id}/process", json=cash(200))
    assert answer.status_code == 200, answer.text
    paid = answer.json()["payment"]
    assert (paid["status"], paid["amount_paid"], paid["remaining_amount"]) == ("paid", 200.0, 0.0)
    assert (paid["doctor_share"], paid["center_share"]) == (120.0, 80.0)
    assert paid["paid_at"] is not None
    assert b'"amount_paid":200.00' in answer.content
    assert await kept(desk, payment) == paid
    processed = await ear.wait_for(PaymentProcessed)
    recorded = await ear.wait_for(PaymentRecorded)
    del paid["visit"]
    assert processed.payment == recorded.payment == Payment.model_validate(paid)
    assert (processed.visit.id, recorded.void) == (5, False)


async def test_parts_add_up_and_more_than_what_remains_is_refused(
    desk: httpx.AsyncClient, bill: Bill
) -> None:
    payment = await bill()
    process = f"/payments/{payment.id}/process"
    first = (await desk.put(process, json=cash(30))).json()["payment"]
    assert (first["status"], first["remaining_amount"], first["paid_at"]) == ("partially_paid", 170.0, None)
    refused = await desk.put(process, json=cash(170.01))
    assert (refused.status_code, "170.00" in refused.json()["message"]) == (422, True)
    assert (await kept(desk, payment))["amount_paid"] == 30.0
    rest = cash(160, payment_method="visa", discount_amount=10)
    last = (await desk.put(process, json=rest)).json()["payment"]
    assert (last["status"], last["amount_paid"], last["discount_amount"]) == ("paid", 190.0, 10.0)
    assert (last["doctor_share"], last["center_share"]) == (114.0, 76.0)


async def test_all_can_be_let_off_and_nothing_else_costs_nothing(desk: httpx.AsyncClient, bill: Bill) -> None:
    payment = await bill()
    process = f"/payments/{payment.id}/process"
    assert (await desk.put(process, json=cash(0))).status_code == 422
    assert (await desk.put(process, json=cash(0, discount_amount=100))).status_code == 422
    free = await desk.put(process, json=cash(0, discount_amount=200))
    assert (free.status_code, free.json()["payment"]["status"]) == (200, "paid")


async def test_what_is_paid_or_refunded_already_is_refused_with_the_payment_as_it_is(
    desk: httpx.AsyncClient, bill: Bill
) -> None:
    payment = await bill()
    process, refund = f"/payments/{payment.id}/process", f"/payments/refund/{payment.id}"
    early = await desk.post(refund)
    assert (early.status_code, early.json()["payment"]["status"]) == (409, "pending")
    await desk.put(process, json=cash(200))
    again = await desk.put(process, json=cash(200))
    assert (again.status_code, again.json()["payment"]["status"]) == (409, "paid")
    by_visit = await desk.post("/payments", json=cash(200, visit_id=5))
    assert (by_visit.status_code, by_visit.json()["payment"]["id"]) == (409, payment.id)
    given_back = await desk.post(refund)
    assert (given_back.status_code, given_back.json()["payment"]["status"]) == (200, "refunded")
    assert (await desk.post(refund)).status_code == 409
    late = await desk.put(process, json=cash(1))
    assert (late.status_code, late.json()["payment"]["status"]) == (409, "refunded")


async def test_a_refund_is_told_to_services_and_no_longer_revenue(
    desk: httpx.AsyncClient, ear: Ear, bill: Bill
) -> None:
    payment = await bill()
    await desk.put(f"/payments/{payment.id}/process", json=cash(150))
    await desk.post(f"/payments/refund/{payment.id}")
    recorded = await ear.wait_for(PaymentRecorded, lambda event: event.payment.status == "refunded")
    assert recorded.payment.amount_paid == recorded.payment.doctor_share + recorded.payment.center_share
    assert len(ear.all(PaymentProcessed)) == 1
    counted = (await desk.get("/payments/statistics")).json()
    assert (counted["total_revenue"], counted["by_status"]["refunded"]) == (0.0, 1)


async def test_two_payments_of_the_whole_at_once_are_taken_once(
    workers: tuple[Service, Service], bill: Bill
) -> None:
    async with client(workers[0], token(Role.CASHIER)) as one, client(workers[1], token(Role.ADMIN)) as other:
        for number in range(10):
            payment = await bill(id=100 + number)
            process = f"/payments/{payment.id}/process"
            answers = await asyncio.gather(
                one.put(process, json=cash(200)), other.put(process, json=cash(200))
            )
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            assert (await kept(one, payment))["amount_paid"] == 200.0


async def test_two_parts_at_once_both_count(workers: tuple[Service, Service], ear: Ear, bill: Bill) -> None:
    async with client(workers[0], token(Role.CASHIER)) as one, client(workers[1], token(Role.ADMIN)) as other:
        for number in range(10):
            payment = await bill(id=100 + number)
            answers = await asyncio.gather(
                one.put(f"/payments/{payment.id}/process", json=cash(30)),
                other.post("/payments", json=cash(40, visit_id=100 + number)),
            )
            assert [answer.status_code for answer in answers] == [200, 201]
            assert (await kept(one, payment))["amount_paid"] == 70.0
            both = await ear.wait_for(PaymentProcessed, lambda event: event.payment.amount_paid == 70)
            assert both.payment.id == payment.id


async def test_a_visit_is_paid_with_an_invoice(desk: httpx.AsyncClient, bill: Bill) -> None:
    payment = await bill(status="completed")
    answer = await desk.post("/payments", json=cash(200, visit_id=5))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["payment"]["id"], made["payment"]["status"]) == (payment.id, "paid")
    invoice = made["invoice"]
    assert invoice["invoice_number"] == f"INV-{payment.id}"
    assert (invoice["patient"]["id"], invoice["doctor"]["id"], invoice["visit"]["id"]) == (4, 2, 5)
    assert (invoice["clinic"]["id"], invoice["service"]["id"]) == (1, 3)
    assert (await desk.get("/payments/invoice/5")).json() == {"invoice": invoice}


async def test_the_same_idempotency_key_takes_the_money_once(desk: httpx.AsyncClient, bill: Bill) -> None:
    payment = await bill()
    key = {"Idempotency-Key": "a double click"}
    body = cash(50, visit_id=5)
    first, second = await asyncio.gather(
        desk.post("/payments", json=body, headers=key), desk.post("/payments", json=body, headers=key)
    )
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    other = await desk.post("/payments", json=cash(60, visit_id=5), headers=key)
    assert other.status_code == 422
    assert (await kept(desk, payment))["amount_paid"] == 50.0


async def known_visit(_: AskVisit) -> KnownVisit:
    """Visit 5, as the queue knows it."""
    return KnownVisit(visit=visit(version=3))


async def nobody(_: object) -> KnownVisit:
    """Nothing that anybody knows of."""
    raise NotFound("There is no such visit")


async def planned_visit(question: AskPlannedVisit) -> PlannedVisit:
    """Visit 5, not begun, of an appointment that was moved to doctor 22."""
    assert question.visit_id == 5
    plan = visit(status="scheduled", queue_number=None, check_in_time=None)
    return PlannedVisit(
        appointment=appointment(doctor_id=22, doctor=doctor(id=22, share_percentage=0.5)),
        version=2,
        visit=plan,
    )


async def known_service(_: AskService) -> KnownService:
    """Service 3."""
    return KnownService(service=offered(), version=1)


async def known_doctor(_: AskDoctor) -> KnownDoctor:
    """Doctor 2."""
    return KnownDoctor(doctor=doctor(), version=1)


async def known_clinic(_: AskClinic) -> KnownClinic:
    """Clinic 1."""
    return KnownClinic(clinic=clinic(), version=1)


async def known_patient(_: AskPatient) -> KnownPatient:
    """Patient 4."""
    return KnownPatient(patient=patient_card(), version=1)


OF_QUEUE: Answerers = {AskVisit: known_visit}
OF_CATALOGUE: Answerers = {
    AskService: known_service,
    AskDoctor: known_doctor,
    AskClinic: known_clinic,
    AskPlannedVisit: nobody,
}
OF_PATIENTS: Answerers = {AskPatient: known_patient}


@pytest.fixture
async def at_work(broker: Broker, service: Service, ear: Ear) -> None:
    """The service is past its start: it has heard something, and said something about it."""
    async with playing(broker, Process.APPOINTMENT) as catalogue, playing(broker, Process.QUEUE) as queue:
        await catalogue.say(example(ClinicChanged, clinic=clinic(id=9), clinic_id=9))
        price = offered(id=9, clinic_id=9)
        await catalogue.say(ServiceChanged(service=price, clinic_id=9))
        elsewhere = visit(id=9, clinic_id=9, doctor_id=9, patient_id=9, service_id=9)
        await queue.say(WalkinAdded(visit=elsewhere, clinic_id=9))
        await ear.wait_for(PaymentRecorded)


@pytest.mark.usefixtures("at_work")
async def test_a_visit_no_event_has_told_of_is_paid_on_the_spot_and_its_event_changes_nothing(
    broker: Broker, desk: httpx.AsyncClient, ear: Ear
) -> None:
    async with (
        playing(broker, Process.QUEUE, OF_QUEUE) as queue,
        playing(broker, Process.APPOINTMENT, OF_CATALOGUE),
        playing(broker, Process.PATIENT, OF_PATIENTS),
    ):
        answer = await desk.post("/payments", json=cash(200, visit_id=5))
        assert answer.status_code == 201, answer.text
        paid = answer.json()["payment"]
        assert (paid["status"], paid["doctor_share"]) == ("paid", 120.0)
        assert answer.json()["invoice"]["patient"]["name"] == "Paula Placeholder"
        await ear.wait_for(PaymentProcessed)
        await queue.say(example(WalkinAdded, visit=visit(version=2)))
        await queue.say(example(WalkinAdded, visit=visit(id=999)))
        await ear.wait_for(PaymentRecorded, lambda event: event.payment.visit_id == 999)
        assert (await desk.get(f"/payments/{paid['id']}")).json()["payment"] == paid


@pytest.mark.usefixtures("at_work")
async def test_a_planned_visit_is_paid_in_advance_while_the_queue_is_away(
    broker: Broker, desk: httpx.AsyncClient, ear: Ear
) -> None:
    answerers: Answerers = {**OF_CATALOGUE, AskPlannedVisit: planned_visit}
    async with playing(broker, Process.APPOINTMENT, answerers):
        answer = await desk.post("/payments", json=cash(100, visit_id=5))
        assert answer.status_code == 201, answer.text
        assert answer.json()["payment"]["doctor_share"] == 50.0
        # The patients' service is away too: the card is not known, the money is taken.
        assert answer.json()["invoice"]["patient"] is None
        assert (await ear.wait_for(PaymentProcessed)).visit.doctor_id == 22


@pytest.mark.usefixtures("at_work")
async def test_a_scheduled_visit_paid_on_the_spot_still_moves_with_its_appointment(
    broker: Broker, desk: httpx.AsyncClient, ear: Ear
) -> None:
    plan = visit(status="scheduled", queue_number=None, check_in_time=None, version=1)

    async def scheduled(_: AskVisit) -> KnownVisit:
        return KnownVisit(visit=plan)

    async with (
        playing(broker, Process.QUEUE, {AskVisit: scheduled}),
        playing(broker, Process.APPOINTMENT, OF_CATALOGUE) as appointments,
    ):
        assert (await desk.post("/payments", json=cash(50, visit_id=5))).status_code == 201
        moved = appointment(doctor_id=22, doctor=doctor(id=22), visit=plan)
        await appointments.say(AppointmentUpdated(appointment=moved, clinic_id=1, doctor_id=22), version=2)
        recorded = await ear.wait_for(PaymentRecorded, lambda event: event.doctor_id == 22)
        assert recorded.payment.visit_id == 5


@pytest.mark.usefixtures("at_work")
async def test_a_visit_nobody_knows_is_404_and_while_its_owner_is_away_503(
    broker: Broker, desk: httpx.AsyncClient
) -> None:
    body = cash(200, visit_id=12345)
    async with playing(broker, Process.APPOINTMENT, {AskPlannedVisit: nobody}):
        away = await desk.post("/payments", json=body)
        assert (away.status_code, "Retry-After" in away.headers) == (503, True)
        async with playing(broker, Process.QUEUE, {AskVisit: nobody}):
            assert (await desk.post("/payments", json=body)).status_code == 404
    assert (await desk.get("/payments")).json()["total"] == 0


async def test_a_cancelled_visit_has_nothing_to_pay(
    desk: httpx.AsyncClient, queue: Other, ear: Ear, bill: Bill
) -> None:
    await queue.say(example(WalkinAdded, visit=visit(id=77, status="cancelled")))
    await bill()
    answer = await desk.post("/payments", json=cash(200, visit_id=77))
    assert (answer.status_code, "does not take place" in answer.json()["message"]) == (409, True)


async def test_another_clinics_desk_neither_sees_nor_takes_the_money(
    service: Service, desk: httpx.AsyncClient, bill: Bill
) -> None:
    payment = await bill()
    async with client(service, token(Role.RECEPTIONIST, clinics=(2,))) as stranger:
        assert (await stranger.get("/payments")).json()["total"] == 0
        assert (await stranger.get("/payments/statistics")).json()["total"] == 0
        for refused in (
            await stranger.get("/payments", params={"clinic_id": 1}),
            await stranger.get(f"/payments/{payment.id}"),
            await stranger.get("/payments/invoice/5"),
            await stranger.put(f"/payments/{payment.id}/process", json=cash(200)),
            await stranger.post("/payments", json=cash(200, visit_id=5)),
            await stranger.post(f"/payments/refund/{payment.id}"),
        ):
            assert refused.status_code == 403, refused.text
    assert (await kept(desk, payment))["status"] == "pending"


async def test_a_doctor_reads_payments_of_own_visits_and_takes_none(service: Service, bill: Bill) -> None:
    own, strange = await bill(), await bill(id=55, doctor_id=3)
    async with client(service, token(Role.DOCTOR, doctor_id=2)) as http:
        listed = (await http.get("/payments")).json()
        assert [row["id"] for row in listed["payments"]] == [own.id]
        assert (await http.get(f"/payments/{own.id}")).status_code == 200
        assert (await http.get("/payments/invoice/5")).status_code == 200
        assert (await http.get(f"/payments/{strange.id}")).status_code == 403
        assert (await http.get("/payments/invoice/55")).status_code == 403
        assert (await http.put(f"/payments/{own.id}/process", json=cash(200))).status_code == 403
        assert (await http.get("/payments/statistics")).status_code == 403
    async with client(service, token(Role.DOCTOR)) as nameless:
        assert (await nameless.get("/payments")).json()["total"] == 0


async def test_a_display_and_a_caller_without_a_token_are_refused(service: Service) -> None:
    async with client(service, token(Role.DISPLAY)) as http:
        assert (await http.get("/payments")).status_code == 403
    async with client(service) as http:
        assert (await http.get("/payments")).status_code == 401


async def test_the_list_is_filtered_and_comes_in_pages_newest_first(
    desk: httpx.AsyncClient, bill: Bill
) -> None:
    first, second, third = await bill(id=51), await bill(id=52, patient_id=44), await bill(id=53)
    await desk.put(f"/payments/{second.id}/process", json=cash(200))

    async def ids(**params: str | int) -> list[int]:
        answer = await desk.get("/payments", params=params)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["payments"]]

    assert await ids() == [third.id, second.id, first.id]
    assert await ids(status="paid") == [second.id]
    assert await ids(patient_id=44) == [second.id]
    assert await ids(visit_id=51) == [first.id]
    assert await ids(clinic_id=1, status="", patient_id="") == [third.id, second.id, first.id]
    assert await ids(page=2, per_page=2) == [first.id]
    page = (await desk.get("/payments", params={"page": 2, "per_page": 2})).json()
    assert (page["total"], page["pages"], page["current_page"], page["per_page"]) == (3, 2, 2, 2)


async def test_a_day_is_the_clinics_own(
    desk: httpx.AsyncClient, service: Service, appointments: Other, bill: Bill
) -> None:
    payment = await bill()
    # 14 hours ahead of UTC and 12 behind it: one of them has another date than UTC at any time.
    for version, zone in ((2, "Pacific/Kiritimati"), (3, "Etc/GMT+12")):
        await appointments.say(example(ClinicChanged, clinic=clinic(time_zone=zone)), version)
        await bill(id=100 + version)
        day = payment.created_at.astimezone(ZoneInfo(zone)).date()
        asked: tuple[tuple[dict[str, str | int], int], ...] = (
            ({"start_date": str(day), "end_date": str(day), "visit_id": 5}, 1),
            ({"end_date": str(day - timedelta(days=1)), "visit_id": 5}, 0),
            ({"start_date": str(day + timedelta(days=1)), "visit_id": 5}, 0),
        )
        for params, total in asked:
            assert (await desk.get("/payments", params=params)).json()["total"] == total, (zone, params)


async def test_a_day_concerns_its_visits_and_the_money_that_changed_hands_on_it(
    desk: httpx.AsyncClient, appointments: Other, ear: Ear, bill: Bill
) -> None:
    walked_in = await bill(id=51)
    today = walked_in.created_at.astimezone(ZoneInfo(clinic().time_zone)).date()
    before, after = today - timedelta(days=20), today + timedelta(days=20)

    async def books(number: int, on: date) -> Payment:
        start = datetime.combine(on, time(10), UTC)
        planned = visit(id=number, appointment_id=number + 100, status="scheduled")
        made = appointment(id=number + 100, start_time=start, end_time=start, visit=planned)
        booked = AppointmentCreated(appointment=made, visit=planned, clinic_id=1, doctor_id=2)
        await appointments.say(booked)
        told = await ear.wait_for(PaymentRecorded, lambda event: event.payment.visit_id == number)
        return told.payment

    async def visits(**params: str) -> list[int]:
        answer = await desk.get("/payments", params=params)
        return sorted(row["visit_id"] for row in answer.json()["payments"])

    long_ago, ahead = await books(52, before), await books(53, after)
    assert await visits(day=str(today)) == [51]
    assert await visits(day=str(before)) == [52]
    assert await visits(day=str(after), status="pending") == [53]
    # Somebody pays what they owe, somebody in advance.
    await desk.put(f"/payments/{long_ago.id}/process", json=cash(200))
    await desk.put(f"/payments/{ahead.id}/process", json=cash(50))
    assert await visits(day=str(today)) == [51, 52, 53]
    counted = (await desk.get("/payments/statistics", params={"day": str(today)})).json()
    assert counted["by_status"] == {"pending": 1, "partially_paid": 1, "paid": 1, "refunded": 0}
    assert counted["totals"]["taken"] == 250.0
    earlier = (await desk.get("/payments/statistics", params={"day": str(before)})).json()
    assert (earlier["total"], earlier["totals"]["taken"]) == (1, 0.0)
    await desk.put(f"/payments/{walked_in.id}/process", json=cash(20))
    await desk.post(f"/payments/refund/{long_ago.id}")
    counted = (await desk.get("/payments/statistics", params={"day": str(today)})).json()
    assert (counted["totals"]["taken"], counted["by_status"]["refunded"]) == (70.0, 1)


async def test_statistics_count_what_came_in_and_what_is_to_come(
    desk: httpx.AsyncClient, service: Service, bill: Bill
) -> None:
    payments = [await bill(id=50 + number) for number in range(4)]
    await desk.put(f"/payments/{payments[0].id}/process", json=cash(200))
    await desk.put(f"/payments/{payments[1].id}/process", json=cash(30.5, discount_amount=9.5))
    await desk.put(f"/payments/{payments[2].id}/process", json=cash(10))
    await desk.post(f"/payments/refund/{payments[2].id}")
    assert (await desk.get("/payments/statistics")).json() == {
        "total": 4,
        "by_status": {"pending": 1, "partially_paid": 1, "paid": 1, "refunded": 1},
        "totals": {"revenue": 230.5, "pending_amount": 360.0, "taken": 230.5},
        "total_revenue": 230.5,
        "pending_count": 1,
        "paid_count": 1,
    }


async def test_an_export_holds_the_payments_and_no_formula(
    desk: httpx.AsyncClient, patients: Other, bill: Bill
) -> None:
    await patients.say(example(PatientCreated, patient=patient_card(id=44, name="=1+1")))
    payment = await bill(patient_id=44)
    await desk.put(f"/payments/{payment.id}/process", json=cash(120.25))
    answer = await desk.get("/payments/export")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    heads, row = load_workbook(BytesIO(answer.content)).active.iter_rows()  # type: ignore[union-attr]  # it has one
    line = dict(zip((head.value for head in heads), row, strict=True))
    assert (line["id"].value, line["amount_paid"].value) == (payment.id, 120.25)
    assert (line["patient"].value, line["patient"].data_type) == ("=1+1", "s")


BAD_BODIES = (
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b'{"amount_paid": 1}',
    b'{"amount_paid": -1, "payment_method": "cash"}',
    b'{"amount_paid": 0.001, "payment_method": "cash"}',
    b'{"amount_paid": 1e400, "payment_method": "cash"}',
    b'{"amount_paid": NaN, "payment_method": "cash"}',
    b'{"amount_paid": 99999999999999999999999, "payment_method": "cash"}',
    b'{"amount_paid": ' + b"9" * 5000 + b', "payment_method": "cash"}',
    b'{"amount_paid": {"a": 1}, "payment_method": "cash"}',
    b'{"amount_paid": "\\u0000", "payment_method": "cash"}',
    b'{"amount_paid": 1, "payment_method": "\\ud800"}',
    b'{"amount_paid": 1, "payment_method": "gold"}',
    b'{"amount_paid": 1, "payment_method": "cash", "discount_amount": -1}',
)
BAD_VISITS = (b"0", b"-1", b"1e30", b"null", b'"x"', b"9007199254740992", b"9" * 5000)
BAD_QUERIES = (
    "start_date=0001-01-01",
    "end_date=9999-12-31",
    "start_date=9999-12-31T23:59:59-14:00",
    "start_date=yesterday",
    "day=today",
    "day=0001-01-01",
    "start_date=%00",
    "patient_id=99999999999999999999",
    "visit_id=-1",
    "clinic_id=x",
    "status=lost",
    "page=0",
    "page=99999999999999999999",
    "per_page=101",
)
BAD_IDS = ("0", "-1", "x", "9007199254740992", "99999999999999999999", "%00")


async def test_a_bad_body_is_refused_and_changes_nothing(desk: httpx.AsyncClient, bill: Bill) -> None:
    payment = await bill()
    headers = {"Content-Type": "application/json"}
    for body in BAD_BODIES:
        for answer in (
            await desk.post("/payments", content=body, headers=headers),
            await desk.put(f"/payments/{payment.id}/process", content=body, headers=headers),
        ):
            assert answer.status_code in (400, 422), (body, answer.text)
            assert "message" in answer.json()
    for visit_id in BAD_VISITS:
        body = b'{"amount_paid": 1, "payment_method": "cash", "visit_id": ' + visit_id + b"}"
        answer = await desk.post("/payments", content=body, headers=headers)
        assert answer.status_code in (400, 422), (visit_id, answer.text)
    assert (await kept(desk, payment))["amount_paid"] == 0.0


async def test_a_bad_query_or_id_is_refused(desk: httpx.AsyncClient) -> None:
    for query in BAD_QUERIES:
        for path in ("/payments", "/payments/export"):
            if path == "/payments" or "page" not in query:
                answer = await desk.get(f"{path}?{query}")
                assert (answer.status_code, "message" in answer.json()) == (422, True), query
    for bad in BAD_IDS:
        for path in (f"/payments/{bad}", f"/payments/invoice/{bad}"):
            assert (await desk.get(path)).status_code == 422, path


async def test_odd_queries_at_the_edge_are_answered(desk: httpx.AsyncClient) -> None:
    edge: dict[str, str | int] = {
        "start_date": "1900-01-01",
        "end_date": "2999-12-31",
        "page": 1_000_000,
        "per_page": 100,
    }
    assert (await desk.get("/payments", params=edge)).json()["payments"] == []


async def test_unknown_payments_are_404_and_wrong_methods_405(desk: httpx.AsyncClient) -> None:
    assert (await desk.get("/payments/12345")).status_code == 404
    assert (await desk.get("/payments/invoice/12345")).status_code == 404
    assert (await desk.put("/payments/12345/process", json=cash(1))).status_code == 404
    assert (await desk.post("/payments/refund/12345")).status_code == 404
    answer = await desk.delete("/payments/12345")
    assert (answer.status_code, "message" in answer.json()) == (405, True)
