"""HTTP in and out: the slots of a doctor's day."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from appointment_service import events, rules
from appointment_service.queries import bookings, catalogue
from appointment_service.routes.admission import refuse_other_clinic
from appointment_service.shapes.appointments import Slot, Slots
from appointment_service.shapes.basics import Day
from chassis.access import Caller
from chassis.errors import BadInput
from chassis.reply import Reply
from chassis.service import Serving
from contracts.shapes import Id

router = APIRouter(tags=["appointments"])


@router.get("/appointments/available-slots", response_model=Slots)
async def available_slots(
    serving: Serving,
    caller: Caller,
    clinic_id: Annotated[Id, Query()],
    doctor_id: Annotated[Id, Query()],
    date: Annotated[Day, Query()],
) -> Response:
    """A doctor's slots on a day of the clinic's; none on a day off."""
    refuse_other_clinic(caller, clinic_id)
    async with serving.database.reading() as session:
        clinic = await catalogue.clinic(session, clinic_id)
        doctor = await catalogue.doctor(session, doctor_id)
        if doctor.clinic_id != clinic_id:
            raise BadInput("This doctor works in another clinic", detail="doctor_id: choose one of clinic_id")
        zone = ZoneInfo(clinic.time_zone)
        hours = rules.shift(doctor.working_days, doctor.day_start, doctor.day_end, date, zone)
        taken = await bookings.taken_slots(session, doctor_id, hours) if hours else frozenset()
    closed = None
    if not (clinic.is_active and doctor.is_active):
        closed = "no longer bookable"
    elif date < rules.day_of(serving.now(), zone):
        closed = "past"
    slots = _shown(hours, taken, zone, closed) if hours else ()
    available = tuple(slot for slot in slots if slot.available)
    answer = Slots(
        slots=available,
        available_slots=available,
        all_slots=slots,
        doctor=events.doctor(doctor),
        date=date,
    )
    return Reply(answer).response()


def _shown(
    hours: rules.Shift, taken: Collection[datetime], zone: ZoneInfo, closed: str | None
) -> tuple[Slot, ...]:
    slots = []
    for start in hours.grid():
        free = rules.can_be_had(start, rules.SLOT_MINUTES, hours, taken)
        reason = closed or (None if free else "booked")
        slots.append(
            Slot(
                start_time=f"{start.astimezone(zone):%H:%M}",
                end_time=f"{(start + rules.SLOT).astimezone(zone):%H:%M}",
                available=reason is None,
                reason=reason,
            )
        )
    return tuple(slots)
