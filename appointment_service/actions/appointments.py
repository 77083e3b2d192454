"""What can be done with appointments, a function a verb."""

from appointment_service import events, rules
from appointment_service.actions import times
from appointment_service.actions.hold import hold
from appointment_service.queries import bookings
from appointment_service.shapes.appointments import AppointmentChanges, NewAppointment
from appointment_service.tables import Appointment, Booking, KnownVisit
from chassis import revision
from chassis.errors import Conflict, NotFound
from chassis.outbox import stage
from chassis.replicas import keep
from chassis.transaction import Transaction
from contracts.shapes import AppointmentStatus, Visit

S = AppointmentStatus


async def book(change: Transaction, given: NewAppointment) -> Booking:
    """Book a time; raises what `times.find` raises, and `NotFound` for a patient who is not known here."""
    await revision.advance(change, given.clinic_id)
    time = await times.find(change, given.clinic_id, given.doctor_id, given.service_id, given.start_time)
    appointment_id = change.mint()
    row = Appointment(
        id=appointment_id,
        booking_id=rules.booking_id(appointment_id),
        visit_id=change.mint(),
        clinic_id=given.clinic_id,
        doctor_id=given.doctor_id,
        patient_id=given.patient_id,
        service_id=given.service_id,
        start_time=time.start,
        end_time=time.end,
        status=S.CONFIRMED,
        booking_source=given.booking_source,
        notes=given.notes,
        created_by=change.actor,
        created_at=change.now,
        version=1,
    )
    booking = await bookings.booking(change.session, row)
    if booking.patient is None:
        raise NotFound("There is no such patient; search for the patient, or register them first")
    change.session.add(row)
    await times.take(change, row, time)
    stage(change, events.appointment_created(booking), version=row.version)
    return booking


async def update(change: Transaction, row: Appointment, given: AppointmentChanges) -> Booking:
    """Change what is given of a held appointment but its status.

    Its time, doctor, service and clinic only while it is confirmed: raises `Conflict` otherwise, and what
    `times.find` raises.
    """
    if given.patient_id not in (None, row.patient_id):
        raise Conflict("An appointment stays with its patient; cancel it and book another one")
    before = (row.clinic_id, row.doctor_id)
    moved = await _move(change, row, given)
    noted = "notes" in given.model_fields_set and given.notes != row.notes
    if noted:
        row.notes = given.notes
    if not (moved or noted):
        return await bookings.booking(change.session, row)
    row.version += 1
    booking = await bookings.booking(change.session, row)
    also = [f"doctor_{before[1]}"] if before[1] != row.doctor_id else []
    if before[0] != row.clinic_id:
        also.append(f"clinic_{before[0]}")
    # Whoever has it on a screen there must see it go.
    stage(change, events.appointment_updated(booking), version=row.version, also=tuple(also))
    return booking


async def ask_to_cancel(change: Transaction, row: Appointment) -> None:
    """Note that the desk wants this held appointment cancelled; raises `Conflict` when it already is."""
    if row.status == S.CANCELLED:
        raise Conflict(
            "This appointment is cancelled already",
            appointment=events.appointment(await bookings.booking(change.session, row)),
        )
    row.cancels_asked += 1


async def withdraw_cancel(change: Transaction, appointment_id: int) -> None:
    """Forget one request to cancel, which was refused."""
    row = await hold(change, appointment_id)
    row.cancels_asked = max(0, row.cancels_asked - 1)


async def follow_visit(change: Transaction, visit: Visit) -> None:
    """Let the appointment go where its visit went, once for each version of the visit.

    A walk-in's has none. Raises `NotFound` when the appointment is not ours.
    """
    if visit.appointment_id is None:
        return
    row = await hold(change, visit.appointment_id)
    news = await keep(change, KnownVisit, visit.id, visit.version, visit)
    status = rules.STATUS_OF_VISIT[visit.status]
    if not news or row.status == status:
        return
    by_desk = status is S.CANCELLED and row.cancels_asked > 0
    row.status = status
    row.version += 1
    if status is S.CANCELLED:
        row.cancels_asked = 0
        await times.give_back(change, row)
    booking = await bookings.booking(change.session, row)
    told = events.appointment_cancelled(booking) if by_desk else events.appointment_updated(booking)
    stage(change, told, version=row.version)
    if status is S.COMPLETED:
        stage(change, events.appointment_completed(booking), version=row.version)


async def _move(change: Transaction, row: Appointment, given: AppointmentChanges) -> bool:
    clinic_id, doctor_id, service_id, start = place = await times.wanted(change.session, row, given)
    if place == times.place_of(row):
        return False
    if row.status != S.CONFIRMED:
        raise Conflict(
            f"Only a confirmed appointment can be moved, and this one is {row.status}; book another one",
            appointment=events.appointment(await bookings.booking(change.session, row)),
        )
    time = await times.find(change, clinic_id, doctor_id, service_id, start, besides=row.id)
    await times.give_back(change, row)
    row.clinic_id, row.doctor_id, row.service_id = clinic_id, doctor_id, service_id
    row.start_time, row.end_time = time.start, time.end
    await times.take(change, row, time)
    return True
