"""One service is away: what can go on goes on, what can't says when to try again, and nothing is lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from contracts.event import Process
from tests.flows.house import CLINIC, DOCTOR, SERVICE, Answer, House
from tests.flows.screens import SEATS

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNHEARD = 888_888_888
"""An id that nobody has heard of: only its owner can say that there is no such thing."""


@asynccontextmanager
async def away(house: House, process: Process) -> AsyncIterator[None]:
    """This service is stopped meanwhile."""
    await house.installation.stop(process)
    try:
        yield
    finally:
        await house.installation.start(process)
        await house.installation.ready()


def try_again(answer: Answer) -> None:
    assert answer.status == 503, f"{answer.status} {answer.body}"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.body["message"]


async def test_the_queue_goes_on_while_appointments_are_away(house: House) -> None:
    booked, coming = await house.books(), await house.patient()
    await house.payment_of(booked.visit)
    await house.marker()
    async with away(house, Process.APPOINTMENT):
        await house.does("reception", "POST", "/queue/checkin", appointment_id=booked.id("appointment"))
        called = await house.does("doctor 1", "POST", "/queue/call", visit_id=booked.visit.id)
        await house.does("doctor 1", "POST", "/queue/start", visit_id=booked.visit.id)
        current = await house.sees("doctor 1", "/appointments/current")
        assert current["appointment"]["id"] == booked.id("appointment")
        done = await house.does("doctor 1", "POST", "/queue/complete", visit_id=called.visit.id)
        walked_in = await house.walks_in(patient_id=coming)
        payment = await house.payment_of(walked_in.visit)
        await house.does(
            "cashier", "PUT", f"/payments/{payment['id']}/process", amount_paid=200, payment_method="cash"
        )
        await house.patient()
        try_again(await house.tries("reception", "POST", "/queue/checkin", appointment_id=UNHEARD))
        try_again(await house.tries("reception", "GET", f"/visits/{UNHEARD}"))
        unknown = {"clinic_id": CLINIC, "doctor_id": UNHEARD, "patient_id": coming, "service_id": SERVICE}
        try_again(await house.tries("reception", "POST", "/queue/walkin", **unknown))
        last = await house.marker()
        await house.all_screens_agree(last.seq)
    seen = await house.eventually(
        "reception",
        f"/appointments/{booked.id('appointment')}",
        lambda seen: seen["appointment"]["status"] == "completed",
    )
    assert seen["appointment"]["visit"] == done.body["visit"]
    gone = await house.tries("reception", "POST", "/queue/checkin", appointment_id=UNHEARD)
    assert gone.status == 404
    assert (await house.tries("reception", "POST", "/queue/walkin", **unknown)).status == 404


async def test_the_desk_goes_on_while_patients_are_away(house: House) -> None:
    known = await house.patient()
    booked = await house.books(known)
    await house.marker()
    async with away(house, Process.PATIENT):
        await house.does("reception", "POST", "/queue/checkin", appointment_id=booked.id("appointment"))
        await house.frees_the_doctor()
        await house.does("doctor 1", "POST", "/queue/start", visit_id=booked.visit.id)
        current = await house.sees("doctor 1", "/appointments/current")
        assert (current["patient"]["id"], current["patient"]["medical_history"]) == (known, None)
        await house.does("doctor 1", "POST", "/queue/complete", visit_id=booked.visit.id)
        assert (await house.books(known)).status == 201
        assert (await house.walks_in(patient_id=known)).status == 201
        unknown = {"clinic_id": CLINIC, "doctor_id": DOCTOR, "patient_id": UNHEARD, "service_id": SERVICE}
        try_again(await house.tries("reception", "POST", "/queue/walkin", **unknown))
        start = {"start_time": house.quarter(), "booking_source": "online"}
        try_again(await house.tries("reception", "POST", "/appointments", **unknown, **start))
    assert (await house.tries("reception", "POST", "/queue/walkin", **unknown)).status == 404
    await house.eventually(
        "reception",
        f"/patients/{known}",
        lambda seen: [visit["status"] for visit in seen["patient"]["recent_visits"]].count("completed") == 1,
    )


async def test_bookings_go_on_while_the_queue_is_away(house: House) -> None:
    before = await house.books()
    path = f"/appointments/{before.id('appointment')}"
    await house.marker()
    async with away(house, Process.QUEUE):
        booked = await house.books()
        await house.does("reception", "PUT", path, notes="Brings a letter")
        for status in ("checked_in", "no_show", "cancelled"):
            try_again(await house.tries("reception", "PUT", path, status=status))
        try_again(await house.tries("doctor 1", "PUT", path, status="completed"))
        try_again(await house.tries("reception", "DELETE", path))
        kept = await house.sees("reception", path)
        assert kept["appointment"]["status"] == "confirmed"
        paid = await house.does(
            "cashier",
            "POST",
            "/payments",
            visit_id=booked.visit.id,
            amount_paid=200,
            payment_method="cash",
        )
        assert paid.body["payment"]["status"] == "paid"
        try_again(
            await house.tries(
                "cashier", "POST", "/payments", visit_id=UNHEARD, amount_paid=1, payment_method="cash"
            )
        )
    await house.eventually(
        "reception",
        f"/queue/phases/{CLINIC}",
        lambda seen: (
            {before.visit.id, booked.visit.id}
            <= {item["visit_id"] for item in seen["phases"]["appointments_today"]}
        ),
    )
    await house.does("reception", "DELETE", path)
    visit = (await house.sees("reception", f"/visits/{before.visit.id}"))["visit"]
    assert visit["status"] == "cancelled"


async def test_the_queue_goes_on_while_payments_are_away(house: House) -> None:
    await house.marker()
    async with away(house, Process.PAYMENT):
        visit = (await house.walks_in()).visit
        booked = await house.books()
        gone = (await house.walks_in()).visit
        await house.does("reception", "POST", "/queue/cancel", visit_id=gone.id)
    for one in (visit, booked.visit):
        assert (await house.payment_of(one))["status"] == "pending"
    await house.eventually("cashier", f"/payments?visit_id={gone.id}", lambda seen: not seen["payments"])


async def test_a_revoked_token_opens_nothing_that_starts_while_appointments_are_away(house: House) -> None:
    lost = f"lost-{house.number()}"
    token = SEATS["reception"].token(jti=lost)
    async with house.bearing(token) as bearer:
        assert (await bearer.get("/patients")).status_code == 200
        await house.does("admin", "POST", "/auth/revoke", jti=lost)
        await house.marker()
        async with away(house, Process.APPOINTMENT):
            async with away(house, Process.PATIENT):
                pass
            assert (await bearer.get("/patients")).status_code == 401


async def test_the_screens_miss_nothing_of_what_was_told_while_services_came_and_went(house: House) -> None:
    last = await house.marker()
    await house.all_screens_agree(last.seq)
    assert not [name for name, screen in house.screens.items() if screen.ended.is_set()]
