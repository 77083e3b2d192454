"""Changes of visits: how they come, move and go."""

from contracts.shapes import Visit
from tests.flows.changes.scene import DOCTOR_1, RECEPTION
from tests.flows.house import CLINIC, DOCTOR, Answer, House


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


async def _to_status(house: House, seat: str, visit: Visit, status: str) -> Answer:
    return await house.does(seat, "PUT", f"/visits/{visit.id}/status", status=status)


async def _to_phase(house: House, seat: str, visit: Visit, from_phase: str, to_phase: str) -> Answer:
    return await house.does(
        seat, "POST", "/queue/phases/move", visit_id=visit.id, from_phase=from_phase, to_phase=to_phase
    )
