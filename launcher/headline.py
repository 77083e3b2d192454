"""An event in one line: who or what, and what became of it."""

from collections.abc import Sequence

from contracts import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentCreated,
    AppointmentUpdated,
    BoardUpdated,
    CurrentAppointmentAvailable,
    DoctorPhasesUpdated,
    DoctorQueueUpdated,
    Event,
    NewCheckin,
    PatientCreated,
    PatientUpdated,
    PaymentProcessed,
    PhasesUpdated,
    QueueReordered,
    QueueUpdated,
    VisitCancelled,
    VisitStatusChanged,
    WalkinAdded,
)
from contracts.shapes import Appointment, Id, Visit

COLOURS: dict[str, str] = {
    "queue_updated": "bright_black",
    "board_updated": "bright_black",
    "phases_updated": "bright_black",
    "new_checkin": "green",
    "walkin_added": "green",
    "visit_status_changed": "cyan",
    "current_appointment_available": "cyan",
    "queue_reordered": "yellow",
    "visit_cancelled": "red",
    "appointment_created": "blue",
    "appointment_updated": "blue",
    "appointment_completed": "blue",
    "appointment_cancelled": "red",
    "patient_created": "magenta",
    "patient_updated": "magenta",
    "payment_processed": "bright_yellow",
}
"""What is news stands out from the pictures that follow it."""


class Headlines:
    """Writes headlines, and remembers tickets: a cancellation names its visit by id alone."""

    def __init__(self) -> None:
        self._tickets: dict[Id, str] = {}

    def of(self, event: Event) -> str:
        """What a person wants to know of this event."""
        match event:
            case QueueUpdated() | DoctorQueueUpdated():
                whose = f"doctor {event.doctor_id}" if isinstance(event, DoctorQueueUpdated) else "clinic"
                for item in (*event.waiting, *event.called, *event.in_progress):
                    self._note(item.id, item.queue_number)
                return (
                    f"{whose}: {_count(event.waiting, 'waiting')}, {_count(event.called, 'called')}, "
                    f"{_count(event.in_progress, 'with the doctor')}, {event.total} today"
                )
            case BoardUpdated():
                called = ", ".join(str(ticket.queue_number) for ticket in event.called)
                return f"{_count(event.waiting, 'waiting')}, called: {called or 'nobody'}"
            case PhasesUpdated() | DoctorPhasesUpdated():
                phases = event.phases
                return (
                    f"{_count(phases.appointments_today, 'to come')}, {_count(phases.waiting, 'waiting')}, "
                    f"{_count(phases.with_doctor, 'with the doctor')}, {_count(phases.completed, 'seen')}"
                )
            case NewCheckin():
                return f"{self._visit(event.visit)} {event.patient.name}, for doctor {event.doctor_id}"
            case VisitStatusChanged():
                return f"{self._visit(event.visit)} is {event.visit.status}, doctor {event.doctor_id}"
            case WalkinAdded():
                return f"{self._visit(event.visit)} is {event.visit.status}, doctor {event.visit.doctor_id}"
            case VisitCancelled():
                return f"{self._known(event.visit_id)}: {event.reason or 'no reason given'}"
            case QueueReordered():
                return f"{self._known(event.visit_id)} moves to place {event.new_position}"
            case CurrentAppointmentAvailable():
                return f"{self._visit(event.visit)} is with doctor {event.doctor_id}"
            case (
                AppointmentCreated() | AppointmentUpdated() | AppointmentCancelled() | AppointmentCompleted()
            ):
                return _appointment(event.appointment)
            case PatientCreated() | PatientUpdated():
                return event.patient.name
            case PaymentProcessed():
                payment = event.payment
                return (
                    f"{self._visit(event.visit)} has paid {payment.amount_paid:.2f} "
                    f"of {payment.total_amount:.2f}, {payment.status}"
                )
            case _:
                return ""

    def _visit(self, visit: Visit) -> str:
        self._note(visit.id, visit.queue_number)
        return self._known(visit.id)

    def _note(self, visit_id: Id, ticket: int | None) -> None:
        if ticket is not None:
            self._tickets[visit_id] = f"ticket {ticket}"

    def _known(self, visit_id: Id) -> str:
        return self._tickets.get(visit_id, f"visit {visit_id}")


def _count(items: Sequence[object], what: str) -> str:
    return f"{len(items)} {what}"


def _appointment(appointment: Appointment) -> str:
    who = appointment.patient.name if appointment.patient else f"patient {appointment.patient_id}"
    start = f"{appointment.start_time:%d %b %H:%M}"
    return f"{appointment.booking_id} {who}, {start}, {appointment.status}"
