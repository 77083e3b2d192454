"""What payment_service does about the others' events, heard from a real stream."""

from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from contracts import (
    AppointmentCancelled,
    AppointmentCreated,
    AppointmentUpdated,
    PatientDeleted,
    PaymentRecorded,
    ServiceChanged,
    VisitStatusChanged,
    WalkinAdded,
)
from tests.builders import appointment, doctor, example, visit
from tests.builders import service as offered
from tests.others import Ear, Other


def of_visit(visit_id: int, status: str = "pending", void: bool = False) -> Callable[[PaymentRecorded], bool]:
    """Whether an event tells of this visit's payment as it is to be."""
    return lambda event: (
        (event.payment.visit_id, event.payment.status, event.void) == (visit_id, status, void)
    )


def planned(**changes: object) -> AppointmentUpdated:
    """Appointment 6 is other than it was; its visit has not begun."""
    made = appointment(visit=visit(status="scheduled", queue_number=None, check_in_time=None), **changes)
    return AppointmentUpdated(appointment=made, clinic_id=made.clinic_id, doctor_id=made.doctor_id)


def changed(**changes: object) -> VisitStatusChanged:
    """Visit 5 is other than it was."""
    return example(VisitStatusChanged, visit=visit(**changes))


async def after(queue: Other, ear: Ear, visit_id: int = 999) -> None:
    """Wait until everything said before has had its effect: the stream has one order."""
    await queue.say(example(WalkinAdded, visit=visit(id=visit_id, appointment_id=None)))
    await ear.wait_for(PaymentRecorded, of_visit(visit_id))


async def test_a_booking_is_billed_at_the_services_price(
    desk: httpx.AsyncClient, ear: Ear, appointments: Other
) -> None:
    await appointments.say(example(AppointmentCreated))
    recorded = await ear.wait_for(PaymentRecorded)
    assert (recorded.clinic_id, recorded.doctor_id, recorded.void) == (1, 2, False)
    (listed,) = (await desk.get("/payments")).json()["payments"]
    shown = listed.pop("visit")
    assert type(recorded.payment).model_validate(listed) == recorded.payment
    assert (listed["total_amount"], listed["remaining_amount"], listed["status"]) == (200.0, 200.0, "pending")
    assert (shown["id"], shown["doctor"]["id"], shown["clinic"]["id"], shown["service"]["id"]) == (5, 2, 1, 3)


@pytest.mark.usefixtures("catalogue")
async def test_a_walk_in_is_billed_once_however_often_it_is_heard_of(
    desk: httpx.AsyncClient, ear: Ear, queue: Other
) -> None:
    walk_in = example(WalkinAdded)
    said = await queue.say(walk_in)
    await queue.say(example(VisitStatusChanged, visit=walk_in.visit))
    await queue.say(walk_in)
    await queue.say(walk_in, message_id=said)
    await after(queue, ear)
    assert [event.payment.visit_id for event in ear.all(PaymentRecorded)] == [5, 999]
    assert (await desk.get("/payments", params={"visit_id": 5})).json()["total"] == 1


async def test_a_walk_in_for_a_service_without_a_price_yet_is_billed_when_the_price_is_heard_of(
    desk: httpx.AsyncClient, ear: Ear, queue: Other, appointments: Other
) -> None:
    await queue.say(example(WalkinAdded))
    await appointments.say(example(ServiceChanged, service=offered(price="75.50")))
    recorded = await ear.wait_for(PaymentRecorded)
    assert (recorded.payment.visit_id, recorded.payment.total_amount) == (5, Decimal("75.50"))


@pytest.mark.usefixtures("catalogue")
async def test_a_dearer_service_does_not_change_what_was_billed(
    desk: httpx.AsyncClient, ear: Ear, queue: Other, appointments: Other
) -> None:
    await queue.say(example(WalkinAdded))
    await appointments.say(example(ServiceChanged, service=offered(price="300.00")), version=2)
    await after(queue, ear)
    totals = [(event.payment.visit_id, int(event.payment.total_amount)) for event in ear.all(PaymentRecorded)]
    assert totals == [(5, 200), (999, 300)]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("gone", ["cancelled", "no_show"])
async def test_a_visit_that_does_not_take_place_voids_its_payment_until_it_is_reinstated(
    desk: httpx.AsyncClient, ear: Ear, queue: Other, gone: str
) -> None:
    await queue.say(changed(version=2))
    payment = (await ear.wait_for(PaymentRecorded)).payment
    await queue.say(changed(status=gone, version=3))
    await ear.wait_for(PaymentRecorded, of_visit(5, void=True))
    assert (await desk.get("/payments")).json()["total"] == 0
    assert (await desk.get("/payments/statistics")).json()["total"] == 0
    assert (await desk.get(f"/payments/{payment.id}")).status_code == 404
    assert (await desk.get("/payments/invoice/5")).status_code == 404
    refused = await desk.put(
        f"/payments/{payment.id}/process", json={"amount_paid": 200, "payment_method": "cash"}
    )
    assert (refused.status_code, refused.json()["payment"]["id"]) == (409, payment.id)
    await queue.say(changed(version=4))
    await ear.wait_for(PaymentRecorded, lambda event: not event.void)
    assert [row["id"] for row in (await desk.get("/payments")).json()["payments"]] == [payment.id]


@pytest.mark.usefixtures("catalogue")
async def test_what_was_paid_for_a_visit_cancelled_later_stays_until_it_is_refunded(
    desk: httpx.AsyncClient, ear: Ear, queue: Other
) -> None:
    await queue.say(changed(version=2))
    payment = (await ear.wait_for(PaymentRecorded)).payment
    await desk.put(f"/payments/{payment.id}/process", json={"amount_paid": 50, "payment_method": "cash"})
    await queue.say(changed(status="cancelled", version=3))
    await after(queue, ear)
    kept = (await desk.get(f"/payments/{payment.id}")).json()["payment"]
    assert (kept["status"], kept["amount_paid"]) == ("partially_paid", 50.0)


async def test_a_moved_appointment_takes_its_payment_along_and_an_older_event_does_not_take_it_back(
    desk: httpx.AsyncClient, ear: Ear, appointments: Other, queue: Other
) -> None:
    await appointments.say(example(AppointmentCreated))
    first = await ear.wait_for(PaymentRecorded)
    dearer = offered(id=33, price="310.00")
    await appointments.say(planned(doctor_id=22, doctor=doctor(id=22), service_id=33, service=dearer), 3)
    moved = await ear.wait_for(PaymentRecorded, lambda event: event.doctor_id == 22)
    assert (moved.payment.id, moved.payment.total_amount) == (first.payment.id, Decimal(310))
    await appointments.say(planned(notes="said before it was moved"), 2)
    await after(queue, ear)
    row = (await desk.get(f"/payments/{first.payment.id}")).json()["payment"]
    assert (row["visit"]["doctor"]["id"], row["total_amount"]) == (22, 310.0)


async def test_a_plan_heard_of_after_the_check_in_changes_nothing(
    ear: Ear, appointments: Other, queue: Other
) -> None:
    await appointments.say(example(AppointmentCreated))
    await ear.wait_for(PaymentRecorded)
    await queue.say(changed(version=2))
    await appointments.say(planned(doctor_id=22, doctor=doctor(id=22)), 9)
    await after(queue, ear)
    assert {event.doctor_id for event in ear.all(PaymentRecorded)} == {2}


async def test_a_check_in_heard_of_before_its_booking_is_billed_once(
    ear: Ear, appointments: Other, queue: Other
) -> None:
    await queue.say(changed(version=2))
    await appointments.say(example(AppointmentCreated))
    await appointments.say(planned(), 2)
    await after(queue, ear)
    assert [event.payment.visit_id for event in ear.all(PaymentRecorded)] == [5, 999]


async def test_a_cancelled_appointment_voids_the_payment_even_before_its_visit_is_heard_of(
    desk: httpx.AsyncClient, ear: Ear, appointments: Other, queue: Other
) -> None:
    await appointments.say(example(AppointmentCreated))
    plan = planned(status="cancelled").appointment
    await appointments.say(AppointmentCancelled(appointment=plan, clinic_id=1, doctor_id=2), 2)
    await ear.wait_for(PaymentRecorded, of_visit(5, void=True))
    await queue.say(changed(status="cancelled", version=2))
    await after(queue, ear)
    assert [event.void for event in ear.all(PaymentRecorded)] == [False, True, False]


async def test_paid_in_advance_and_moved_the_share_is_that_of_who_treats_the_patient(
    desk: httpx.AsyncClient, ear: Ear, appointments: Other
) -> None:
    await appointments.say(example(AppointmentCreated))
    payment = (await ear.wait_for(PaymentRecorded)).payment
    await desk.put(f"/payments/{payment.id}/process", json={"amount_paid": 200, "payment_method": "visa"})
    await appointments.say(planned(doctor_id=22, doctor=doctor(id=22, share_percentage=0.25)), 2)
    moved = await ear.wait_for(PaymentRecorded, lambda event: event.doctor_id == 22)
    assert (moved.payment.doctor_share, moved.payment.center_share) == (Decimal(50), Decimal(150))


@pytest.mark.usefixtures("catalogue")
async def test_a_deleted_patient_is_forgotten_and_the_payment_stays(
    desk: httpx.AsyncClient, ear: Ear, queue: Other, patients: Other
) -> None:
    await queue.say(example(WalkinAdded))
    await ear.wait_for(PaymentRecorded)
    (before,) = (await desk.get("/payments")).json()["payments"]
    assert before["visit"]["patient"]["name"] == "Paula Placeholder"
    await patients.say(example(PatientDeleted), version=2)
    await after(queue, ear)
    assert (await desk.get(f"/payments/{before['id']}")).json()["payment"]["visit"]["patient"] is None
