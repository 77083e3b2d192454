"""Changes of appointments."""

from typing import Any

from tests.flows.changes.scene import DOCTOR_1, RECEPTION, with_own_visit, with_parts, with_visit
from tests.flows.house import CLINIC, SECOND_DOCTOR, Answer, House


async def books(house: House) -> Answer:
    """POST /appointments"""
    before = (await house.sees(RECEPTION, f"/queue/clinic/{CLINIC}"))["total"]
    return with_parts(await house.books(), total_before=before)


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
    return with_own_visit(await house.does(DOCTOR_1, "PUT", path, status="completed"))


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
    return await with_visit(house, done, booked)


async def deletes_appointment_of_who_waits(house: House) -> Answer:
    """DELETE /appointments/{id} after check-in"""
    waiting = await house.checks_in()
    path = f"/appointments/{waiting.visit.appointment_id}"
    return await with_visit(house, await house.does(RECEPTION, "DELETE", path, reason="Went home"), waiting)


async def _updates(house: House, booked: Answer, **what: Any) -> Answer:
    path = f"/appointments/{booked.id('appointment')}"
    return with_own_visit(await house.does(RECEPTION, "PUT", path, **what))
