"""What several people do at the same moment, on either database."""

import asyncio
from collections import Counter

import pytest

from tests.flows.house import CLINIC, DOCTOR, SERVICE, Answer, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

DATABASES = ("sqlite", "postgresql")


async def test_two_who_call_one_patient_at_once_are_told_who_was_quicker(house: House) -> None:
    for _ in range(5):
        visit = (await house.walks_in()).visit
        answers = await asyncio.gather(
            *(house.tries(seat, "POST", "/queue/call", visit_id=visit.id) for seat in ("reception", "admin"))
        )
        assert sorted(answer.status for answer in answers) == [200, 409]
        (refused,) = (answer for answer in answers if answer.status == 409)
        assert refused.visit.status == "called"


async def test_two_calls_for_the_next_one_reach_two_patients(house: House) -> None:
    for _ in range(2):
        await house.walks_in(priority=9)
    given = {"clinic_id": CLINIC, "doctor_id": DOCTOR}
    answers = await asyncio.gather(
        *(house.does(seat, "POST", "/queue/call", **given) for seat in ("reception", "doctor 1"))
    )
    assert answers[0].visit.id != answers[1].visit.id


async def test_walk_ins_at_once_get_a_ticket_each(house: House) -> None:
    patients = [await house.patient() for _ in range(20)]
    answers = await asyncio.gather(*(house.walks_in(patient_id=patient) for patient in patients))
    tickets = [answer.body["queue_number"] for answer in answers]
    assert len(set(tickets)) == 20


async def test_a_slot_is_booked_once(house: House) -> None:
    start = house.quarter()
    patients = [await house.patient() for _ in range(4)]

    async def book(patient: int) -> Answer:
        return await house.tries(
            "reception",
            "POST",
            "/appointments",
            clinic_id=CLINIC,
            doctor_id=DOCTOR,
            patient_id=patient,
            service_id=SERVICE,
            start_time=start,
            booking_source="phone",
        )

    answers = await asyncio.gather(*(book(patient) for patient in patients))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: 3}


async def test_two_part_payments_at_once_both_count(house: House) -> None:
    payment = await house.payment_of((await house.walks_in()).visit)
    path = f"/payments/{payment['id']}/process"
    await asyncio.gather(
        *(
            house.does("cashier", "PUT", path, amount_paid=amount, payment_method="cash")
            for amount in (30, 40)
        )
    )
    seen = (await house.sees("cashier", f"/payments/{payment['id']}"))["payment"]
    assert (seen["amount_paid"], seen["status"]) == (70, "partially_paid")


async def test_the_same_request_sent_twice_is_done_once(house: House) -> None:
    given = {
        "clinic_id": CLINIC,
        "doctor_id": DOCTOR,
        "patient_id": await house.patient(),
        "service_id": SERVICE,
    }
    key = {"Idempotency-Key": f"walk-in-{house.number()}"}
    reception = house.client("reception")
    first = await reception.post("/queue/walkin", json=given, headers=key)
    second = await reception.post("/api/queue/walkin", json=given, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = await reception.post("/queue/walkin", json=given | {"priority": 1}, headers=key)
    assert other.status_code == 422


async def test_who_was_booked_a_moment_ago_is_checked_in_at_once(house: House) -> None:
    starts = [house.quarter() for _ in range(10)]
    patients = [await house.patient() for _ in starts]

    async def comes(patient: int, start: str) -> Answer:
        booked = await house.books(patient, start=start)
        appointment = booked.id("appointment")
        return await house.does("reception", "POST", "/queue/checkin", appointment_id=appointment)

    answers = await asyncio.gather(*map(comes, patients, starts))
    assert {answer.visit.status for answer in answers} == {"waiting"}
    assert len({answer.body["queue_number"] for answer in answers}) == len(starts)
