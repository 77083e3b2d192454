"""The HTTP changes that cause events: each sets its scene, then makes one change and gives its answer."""

from typing import Any

from contracts.shapes import Visit
from tests.flows.house import (
    CLINIC,
    DOCTOR,
    OTHER_CLINIC,
    OTHER_DOCTOR,
    SECOND_DOCTOR,
    Answer,
    House,
)

RECEPTION, DOCTOR_1, CASHIER, ADMIN = "reception", "doctor 1", "cashier", "admin"


async def books(house: House) -> Answer:
    """POST /appointments"""
    before = (await house.sees(RECEPTION, f"/queue/clinic/{CLINIC}"))["total"]
    return _added(await house.books(), total_before=before)


async def updates_notes(house: House) -> Answer:
    """PUT /appointments/{id} with notes"""
    return await _updates(house, await house.books(), notes="Brings a letter")


async def moves_to_another_time(house: House) -> Answer:
    """PUT /appointments/{id} with another time"""
    return await _updates(house, await house.books(), start_time=house.quarter())


async def moves_to_another_doctor(house: House) -> Answer:
    """PUT /appointments/{id} with another doctor"""
    return await _updates(
        house, await house.books(), doctor_id=SECOND_DOCTOR, start_time=house.quarter(SECOND_DOCTOR)
    )


async def updates_to_checked_in(house: House) -> Answer:
    """PUT /appointments/{id} with status checked_in"""
    return await _updates(house, await house.books(), status="checked_in")


async def updates_to_completed(house: House) -> Answer:
    """PUT /appointments/{id} with status completed"""
    path = f"/appointments/{(await house.starts()).visit.appointment_id}"
    return _flat(await house.does(DOCTOR_1, "PUT", path, status="completed"))


async def updates_to_no_show(house: House) -> Answer:
    """PUT /appointments/{id} with status no_show"""
    return await _updates(house, await house.books(), status="no_show")


async def updates_to_cancelled(house: House) -> Answer:
    """PUT /appointments/{id} with status cancelled"""
    return await _updates(house, await house.books(), status="cancelled", reason="By phone")


async def deletes_appointment(house: House) -> Answer:
    """DELETE /appointments/{id}"""
    booked = await house.books()
    done = await house.does(RECEPTION, "DELETE", f"/appointments/{booked.id('appointment')}")
    return await _with_visit(house, done, booked)


async def deletes_appointment_of_who_waits(house: House) -> Answer:
    """DELETE /appointments/{id} after check-in"""
    waiting = await house.checks_in()
    path = f"/appointments/{waiting.visit.appointment_id}"
    return await _with_visit(house, await house.does(RECEPTION, "DELETE", path, reason="Went home"), waiting)


async def checks_in(house: House) -> Answer:
    """POST /queue/checkin"""
    return await house.checks_in()


async def checks_in_by_visits(house: House) -> Answer:
    """POST /visits/check-in"""
    booked = await house.books()
    return await house.does(RECEPTION, "POST", "/visits/check-in", appointment_id=booked.id("appointment"))


async def checks_in_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status waiting"""
    return await _to_status(house, RECEPTION, (await house.books()).visit, "waiting")


async def checks_in_by_phase(house: House) -> Answer:
    """POST /queue/phases/move appointments_today to waiting"""
    booked = await house.books()
    return await house.does(
        RECEPTION,
        "POST",
        "/queue/phases/move",
        appointment_id=booked.id("appointment"),
        from_phase="appointments_today",
        to_phase="waiting",
    )


async def walks_in(house: House) -> Answer:
    """POST /queue/walkin"""
    return await house.walks_in()


async def walks_in_by_visits(house: House) -> Answer:
    """POST /visits/walk-in"""
    return await house.walks_in("/visits/walk-in")


async def calls(house: House) -> Answer:
    """POST /queue/call"""
    return await house.calls()


async def calls_next(house: House) -> Answer:
    """POST /queue/call without a visit"""
    await house.walks_in(priority=9)
    return await house.does(DOCTOR_1, "POST", "/queue/call", clinic_id=CLINIC, doctor_id=DOCTOR)


async def calls_by_visits(house: House) -> Answer:
    """POST /visits/{id}/call"""
    visit = (await house.walks_in()).visit
    return await house.does(DOCTOR_1, "POST", f"/visits/{visit.id}/call")


async def calls_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status called"""
    return await _to_status(house, DOCTOR_1, (await house.walks_in()).visit, "called")


async def recalls(house: House) -> Answer:
    """POST /queue/recall"""
    return await house.does(RECEPTION, "POST", "/queue/recall", visit_id=(await house.calls()).visit.id)


async def requeues(house: House) -> Answer:
    """POST /queue/requeue"""
    return await house.does(RECEPTION, "POST", "/queue/requeue", visit_id=(await house.calls()).visit.id)


async def starts(house: House) -> Answer:
    """POST /queue/start"""
    return await house.starts()


async def starts_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status in_progress"""
    visit = (await house.walks_in()).visit
    await house.frees_the_doctor()
    return await _to_status(house, DOCTOR_1, visit, "in_progress")


async def starts_by_phase(house: House) -> Answer:
    """POST /queue/phases/move waiting to with_doctor"""
    visit = (await house.walks_in()).visit
    await house.frees_the_doctor()
    return await _to_phase(house, DOCTOR_1, visit, "waiting", "with_doctor")


async def moves_back_by_phase(house: House) -> Answer:
    """POST /queue/phases/move with_doctor to waiting"""
    return await _to_phase(house, RECEPTION, (await house.starts()).visit, "with_doctor", "waiting")


async def completes(house: House) -> Answer:
    """POST /queue/complete"""
    return await house.does(DOCTOR_1, "POST", "/queue/complete", visit_id=(await house.starts()).visit.id)


async def completes_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status completed"""
    return await _to_status(house, DOCTOR_1, (await house.starts()).visit, "completed")


async def completes_by_phase(house: House) -> Answer:
    """POST /queue/phases/move with_doctor to completed"""
    return await _to_phase(house, DOCTOR_1, (await house.starts()).visit, "with_doctor", "completed")


async def completes_current(house: House) -> Answer:
    """POST /appointments/current/complete"""
    await house.starts()
    return await house.does(DOCTOR_1, "POST", "/appointments/current/complete", notes="All well")


async def reinstates_by_phase(house: House) -> Answer:
    """POST /queue/phases/move completed to waiting"""
    return await _to_phase(house, RECEPTION, (await completes(house)).visit, "completed", "waiting")


async def reinstates_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status waiting, of a no-show"""
    return await _to_status(house, RECEPTION, (await skips(house)).visit, "waiting")


async def cancels(house: House) -> Answer:
    """POST /queue/cancel"""
    visit = (await house.walks_in()).visit
    return await house.does(RECEPTION, "POST", "/queue/cancel", visit_id=visit.id, reason="Went home")


async def cancels_an_appointments_visit(house: House) -> Answer:
    """POST /queue/cancel, with an appointment"""
    visit = (await house.checks_in()).visit
    return await house.does(RECEPTION, "POST", "/queue/cancel", visit_id=visit.id)


async def cancels_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status cancelled"""
    return await _to_status(house, RECEPTION, (await house.walks_in()).visit, "cancelled")


async def skips(house: House) -> Answer:
    """POST /queue/skip"""
    return await house.does(RECEPTION, "POST", "/queue/skip", visit_id=(await house.calls()).visit.id)


async def skips_by_status(house: House) -> Answer:
    """PUT /visits/{id}/status no_show"""
    return await _to_status(house, RECEPTION, (await house.checks_in()).visit, "no_show")


async def reorders(house: House) -> Answer:
    """PUT /queue/reorder"""
    await house.walks_in()
    visit = (await house.walks_in()).visit
    return await house.does(RECEPTION, "PUT", "/queue/reorder", visit_id=visit.id, new_position=1)


async def registers(house: House) -> Answer:
    """POST /patients"""
    number = house.number()
    body = {"name": f"Rae Replaced the {number}.", "phone": f"+888{number:06}", "medical_history": "Hush"}
    return await house.does(RECEPTION, "POST", "/patients", **body)


async def renames(house: House) -> Answer:
    """PUT /patients/{id}"""
    patient = await house.patient()
    name = f"Rae Renamed the {house.number()}."
    return await house.does(RECEPTION, "PUT", f"/patients/{patient}", name=name, medical_history="Hush")


async def renames_who_waits(house: House) -> Answer:
    """PUT /patients/{id} of a patient who waits"""
    visit = (await house.walks_in()).visit
    name = f"Rae Renamed the {house.number()}."
    done = await house.does(RECEPTION, "PUT", f"/patients/{visit.patient_id}", name=name)
    return await _with_visit(house, done, Answer(200, {"visit": visit.model_dump(mode="json")}, {}, 0))


async def deletes_patient(house: House) -> Answer:
    """DELETE /patients/{id}"""
    patient = await house.patient()
    done = await house.does(RECEPTION, "DELETE", f"/patients/{patient}")
    return _added(done, patient={"id": patient})


async def pays_a_part(house: House) -> Answer:
    """PUT /payments/{id}/process, a part"""
    return await _processes(house, 50)


async def pays_the_whole(house: House) -> Answer:
    """PUT /payments/{id}/process, the whole"""
    return await _processes(house, 200)


async def pays_for_a_visit(house: House) -> Answer:
    """POST /payments"""
    visit = (await house.walks_in()).visit
    return await house.does(
        CASHIER, "POST", "/payments", visit_id=visit.id, payment_method="cash", amount_paid=200
    )


async def refunds(house: House) -> Answer:
    """POST /payments/refund/{id}"""
    paid = await _processes(house, 200)
    return await house.does(CASHIER, "POST", f"/payments/refund/{paid.id('payment')}")


async def opens_a_clinic(house: House) -> Answer:
    """POST /clinics"""
    return await house.does(ADMIN, "POST", "/clinics", name="Third Test Clinic", time_zone="UTC")


async def changes_a_clinic(house: House) -> Answer:
    """PUT /clinics/{id}"""
    return await house.does(ADMIN, "PUT", f"/clinics/{OTHER_CLINIC}", room_number=str(house.number()))


async def closes_a_clinic(house: House) -> Answer:
    """DELETE /clinics/{id}"""
    clinic = (await opens_a_clinic(house)).body["clinic"]
    done = await house.does(ADMIN, "DELETE", f"/clinics/{clinic['id']}")
    return _added(done, clinic=clinic | {"is_active": False})


async def adds_a_doctor(house: House) -> Answer:
    """POST /doctors"""
    return await house.does(
        ADMIN,
        "POST",
        "/doctors",
        name="Dr. Dee Stand-In",
        clinic_id=OTHER_CLINIC,
        working_days=["Monday"],
        working_hours={"start": "08:00", "end": "12:00"},
        share_percentage=0.5,
    )


async def changes_a_doctor(house: House) -> Answer:
    """PUT /doctors/{id}"""
    specialty = f"Example {house.number()}"
    return await house.does(ADMIN, "PUT", f"/doctors/{OTHER_DOCTOR}", specialty=specialty)


async def lets_a_doctor_go(house: House) -> Answer:
    """DELETE /doctors/{id}"""
    doctor = (await adds_a_doctor(house)).body["doctor"]
    done = await house.does(ADMIN, "DELETE", f"/doctors/{doctor['id']}")
    return _added(done, doctor=doctor | {"is_active": False})


async def offers_a_service(house: House) -> Answer:
    """POST /services"""
    return await house.does(
        ADMIN, "POST", "/services", name="Second look", clinic_id=OTHER_CLINIC, duration=30, price=80.5
    )


async def changes_a_service(house: House) -> Answer:
    """PUT /services/{id}"""
    service = (await offers_a_service(house)).id("service")
    return await house.does(ADMIN, "PUT", f"/services/{service}", price=house.number())


async def withdraws_a_service(house: House) -> Answer:
    """DELETE /services/{id}"""
    service = (await offers_a_service(house)).body["service"]
    done = await house.does(ADMIN, "DELETE", f"/services/{service['id']}")
    return _added(done, service=service | {"is_active": False})


async def revokes_a_token(house: House) -> Answer:
    """POST /auth/revoke, a token"""
    return await house.does(ADMIN, "POST", "/auth/revoke", jti=f"lost-{house.number()}")


async def revokes_a_subject(house: House) -> Answer:
    """POST /auth/revoke, all tokens of a subject"""
    return await house.does(ADMIN, "POST", "/auth/revoke", sub=f"left-{house.number()}")


async def _updates(house: House, booked: Answer, **what: Any) -> Answer:
    path = f"/appointments/{booked.id('appointment')}"
    return _flat(await house.does(RECEPTION, "PUT", path, **what))


async def _to_status(house: House, seat: str, visit: Visit, status: str) -> Answer:
    return await house.does(seat, "PUT", f"/visits/{visit.id}/status", status=status)


async def _to_phase(house: House, seat: str, visit: Visit, from_phase: str, to_phase: str) -> Answer:
    return await house.does(
        seat, "POST", "/queue/phases/move", visit_id=visit.id, from_phase=from_phase, to_phase=to_phase
    )


async def _processes(house: House, amount: int) -> Answer:
    payment = await house.payment_of((await house.walks_in()).visit)
    path = f"/payments/{payment['id']}/process"
    return await house.does(CASHIER, "PUT", path, amount_paid=amount, payment_method="visa")


async def _with_visit(house: House, done: Answer, before: Answer) -> Answer:
    visit = await house.sees(RECEPTION, f"/visits/{before.visit.id}")
    return _added(done, visit=visit["visit"], appointment={"id": visit["visit"]["appointment_id"]})


def _flat(done: Answer) -> Answer:
    return _added(done, visit=done.body["appointment"]["visit"])


def _added(done: Answer, **parts: Any) -> Answer:
    return Answer(done.status, done.body | parts, done.headers, done.since)
