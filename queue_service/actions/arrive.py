"""How a visit comes to be: planned with an appointment, checked in, or walked in."""

from dataclasses import dataclass
from datetime import date, datetime

from chassis import revision
from chassis.errors import Conflict
from chassis.outbox import stage
from chassis.transaction import Transaction
from contracts.shapes import Appointment, VisitStatus, VisitType
from contracts.shapes import Visit as VisitShape
from queue_service import events, rules
from queue_service.actions.step import (
    Wish,
    check_caller,
    conclude,
    follow,
    into_line,
    locked,
    refuse_second,
    say,
    taken_up,
)
from queue_service.queries import catalogue, marks, visits
from queue_service.tables import Visit


@dataclass(frozen=True)
class WalkingIn:
    """Who comes without an appointment, to whom and for what; a higher priority goes first."""

    patient_id: int
    clinic_id: int
    doctor_id: int
    service_id: int
    priority: int
    notes: str | None


async def plan(change: Transaction, planned: VisitShape, start_time: datetime, today: date) -> Visit:
    """Take up the visit that an appointment plans, unless it is known already; `today` is the booked day."""
    await revision.advance(change, planned.clinic_id)
    known = await visits.find(change.session, planned.id)
    if known is not None:
        return known
    row = Visit(
        id=planned.id,
        appointment_id=planned.appointment_id,
        clinic_id=planned.clinic_id,
        doctor_id=planned.doctor_id,
        patient_id=planned.patient_id,
        service_id=planned.service_id,
        day=today,
        status=VisitStatus.SCHEDULED,
        visit_type=VisitType.SCHEDULED,
        rank=rules.rank_at(start_time),
        planned_time=start_time,
        created_at=planned.created_at,
        version=planned.version,
    )
    await visits.add(change, row)
    return row


async def check_in(change: Transaction, visit_id: int, wish: Wish) -> Visit:
    """Let an expected patient wait; a second check-in finds the same visit and says nothing.

    Raises `Conflict` on another day than the booked one, and when the visit was cancelled or missed.
    """
    row = await taken_up(change, visit_id, wish)
    if row.status in rules.ACTIVE or row.status == VisitStatus.COMPLETED:
        return row
    today = await catalogue.today(change.session, row.clinic_id, change.now)
    if row.status == VisitStatus.SCHEDULED and row.day != today:
        raise Conflict(
            f"This appointment is for {row.day}, not for today ({today}); move it to today first",
            visit=events.visit(row),
        )
    await refuse_second(change, row)
    follow(row, rules.Move.CHECK_IN, wish)
    row.check_in_time = change.now
    row.rank = rules.rank_of_check_in(change.now, row.planned_time)
    await into_line(change, row)
    patient = await catalogue.patient(change.session, row.patient_id)
    stage(change, events.new_checkin(row, patient), version=row.version)
    await conclude(change, row, wish)
    return row


async def walk_in(change: Transaction, coming: WalkingIn, visit_id: int, wish: Wish) -> Visit:
    """Let a patient without an appointment wait; raises `Conflict` when they do already."""
    check_caller(coming.clinic_id, coming.doctor_id, wish.caller)
    await revision.advance(change, coming.clinic_id)
    today = await catalogue.today(change.session, coming.clinic_id, change.now)
    row = Visit(
        id=visit_id,
        clinic_id=coming.clinic_id,
        doctor_id=coming.doctor_id,
        patient_id=coming.patient_id,
        service_id=coming.service_id,
        day=today,
        status=VisitStatus.WAITING,
        visit_type=VisitType.WALK_IN,
        priority=coming.priority,
        rank=rules.rank_at(change.now),
        notes=coming.notes,
        check_in_time=change.now,
        created_at=change.now,
        version=1,
    )
    await refuse_second(change, row)
    await into_line(change, row)
    await visits.add(change, row)
    stage(change, events.walkin_added(row), version=row.version)
    await say(change, row)
    return row


async def replan(change: Transaction, appointment: Appointment, booked_day: date) -> None:
    """Follow an appointment that was moved, while its visit is still to come."""
    known = await visits.of_appointment(change.session, appointment.id)
    if known is None:
        return
    row = await locked(change, known)
    if row.status != VisitStatus.SCHEDULED:
        return
    await revision.advance(change, appointment.clinic_id)
    planned = {
        "clinic_id": appointment.clinic_id,
        "doctor_id": appointment.doctor_id,
        "patient_id": appointment.patient_id,
        "service_id": appointment.service_id,
        "day": booked_day,
        "planned_time": appointment.start_time,
        "rank": rules.rank_at(appointment.start_time),
    }
    if all(getattr(row, name) == value for name, value in planned.items()):
        return
    await marks.mark(change, row.clinic_id, [row.doctor_id], phases=True)
    for name, value in planned.items():
        setattr(row, name, value)
    row.version += 1
    await visits.save_plan(change, row)
    await marks.mark(change, row.clinic_id, [row.doctor_id], phases=True)
