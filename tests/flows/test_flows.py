"""What goes through several services, as people do it over HTTP, on either database."""

from typing import Any

import pytest

from contracts import DoctorPhasesUpdated, QueueUpdated
from tests.flows.house import CLINIC, DOCTOR, SECOND_DOCTOR, SERVICE, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

DATABASES = ("sqlite", "postgresql")

UNKNOWN = 999_999_999


def ids(items: list[dict[str, Any]], name: str = "id") -> list[int]:
    return [item[name] for item in items]


async def test_a_booking_goes_all_the_way_to_its_payment(house: House) -> None:
    booked = await house.books()
    appointment, visit = booked.id("appointment"), booked.visit
    assert (visit.status, visit.queue_number, visit.check_in_time) == ("scheduled", None, None)

    async def phase(name: str) -> dict[str, Any]:
        """The card on the reception's board, in this column and no other."""
        seen = await house.eventually(
            "reception",
            f"/queue/phases/{CLINIC}",
            lambda seen: visit.id in ids(seen["phases"][name], "visit_id"),
        )
        cards = [
            item for column in seen["phases"].values() for item in column if item["visit_id"] == visit.id
        ]
        assert [card["queue_phase"] for card in cards] == [name]
        assert cards[0]["id"] == appointment
        card: dict[str, Any] = cards[0]
        return card

    async def status(wanted: str) -> None:
        """The appointment follows its visit."""
        await house.eventually(
            "reception", f"/appointments/{appointment}", lambda seen: seen["appointment"]["status"] == wanted
        )

    await phase("appointments_today")
    payment = await house.payment_of(visit)
    assert (payment["status"], payment["total_amount"]) == ("pending", 200)

    arrived = await house.does("reception", "POST", "/queue/checkin", appointment_id=appointment)
    assert (arrived.status, arrived.visit.id, arrived.visit.status) == (201, visit.id, "waiting")
    assert arrived.body["queue_number"] == arrived.visit.queue_number
    again = await house.does("reception", "POST", "/queue/checkin", appointment_id=appointment)
    assert (again.status, again.visit.id, again.visit.version) == (200, visit.id, arrived.visit.version)
    await phase("waiting")
    await status("checked_in")

    await house.does("doctor 1", "POST", "/queue/call", visit_id=visit.id)
    assert visit.id in ids((await house.sees("reception", f"/queue/clinic/{CLINIC}"))["called"])
    await house.frees_the_doctor()
    await house.does("doctor 1", "POST", "/queue/start", visit_id=visit.id)
    await phase("with_doctor")
    current = await house.sees("doctor 1", "/appointments/current")
    assert (current["visit"]["id"], current["appointment"]["id"]) == (visit.id, appointment)
    assert current["is_first_visit"] is True

    done = await house.does("doctor 1", "POST", "/queue/complete", visit_id=visit.id, notes="All well")
    assert done.visit.status == "completed"
    assert (await house.sees("doctor 1", "/appointments/current"))["has_appointment"] is False
    card = await phase("completed")
    assert card["payment_id"] == payment["id"]
    await status("completed")

    stats = await house.sees("admin", f"/dashboard/stats?clinic_id={CLINIC}")
    pending = stats["visits"]["pending_payment"]
    paid = await house.does(
        "cashier", "PUT", f"/payments/{payment['id']}/process", amount_paid=200, payment_method="cash"
    )
    assert (paid.body["payment"]["status"], paid.body["payment"]["remaining_amount"]) == ("paid", 0)
    assert (paid.body["payment"]["doctor_share"], paid.body["payment"]["center_share"]) == (120, 80)
    await house.eventually(
        "admin",
        f"/dashboard/stats?clinic_id={CLINIC}",
        lambda seen: seen["visits"]["pending_payment"] == pending - 1,
    )
    twice = await house.tries(
        "cashier", "PUT", f"/payments/{payment['id']}/process", amount_paid=200, payment_method="cash"
    )
    assert twice.status == 409
    await house.eventually(
        "reception",
        f"/appointments/{appointment}",
        lambda seen: (seen["appointment"]["payment"] or {}).get("status") == "paid",
    )
    invoice = (await house.sees("cashier", f"/payments/invoice/{visit.id}"))["invoice"]
    assert (invoice["visit"]["id"], invoice["payment"]["status"]) == (visit.id, "paid")
    past = (await house.sees("reception", f"/patients/{visit.patient_id}"))["patient"]
    assert ids(past["recent_visits"]) == [visit.id]
    assert ids(past["recent_appointments"]) == [appointment]


async def test_deleting_an_appointment_cancels_its_visit_and_frees_its_slot(house: House) -> None:
    start = house.quarter()
    booked = await house.books(start=start)
    slots = f"/appointments/available-slots?clinic_id={CLINIC}&doctor_id={DOCTOR}&date={start[:10]}"

    async def free() -> bool:
        seen = await house.sees("reception", slots)
        return start[11:16] in [slot["start_time"] for slot in seen["available_slots"]]

    assert not await free()
    arrived = await house.does("reception", "POST", "/queue/checkin", appointment_id=booked.id("appointment"))
    await house.does("reception", "DELETE", f"/appointments/{booked.id('appointment')}")
    visit = (await house.sees("reception", f"/visits/{arrived.visit.id}"))["visit"]
    assert visit["status"] == "cancelled"
    queue = await house.sees("reception", f"/queue/clinic/{CLINIC}")
    assert arrived.visit.id not in ids(queue["waiting"])
    assert await free()
    assert (await house.books(start=start)).status == 201
    again = await house.tries("reception", "DELETE", f"/appointments/{booked.id('appointment')}")
    assert again.status == 409


async def test_an_appointments_status_is_the_queues_to_decide(house: House) -> None:
    booked = await house.books()
    path = f"/appointments/{booked.id('appointment')}"
    early = await house.tries("doctor 1", "PUT", path, status="completed")
    assert early.status == 409
    assert early.body["appointment"]["status"] == "confirmed"
    for status, visit_status in (("checked_in", "waiting"), ("no_show", "no_show")):
        changed = await house.does("reception", "PUT", path, status=status)
        assert changed.body["appointment"]["status"] == status
        visit = (await house.sees("reception", f"/visits/{booked.visit.id}"))["visit"]
        assert visit["status"] == visit_status
    assert (await house.tries("reception", "PUT", path, status="confirmed")).status == 409


async def test_a_walk_in_has_a_pending_payment_which_a_cancellation_voids(house: House) -> None:
    visit = (await house.walks_in()).visit
    payment = await house.payment_of(visit)
    assert (payment["status"], payment["remaining_amount"]) == ("pending", 200)
    before = await house.sees("cashier", "/payments/statistics")
    await house.does("reception", "POST", "/queue/cancel", visit_id=visit.id, reason="Went home")
    await house.eventually("cashier", f"/payments?visit_id={visit.id}", lambda seen: not seen["payments"])
    after = await house.sees("cashier", "/payments/statistics")
    assert after["pending_count"] == before["pending_count"] - 1
    refused = await house.tries(
        "cashier", "PUT", f"/payments/{payment['id']}/process", amount_paid=200, payment_method="cash"
    )
    assert refused.status == 409


async def test_a_renamed_patient_is_renamed_wherever_they_are_shown(house: House) -> None:
    booked = await house.checks_in()
    visit = booked.visit
    name = f"Nova Newname the {house.number()}."
    await house.does("reception", "PUT", f"/patients/{visit.patient_id}", name=name)

    def named(items: list[dict[str, Any]], key: str = "id") -> list[str]:
        return [item["patient_name"] for item in items if item[key] == visit.id]

    for path in (f"/queue/clinic/{CLINIC}", f"/queue/doctor/{DOCTOR}"):
        await house.eventually("reception", path, lambda seen: named(seen["waiting"]) == [name])
    await house.eventually(
        "reception",
        f"/queue/phases/{CLINIC}",
        lambda seen: named(seen["phases"]["waiting"], "visit_id") == [name],
    )
    await house.eventually(
        "reception",
        f"/appointments/{visit.appointment_id}",
        lambda seen: seen["appointment"]["patient"]["name"] == name,
    )
    await house.payment_of(visit)
    await house.eventually(
        "cashier",
        f"/payments?visit_id={visit.id}",
        lambda seen: seen["payments"][0]["visit"]["patient"]["name"] == name,
    )


async def test_an_unknown_patient_is_refused_at_the_desk_and_on_the_phone(house: House) -> None:
    given = {"clinic_id": CLINIC, "doctor_id": DOCTOR, "patient_id": UNKNOWN, "service_id": SERVICE}
    for path in ("/queue/walkin", "/visits/walk-in"):
        assert (await house.tries("reception", "POST", path, **given)).status == 404
    start = {"start_time": house.quarter(), "booking_source": "phone"}
    assert (await house.tries("reception", "POST", "/appointments", **given, **start)).status == 404


async def test_a_queue_is_not_sent_again_until_it_is_another_one(house: House) -> None:
    reception, path = house.client("reception"), f"/queue/clinic/{CLINIC}"
    visit = (await house.walks_in()).visit
    await house.payment_of(visit)
    await house.marker()
    tag = (await reception.get(path)).headers["ETag"]
    await house.does("reception", "POST", "/queue/call", visit_id=visit.id)
    changed = await reception.get(path, headers={"If-None-Match": tag})
    assert changed.status_code == 200
    stale = await reception.post(
        "/queue/recall", json={"visit_id": visit.id}, headers={"If-Match": str(visit.version)}
    )
    assert stale.status_code == 412


async def test_no_medical_history_is_ever_told(house: House) -> None:
    number = house.number()
    secret = f"Hush {number}"
    patient = await house.does(
        "reception",
        "POST",
        "/patients",
        name=f"Sage Secret the {number}.",
        phone=f"+777{number:06}",
        medical_history=secret,
    )
    visit = (await house.walks_in(patient_id=patient.id("patient"))).visit
    await house.frees_the_doctor()
    await house.does("doctor 1", "POST", "/queue/start", visit_id=visit.id)
    current = await house.sees("doctor 1", "/appointments/current")
    assert current["patient"]["medical_history"] == secret
    seen = await house.sees("cashier", f"/patients/{visit.patient_id}")
    assert seen["patient"]["medical_history"] is None
    last = await house.marker()
    await house.all_screens_agree(last.seq)
    assert not [entry for entry in house.log.entries if secret in entry.text]


async def test_an_appointment_moved_to_another_doctor_leaves_the_first_ones_board(house: House) -> None:
    booked = await house.books()
    visit = booked.visit
    await house.log.until(
        DoctorPhasesUpdated,
        lambda event: event.doctor_id == DOCTOR and visit.id in planned(event),
        booked.since,
    )
    moved = await house.does(
        "reception",
        "PUT",
        f"/appointments/{booked.id('appointment')}",
        doctor_id=SECOND_DOCTOR,
        start_time=house.quarter(SECOND_DOCTOR),
    )
    await house.log.until(
        DoctorPhasesUpdated,
        lambda event: event.doctor_id == DOCTOR and visit.id not in planned(event),
        moved.since,
    )
    await house.log.until(
        DoctorPhasesUpdated,
        lambda event: event.doctor_id == SECOND_DOCTOR and visit.id in planned(event),
        moved.since,
    )
    arrived = await house.does("reception", "POST", "/queue/checkin", appointment_id=booked.id("appointment"))
    assert arrived.visit.doctor_id == SECOND_DOCTOR
    assert (await house.payment_of(visit))["visit"]["doctor"]["id"] == SECOND_DOCTOR


async def test_who_is_with_the_doctor_has_an_appointment_that_can_not_be_cancelled(house: House) -> None:
    visit = (await house.starts()).visit
    path = f"/appointments/{visit.appointment_id}"
    for refused in (
        await house.tries("reception", "DELETE", path),
        await house.tries("reception", "PUT", path, status="no_show"),
        await house.tries("reception", "PUT", path, start_time=house.quarter()),
        await house.tries("reception", "DELETE", f"/patients/{visit.patient_id}"),
    ):
        assert refused.status == 409, refused.body
    await house.frees_the_doctor()


async def test_a_deleted_patient_comes_no_more(house: House) -> None:
    patient, waiting = await house.patient(), (await house.walks_in()).visit
    await house.does("reception", "DELETE", f"/patients/{patient}")
    assert (await house.tries("reception", "GET", f"/patients/{patient}")).status == 404
    # What the queue hears later than the deletion shows that it has heard of that.
    name = f"Ludo Later the {house.number()}."
    later = await house.does("reception", "PUT", f"/patients/{waiting.patient_id}", name=name)
    await house.log.until(
        QueueUpdated, lambda event: name in [item.patient_name for item in event.waiting], later.since
    )
    given = {"clinic_id": CLINIC, "doctor_id": DOCTOR, "patient_id": patient, "service_id": SERVICE}
    assert (await house.tries("reception", "POST", "/queue/walkin", **given)).status == 404


def planned(event: DoctorPhasesUpdated) -> list[int | None]:
    return [item.visit_id for item in event.phases.appointments_today]
