"""Every event with the HTTP changes that cause it, and how it follows from the answer of the change."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from pydantic import BaseModel, JsonValue

from contracts import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentCreated,
    AppointmentUpdated,
    BoardUpdated,
    ClinicChanged,
    CurrentAppointmentAvailable,
    DoctorChanged,
    DoctorPhasesUpdated,
    DoctorQueueUpdated,
    Event,
    NewCheckin,
    PatientCreated,
    PatientDeleted,
    PatientUpdated,
    PaymentProcessed,
    PaymentRecorded,
    PhasesUpdated,
    QueueReordered,
    QueueUpdated,
    ServiceChanged,
    TokenRevoked,
    VisitCancelled,
    VisitStatusChanged,
    WalkinAdded,
    encode,
)
from contracts.shapes import Phase, Visit, VisitStatus
from tests.flows.changes import appointments, records, visits
from tests.flows.house import Answer, House

Trigger = Callable[[House], Awaitable[Answer]]
"""An HTTP change; its docstring is how http.md and spec.md name it."""

_ARRIVALS: tuple[Trigger, ...] = (
    visits.checks_in,
    visits.checks_in_by_visits,
    visits.checks_in_by_status,
    visits.checks_in_by_phase,
    appointments.updates_to_checked_in,
)
_WALK_INS: tuple[Trigger, ...] = (visits.walks_in, visits.walks_in_by_visits)
_CALLS: tuple[Trigger, ...] = (
    visits.calls,
    visits.calls_next,
    visits.calls_by_visits,
    visits.calls_by_status,
)
_STARTS: tuple[Trigger, ...] = (visits.starts, visits.starts_by_status, visits.starts_by_phase)
_ENDS: tuple[Trigger, ...] = (
    visits.completes,
    visits.completes_by_status,
    visits.completes_by_phase,
    visits.completes_current,
    appointments.updates_to_completed,
)
_CANCELLATIONS: tuple[Trigger, ...] = (
    appointments.deletes_appointment,
    appointments.deletes_appointment_of_who_waits,
    appointments.updates_to_cancelled,
)
_DEPARTURES: tuple[Trigger, ...] = (
    visits.cancels,
    visits.cancels_an_appointments_visit,
    visits.cancels_by_status,
    visits.skips,
    visits.skips_by_status,
    appointments.updates_to_no_show,
    *_CANCELLATIONS,
)
_BACK: tuple[Trigger, ...] = (
    visits.recalls,
    visits.requeues,
    visits.moves_back_by_phase,
    visits.reinstates_by_phase,
    visits.reinstates_by_status,
)
_STATUS: tuple[Trigger, ...] = (
    *_CALLS,
    *_STARTS,
    *_ENDS,
    *_ARRIVALS,
    *_WALK_INS,
    *_DEPARTURES,
    *_BACK,
)
_PHASES: tuple[Trigger, ...] = (
    visits.checks_in_by_phase,
    visits.starts_by_phase,
    visits.completes_by_phase,
    visits.moves_back_by_phase,
    visits.reinstates_by_phase,
    # A change of an appointment's status.
    appointments.books,
    visits.checks_in,
    visits.completes,
    visits.cancels_an_appointments_visit,
    visits.skips,
    appointments.updates_to_checked_in,
    appointments.updates_to_completed,
    appointments.updates_to_no_show,
    *_CANCELLATIONS,
)

TRIGGERS: Mapping[type[Event], tuple[Trigger, ...]] = {
    QueueUpdated: (*_STATUS, appointments.books, visits.reorders, records.renames_who_waits),
    DoctorQueueUpdated: (*_STATUS, appointments.books, visits.reorders, records.renames_who_waits),
    BoardUpdated: (
        visits.checks_in,
        visits.walks_in,
        visits.calls,
        visits.starts,
        visits.completes,
        visits.cancels,
        visits.skips,
        visits.requeues,
        visits.moves_back_by_phase,
    ),
    NewCheckin: _ARRIVALS,
    VisitStatusChanged: _STATUS,
    WalkinAdded: _WALK_INS,
    VisitCancelled: _DEPARTURES,
    QueueReordered: (visits.reorders,),
    PhasesUpdated: _PHASES,
    DoctorPhasesUpdated: _PHASES,
    CurrentAppointmentAvailable: _STARTS,
    AppointmentCreated: (appointments.books,),
    AppointmentUpdated: (
        appointments.updates_notes,
        appointments.moves_to_another_time,
        appointments.moves_to_another_doctor,
        appointments.updates_to_checked_in,
        appointments.updates_to_completed,
        appointments.updates_to_no_show,
        visits.checks_in,
        visits.completes,
        visits.skips,
        visits.cancels_an_appointments_visit,
        visits.reinstates_by_status,
    ),
    AppointmentCancelled: _CANCELLATIONS,
    AppointmentCompleted: _ENDS,
    ClinicChanged: (records.opens_a_clinic, records.changes_a_clinic, records.closes_a_clinic),
    DoctorChanged: (records.adds_a_doctor, records.changes_a_doctor, records.lets_a_doctor_go),
    ServiceChanged: (records.offers_a_service, records.changes_a_service, records.withdraws_a_service),
    PatientCreated: (records.registers,),
    PatientUpdated: (records.renames, records.renames_who_waits),
    PatientDeleted: (records.deletes_patient,),
    PaymentProcessed: (records.pays_a_part, records.pays_the_whole, records.pays_for_a_visit),
    PaymentRecorded: (
        appointments.books,
        visits.walks_in,
        records.pays_a_part,
        records.pays_the_whole,
        records.refunds,
        visits.cancels,
        visits.skips,
        appointments.deletes_appointment,
    ),
    TokenRevoked: (records.revokes_a_token, records.revokes_a_subject),
}

COLUMNS = {
    VisitStatus.WAITING: "waiting",
    VisitStatus.CALLED: "called",
    VisitStatus.IN_PROGRESS: "in_progress",
    VisitStatus.COMPLETED: "completed",
}
PHASES = {
    VisitStatus.SCHEDULED: Phase.APPOINTMENTS_TODAY,
    VisitStatus.WAITING: Phase.WAITING,
    VisitStatus.CALLED: Phase.WAITING,
    VisitStatus.IN_PROGRESS: Phase.WITH_DOCTOR,
    VisitStatus.COMPLETED: Phase.COMPLETED,
}
"""The queue's and the board's columns of each status (design.md, "The visit"); the others are in none."""

STATUSES = {
    VisitStatus.SCHEDULED: "confirmed",
    VisitStatus.WAITING: "checked_in",
    VisitStatus.CALLED: "checked_in",
    VisitStatus.IN_PROGRESS: "checked_in",
    VisitStatus.COMPLETED: "completed",
    VisitStatus.CANCELLED: "cancelled",
    VisitStatus.NO_SHOW: "no_show",
}
"""An appointment's status, by its visit's (http.md, "Owners")."""


def in_queue(queue: QueueUpdated | DoctorQueueUpdated, visit: Visit) -> bool:
    """Whether a queue shows this visit as it is: in its column and version, and in no other."""
    column = COLUMNS.get(visit.status)
    for name in COLUMNS.values():
        found = [item for item in getattr(queue, name) if item.id == visit.id]
        if [item.version for item in found] != ([visit.version] if name == column else []):
            return False
    return True


def in_phases(event: PhasesUpdated | DoctorPhasesUpdated, visit: Visit) -> bool:
    """Whether a reception's board shows this visit where it is, and nowhere else."""
    column = PHASES.get(visit.status)
    return all(
        any(item.visit_id == visit.id for item in getattr(event.phases, phase)) == (phase is column)
        for phase in Phase
    )


def on_board(board: BoardUpdated, visit: Visit) -> bool:
    """Whether a waiting room's screen shows this visit's ticket where it is, and nowhere else."""
    column = COLUMNS.get(visit.status)
    return all(
        any(ticket.queue_number == visit.queue_number for ticket in getattr(board, name)) == (name == column)
        for name in ("waiting", "called", "in_progress")
    )


def follows(event: Event, done: Answer) -> bool:
    """Whether this is the event of that change: it says what the change was answered."""
    match event:
        case QueueUpdated() | DoctorQueueUpdated() if "patient" in done.body:
            names = [item.patient_name for name in COLUMNS.values() for item in getattr(event, name)]
            return str(done.body["patient"]["name"]) in names
        case QueueUpdated() if "total_before" in done.body:
            return in_queue(event, done.visit) and event.total == int(done.body["total_before"]) + 1
        case QueueUpdated():
            return in_queue(event, done.visit)
        case DoctorQueueUpdated():
            return event.doctor_id == done.visit.doctor_id and in_queue(event, done.visit)
        case BoardUpdated():
            return on_board(event, done.visit)
        case PhasesUpdated():
            return in_phases(event, done.visit)
        case DoctorPhasesUpdated():
            return event.doctor_id == done.visit.doctor_id and in_phases(event, done.visit)
        case NewCheckin():
            return event.visit == done.visit and event.patient.id == done.visit.patient_id
        case VisitStatusChanged() | WalkinAdded() | CurrentAppointmentAvailable():
            return event.visit == done.visit
        case VisitCancelled():
            return event.visit_id == done.visit.id
        case QueueReordered():
            return (event.visit_id, event.new_position) == (done.visit.id, done.visit.position)
        case AppointmentCreated():
            return event.visit == done.visit and event.appointment.id == done.id("appointment")
        case AppointmentUpdated() if "start_time" in done.body.get("appointment", {}):
            return _dumped(event.appointment) == _without_payment(done)
        case AppointmentUpdated() | AppointmentCancelled():
            visit = done.visit
            return (event.appointment.id, event.appointment.status) == (
                visit.appointment_id,
                STATUSES[visit.status],
            ) and event.appointment.visit == visit
        case AppointmentCompleted():
            return event.visit == done.visit and event.appointment.status == "completed"
        case ClinicChanged():
            return _dumped(event.clinic) == done.part("clinic")
        case DoctorChanged():
            return _dumped(event.doctor) == done.part("doctor")
        case ServiceChanged():
            return _dumped(event.service) == done.part("service")
        case PatientCreated() | PatientUpdated():
            return _dumped(event.patient) == done.part("patient", "medical_history")
        case PatientDeleted():
            return event.patient_id == done.id("patient")
        case PaymentProcessed():
            return _dumped(event.payment) == done.part("payment", "visit")
        case PaymentRecorded() if "payment" in done.body:
            return _dumped(event.payment) == done.part("payment", "visit") and not event.void
        case PaymentRecorded():
            gone = done.visit.status in (VisitStatus.CANCELLED, VisitStatus.NO_SHOW)
            return event.payment.visit_id == done.visit.id and event.void == gone
        case TokenRevoked():
            return _dumped(event) == done.part("revocation")
    raise NotImplementedError(f"say how {type(event).__name__} follows from its change")


def _dumped(shape: BaseModel) -> dict[str, JsonValue]:
    dumped: dict[str, JsonValue] = json.loads(encode(shape))
    return dumped


def _without_payment(done: Answer) -> dict[str, Any]:
    shown = done.part("appointment") | {"payment": None}
    shown["patient"] = {name: value for name, value in shown["patient"].items() if name != "medical_history"}
    return shown
