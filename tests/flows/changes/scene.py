"""Who changes things, and what an answer is completed with where it leaves out what it changed."""

from typing import Any

from tests.flows.house import Answer, House

RECEPTION, DOCTOR_1, CASHIER, ADMIN = "reception", "doctor 1", "cashier", "admin"


async def with_visit(house: House, done: Answer, before: Answer) -> Answer:
    visit = await house.sees(RECEPTION, f"/visits/{before.visit.id}")
    return with_parts(done, visit=visit["visit"], appointment={"id": visit["visit"]["appointment_id"]})


def with_own_visit(done: Answer) -> Answer:
    return with_parts(done, visit=done.body["appointment"]["visit"])


def with_parts(done: Answer, **parts: Any) -> Answer:
    return Answer(done.status, done.body | parts, done.headers, done.since)
