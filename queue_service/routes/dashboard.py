"""The day at a glance."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.access import Caller
from chassis.reply import Reply
from chassis.service import Service, Serving
from contracts.identity import Identity
from contracts.shapes import Id
from queue_service import known, shapes
from queue_service.queries import numbers
from queue_service.queries.numbers import LONG_WAIT, Scope
from queue_service.routes.reading import (
    Day,
    bounds,
    check_clinic,
    only_doctor,
    own_clinics,
    sensible,
    todays_zone,
)
from queue_service.rules import day_of

router = APIRouter(tags=["dashboard"])

ClinicId = Annotated[Id | None, Query()]


@router.get("/dashboard/stats", response_model=shapes.DashboardStats)
async def stats(
    serving: Serving,
    caller: Caller,
    clinic_id: ClinicId = None,
    date: Day = None,
) -> Response:
    """Counts of the day: the caller's clinics', a doctor's own."""
    scope = await _scope(serving, caller, clinic_id, date)
    async with serving.database.reading() as session:
        appointments = await numbers.appointment_counts(session, scope)
        visits = await numbers.visit_counts(session, scope)
        payments = await numbers.payment_counts(session, scope)
        waiting = await numbers.long_waiting(session, scope, serving.now())
    alerts = []
    if waiting:
        minutes = int(LONG_WAIT.total_seconds() // 60)
        message = f"{len(waiting)} waiting for more than {minutes} minutes"
        alerts.append(shapes.Alert(type="long_wait", message=message))
    if visits.pending_payment:
        message = f"{visits.pending_payment} completed and not fully paid"
        alerts.append(shapes.Alert(type="pending_payment", message=message))
    answer = shapes.DashboardStats(
        appointments=appointments,
        visits=visits,
        payments=payments,
        alerts=tuple(alerts),
        date=scope.day,
    )
    return Reply(answer).response()


@router.get("/dashboard/notifications", response_model=shapes.Notifications)
async def notifications(serving: Serving, caller: Caller, clinic_id: ClinicId = None) -> Response:
    """What wants somebody's eye now: who has waited long."""
    scope = await _scope(serving, caller, clinic_id, None)
    async with serving.database.reading() as session:
        waiting = await numbers.long_waiting(session, scope, serving.now())
    listed = tuple(
        shapes.Notification(
            type="long_wait",
            message=f"Ticket {visit.queue_number} is still waiting",
            visit_id=visit.id,
            at=visit.check_in_time,
        )
        for visit in waiting
    )
    return Reply(shapes.Notifications(notifications=listed)).response()


async def _scope(serving: Service, caller: Identity, clinic_id: int | None, day: date | None) -> Scope:
    if clinic_id is not None:
        check_clinic(caller, clinic_id)
    clinics = own_clinics(caller) if clinic_id is None else frozenset({clinic_id})
    if clinic_id is None:
        zone = await todays_zone(serving, clinics)
    else:
        zone = (await known.clinic(serving, clinic_id)).time_zone
    the_day = sensible(day or day_of(serving.now(), zone))
    return Scope(clinics, only_doctor(caller), the_day, *bounds(the_day, zone))
