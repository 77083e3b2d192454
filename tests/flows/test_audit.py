"""Who did what to a visit or a payment, and when: from the rows that are there anyway, however old."""

from datetime import datetime, timedelta

import pytest

from chassis import sweeper
from chassis.service import Service
from contracts.identity import Role
from contracts.permissions import SERVICES
from tests.flows.house import CLINIC, OTHER_CLINIC, House
from tests.parts import token

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEATED = False


async def deeds(house: House, query: str) -> list[tuple[str, str, str | None]]:
    """Who did what, and what came of it."""
    found = await house.sees("admin", f"/audit?{query}")
    moments = [datetime.fromisoformat(deed["at"]) for deed in found["deeds"]]
    assert moments == sorted(moments)
    return [(deed["actor"], deed["what"], deed["became"]) for deed in found["deeds"]]


async def paid_visit(house: House) -> tuple[int, int]:
    """A visit from its booking to its payment, and that payment."""
    booked = await house.books()
    appointment, visit = booked.id("appointment"), booked.visit
    await house.payment_of(visit)
    await house.does("reception", "POST", "/queue/checkin", appointment_id=appointment)
    await house.does("reception", "POST", "/queue/call", visit_id=visit.id)
    await house.frees_the_doctor()
    await house.does("doctor 1", "POST", "/queue/start", visit_id=visit.id)
    await house.does("doctor 1", "POST", "/queue/complete", visit_id=visit.id)
    paid = {"amount_paid": 5, "payment_method": "cash", "visit_id": visit.id}
    payment = (await house.does("cashier", "POST", "/payments", **paid)).id("payment")
    await house.does("cashier", "POST", f"/payments/refund/{payment}")
    await house.eventually(
        "admin", f"/appointments/{appointment}", lambda seen: seen["appointment"]["status"] == "completed"
    )
    return visit.id, payment


async def test_a_visit_tells_who_did_what_from_its_booking_to_its_refund(house: House) -> None:
    visit, payment = await paid_visit(house)
    reception, doctor, cashier = "receptionist", "1", "cashier"
    told = await deeds(house, f"visit_id={visit}")
    by_people = [deed for deed in told if deed[0] in (reception, doctor, cashier)]
    assert by_people == [
        (reception, "appointment_created", "confirmed"),
        (reception, "new_checkin", None),
        (reception, "visit_status_changed", "waiting"),
        (reception, "visit_status_changed", "called"),
        (doctor, "visit_status_changed", "in_progress"),
        (doctor, "visit_status_changed", "completed"),
        (cashier, "payment_recorded", "partially_paid"),
        (cashier, "payment_recorded", "refunded"),
    ]
    # What followed by itself from another service's event is nobody's deed.
    assert {deed[0] for deed in told} - {reception, doctor, cashier} == {"events"}
    alone = await deeds(house, f"payment_id={payment}")
    assert [deed for deed in alone if deed[0] == cashier] == by_people[-2:]
    assert {what for _, what, _ in alone} == {"payment_recorded"}


async def test_who_what_and_when_stay_when_the_payloads_have_gone(house: House) -> None:
    visit, _ = await paid_visit(house)
    await house.marker()
    before = await house.sees("admin", f"/audit?visit_id={visit}")
    for process in SERVICES:
        part = house.installation.parts[process]
        assert isinstance(part, Service)
        await sweeper.sweep(part.database, part.now() + timedelta(days=400))
    assert await house.sees("admin", f"/audit?visit_id={visit}") == before


async def test_a_cancellation_and_a_new_place_name_who_gave_them(house: House) -> None:
    first, second = (await house.walks_in()).visit, (await house.walks_in()).visit
    await house.does("reception", "PUT", "/queue/reorder", visit_id=second.id, new_position=1)
    await house.does("admin", "POST", "/queue/cancel", visit_id=second.id, reason="Told us on the phone")
    told = await deeds(house, f"visit_id={second.id}")
    assert ("receptionist", "queue_reordered", "place 1") in told
    assert ("admin", "visit_cancelled", None) in told
    assert "Told us" not in str(await house.sees("admin", f"/audit?visit_id={second.id}"))
    assert not any(what == "queue_reordered" for _, what, _ in await deeds(house, f"visit_id={first.id}"))


async def test_the_trail_is_for_admins_of_the_clinic_and_of_one_thing(house: House) -> None:
    visit, payment = await paid_visit(house)
    mine = token(Role.ADMIN, clinics=(CLINIC,))
    strange = token(Role.ADMIN, clinics=(OTHER_CLINIC,))
    for query in (f"visit_id={visit}", f"payment_id={payment}"):
        async with house.bearing(mine) as admin:
            assert (await admin.get(f"/audit?{query}")).status_code == 200
            assert (await admin.get(f"/api/audit?{query}")).status_code == 200
        async with house.bearing(strange) as admin:
            refused = await admin.get(f"/audit?{query}")
            assert refused.status_code == 403
            assert set(refused.json()) == {"message"}
        for seat in ("reception", "doctor 1", "cashier", "board"):
            assert (await house.tries(seat, "GET", f"/audit?{query}")).status == 403
    for nothing in ("visit_id=999", "payment_id=999"):
        assert (await house.tries("admin", "GET", f"/audit?{nothing}")).status == 404
    for wrong in ("", f"visit_id={visit}&payment_id={payment}", "visit_id=x"):
        assert (await house.tries("admin", "GET", f"/audit?{wrong}")).status == 422
