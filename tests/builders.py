"""Plainly invented people and things, whole and valid; name what matters to the test, the rest is given."""

from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

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
)
from contracts.event import Shape
from contracts.shapes import (
    Appointment,
    BoardTicket,
    Clinic,
    Doctor,
    PatientCard,
    Payment,
    PhaseItem,
    Phases,
    QueueItem,
    Service,
    Visit,
)

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
"""A Monday morning at which everything below happens."""


ShapeT = TypeVar("ShapeT", bound=Shape)
EventT = TypeVar("EventT", bound=Event)


def _made(shape: type[ShapeT], changes: dict[str, object], **given: object) -> ShapeT:
    return shape.model_validate(given | changes)


def clinic(**changes: object) -> Clinic:
    """Clinic 1, in UTC."""
    return _made(
        Clinic,
        changes,
        id=1,
        name="Clinic of the Example",
        room_number="R1",
        is_active=True,
        time_zone="UTC",
    )


def doctor(**changes: object) -> Doctor:
    """Doctor 2 of clinic 1, at work on Mondays and Tuesdays."""
    return _made(
        Doctor,
        changes,
        id=2,
        user_id=2,
        name="Dr. Sample Stethoscope",
        specialty="General Examples",
        working_days=["Monday", "Tuesday"],
        working_hours={"start": "08:00", "end": "16:00"},
        clinic_id=1,
        share_percentage=0.6,
        is_active=True,
    )


def service(**changes: object) -> Service:
    """A quarter of an hour at 200.00 in clinic 1."""
    return _made(
        Service,
        changes,
        id=3,
        clinic_id=1,
        name="Consultation",
        duration=15,
        price="200.00",
        is_active=True,
    )


def patient_card(**changes: object) -> PatientCard:
    """Patient 4."""
    return _made(
        PatientCard,
        changes,
        id=4,
        name="Paula Placeholder",
        phone="+100000000004",
        address="4 Nowhere Street",
        age=44,
        gender="female",
        created_at=NOW,
        updated_at=NOW,
        clinic_id=1,
        doctor_id=2,
    )


def visit(**changes: object) -> Visit:
    """Visit 5 of patient 4 with doctor 2, waiting with ticket 7."""
    return _made(
        Visit,
        changes,
        id=5,
        appointment_id=6,
        doctor_id=2,
        patient_id=4,
        service_id=3,
        clinic_id=1,
        check_in_time=NOW,
        start_time=None,
        end_time=None,
        called_time=None,
        status="waiting",
        visit_type="scheduled",
        queue_number=7,
        position=1,
        created_at=NOW,
        version=1,
    )


def appointment(**changes: object) -> Appointment:
    """Appointment 6 of patient 4 with doctor 2, whose visit is 5."""
    return _made(
        Appointment,
        changes,
        id=6,
        booking_id="B-000006",
        clinic_id=1,
        doctor_id=2,
        patient_id=4,
        service_id=3,
        start_time=NOW,
        end_time=NOW + timedelta(minutes=15),
        status="confirmed",
        booking_source="phone",
        notes="Prefers the window seat",
        created_by="reception-1",
        created_at=NOW,
        patient=patient_card(),
        doctor=doctor(),
        clinic=clinic(),
        service=service(),
        visit=visit(),
        payment=None,
    )


def payment(**changes: object) -> Payment:
    """Payment 8 of visit 5: half of 200.00 is in."""
    return _made(
        Payment,
        changes,
        id=8,
        visit_id=5,
        patient_id=4,
        total_amount="200.00",
        amount_paid="100.00",
        discount_amount="0.00",
        remaining_amount="100.00",
        payment_method="cash",
        status="partially_paid",
        doctor_share="60.00",
        center_share="40.00",
        paid_at=None,
        created_at=NOW,
    )


def queue_item(**changes: object) -> QueueItem:
    """The line of visit 5 in the queue."""
    return _made(
        QueueItem,
        changes,
        id=5,
        queue_number=7,
        patient_name="Paula Placeholder",
        patient_phone="+100000000004",
        doctor_name="Dr. Sample Stethoscope",
        service_name="Consultation",
        visit_type="scheduled",
        check_in_time=NOW,
        start_time=None,
        end_time=None,
        status="waiting",
        version=1,
    )


def phase_item(**changes: object) -> PhaseItem:
    """The card of appointment 6 on the reception's board."""
    return _made(
        PhaseItem,
        changes,
        id=6,
        booking_id="B-000006",
        patient_name="Paula Placeholder",
        patient_phone="+100000000004",
        doctor_name="Dr. Sample Stethoscope",
        clinic_name="Clinic of the Example",
        service_name="Consultation",
        start_time=NOW,
        end_time=NOW + timedelta(minutes=15),
        notes=None,
        visit_status="waiting",
        queue_phase="waiting",
        visit_id=5,
        payment_id=8,
        version=1,
    )


def phases(**changes: object) -> Phases:
    """The reception's board with one card, waiting."""
    return _made(
        Phases,
        changes,
        appointments_today=[],
        waiting=[phase_item()],
        with_doctor=[],
        completed=[],
    )


def board_ticket(**changes: object) -> BoardTicket:
    """Ticket 7, waiting."""
    return _made(BoardTicket, changes, queue_number=7, room_number="R1", status="waiting")


def example(event: type[EventT], **changes: object) -> EventT:
    """A whole and valid event of this kind; raises KeyError for one that has no example below."""
    return _made(event, changes, **_PAYLOADS[event])


_QUEUE: dict[str, object] = {
    "clinic_id": 1,
    "waiting": [queue_item()],
    "called": [],
    "in_progress": [],
    "completed": [],
    "total": 1,
}

_PAYLOADS: dict[type[Event], dict[str, object]] = {
    QueueUpdated: _QUEUE,
    DoctorQueueUpdated: _QUEUE | {"doctor_id": 2},
    BoardUpdated: {"clinic_id": 1, "waiting": [board_ticket()], "called": [], "in_progress": []},
    NewCheckin: {"visit": visit(), "patient": patient_card(), "clinic_id": 1, "doctor_id": 2},
    VisitStatusChanged: {"visit": visit(status="called"), "clinic_id": 1, "doctor_id": 2},
    WalkinAdded: {"visit": visit(appointment_id=None, visit_type="walk_in"), "clinic_id": 1},
    VisitCancelled: {"visit_id": 5, "reason": "No show", "clinic_id": 1},
    QueueReordered: {"visit_id": 5, "new_position": 3, "clinic_id": 1},
    PhasesUpdated: {"phases": phases(), "clinic_id": 1, "date": date(2026, 3, 2)},
    DoctorPhasesUpdated: {"phases": phases(), "clinic_id": 1, "date": date(2026, 3, 2), "doctor_id": 2},
    CurrentAppointmentAvailable: {
        "visit_id": 5,
        "appointment_id": 6,
        "doctor_id": 2,
        "doctor_user_id": 2,
        "clinic_id": 1,
        "visit": visit(status="in_progress"),
    },
    AppointmentCreated: {
        "appointment": appointment(),
        "visit": visit(status="scheduled", queue_number=None, check_in_time=None),
        "clinic_id": 1,
        "doctor_id": 2,
    },
    AppointmentUpdated: {"appointment": appointment(), "clinic_id": 1, "doctor_id": 2},
    AppointmentCancelled: {"appointment": appointment(status="cancelled"), "clinic_id": 1, "doctor_id": 2},
    AppointmentCompleted: {
        "appointment": appointment(status="completed"),
        "clinic_id": 1,
        "doctor_id": 2,
        "visit": visit(status="completed"),
    },
    ClinicChanged: {"clinic": clinic(), "clinic_id": 1},
    DoctorChanged: {"doctor": doctor(), "clinic_id": 1},
    ServiceChanged: {"service": service(), "clinic_id": 1},
    PatientCreated: {"patient": patient_card()},
    PatientUpdated: {"patient": patient_card()},
    PatientDeleted: {"patient_id": 4},
    PaymentProcessed: {"payment": payment(), "visit": visit()},
    PaymentRecorded: {"payment": payment(), "void": False, "clinic_id": 1, "doctor_id": 2},
    TokenRevoked: {
        "revocation_id": 9,
        "jti": "a-token",
        "sub": None,
        "revoked_at": NOW,
        "expires_at": NOW + timedelta(hours=8),
    },
}
