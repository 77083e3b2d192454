"""What comes in and goes out over queue_service's routes."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from chassis.forms import Request
from chassis.texts import OptionalLine, OptionalText
from contracts.audit import Deed
from contracts.event import Shape
from contracts.shapes import (
    Appointment,
    Clinic,
    Doctor,
    Id,
    Moment,
    Money,
    PatientCard,
    Phase,
    Phases,
    QueueItem,
    Service,
    Visit,
    VisitStatus,
)


class CheckIn(Request):
    """POST /queue/checkin."""

    appointment_id: Id


def _given(*alternatives: tuple[str, ...]) -> ConfigDict:
    """Which fields are to be given together, as the OpenAPI document says it."""
    choice: list[JsonValue] = [
        {"required": list(names), "properties": {name: {"type": "integer"} for name in names}}
        for names in alternatives
    ]
    return ConfigDict(json_schema_extra={"anyOf": choice})


class Call(Request):
    """POST /queue/call: a given visit, or the next one of a doctor."""

    model_config = _given(("visit_id",), ("clinic_id", "doctor_id"))

    visit_id: Id | None = None
    clinic_id: Id | None = None
    doctor_id: Id | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.visit_id is None and (self.clinic_id is None or self.doctor_id is None):
            raise ValueError("give visit_id, or clinic_id and doctor_id for the next one")
        return self


class OfVisit(Request):
    """POST /queue/start, complete, recall, requeue."""

    visit_id: Id
    notes: OptionalText = None


class Ending(Request):
    """POST /queue/skip and cancel."""

    visit_id: Id
    reason: OptionalLine = None


class WalkIn(Request):
    """POST /queue/walkin; a higher priority goes first."""

    patient_id: Id
    clinic_id: Id
    service_id: Id
    doctor_id: Id
    notes: OptionalText = None
    priority: Annotated[int, Field(ge=0, le=9)] = 0


class Reorder(Request):
    """PUT /queue/reorder: 1 is first."""

    visit_id: Id
    new_position: Annotated[int, Field(ge=1, le=100_000)]


class PhaseMove(Request):
    """POST /queue/phases/move."""

    model_config = _given(("visit_id",), ("appointment_id",))

    visit_id: Id | None = None
    appointment_id: Id | None = None
    from_phase: Phase
    to_phase: Phase
    notes: OptionalText = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if self.visit_id is None and self.appointment_id is None:
            raise ValueError("give visit_id or appointment_id")
        return self


class NewStatus(Request):
    """PUT /visits/{id}/status."""

    status: VisitStatus
    reason: OptionalLine = None
    notes: OptionalText = None


class Notes(Request):
    """POST /appointments/current/complete."""

    notes: OptionalText = None


class VisitMoved(Shape):
    """What most routes that move a visit answer."""

    message: str
    visit: Visit


class TicketGiven(Shape):
    """POST /queue/checkin and walkin."""

    message: str
    visit: Visit
    queue_number: int


class PhaseMoved(Shape):
    """POST /queue/phases/move."""

    message: str
    visit: Visit
    from_phase: Phase
    to_phase: Phase
    new_status: VisitStatus


class Queue(Shape):
    """GET /queue/clinic/{id}."""

    clinic_id: Id
    waiting: tuple[QueueItem, ...]
    called: tuple[QueueItem, ...]
    in_progress: tuple[QueueItem, ...]
    completed: tuple[QueueItem, ...]
    total: int


class DoctorQueue(Shape):
    """GET /queue/doctor/{id}."""

    clinic_id: Id
    doctor_id: Id
    waiting: tuple[QueueItem, ...]
    called: tuple[QueueItem, ...]
    in_progress: tuple[QueueItem, ...]
    completed: tuple[QueueItem, ...]
    total: int


class PhasesOfDay(Shape):
    """GET /queue/phases/{clinic_id}."""

    phases: Phases
    date: date
    clinic_id: Id


class VisitFound(Shape):
    """GET /visits/{id}."""

    visit: Visit


class Pagination(Shape):
    """Where in a list of visits a page is."""

    page: int
    per_page: int
    total: int
    pages: int
    has_next: bool
    has_prev: bool


class VisitList(Shape):
    """GET /visits."""

    visits: tuple[Visit, ...]
    pagination: Pagination


class QueueStatistics(Shape):
    """GET /queue/statistics/{clinic_id}; times in minutes, null while there is nothing to measure."""

    date: date
    total_appointments: int
    waiting_count: int
    called_count: int
    in_progress_count: int
    completed_count: int
    avg_wait_time_minutes: float
    avg_consultation_time_minutes: float
    wait_p50_minutes: float | None
    wait_p90_minutes: float | None


class UpcomingAppointments(Shape):
    """GET /queue/upcoming and /queue/appointments."""

    appointments: tuple[Appointment, ...]
    date: date
    clinic_id: Id | None


class PatientWithHistory(PatientCard):
    """The patient who is with the doctor; the history is null while patient_service is away."""

    medical_history: str | None


class NotedVisit(Visit):
    """A visit with what was noted of it: by the desk when the patient came, by the doctor at its end."""

    notes: str | None


class CurrentAppointment(Shape):
    """GET /appointments/current: who is with the calling doctor."""

    has_appointment: bool
    visit: NotedVisit | None = None
    appointment: Appointment | None = None
    patient: PatientWithHistory | None = None
    service: Service | None = None
    clinic: Clinic | None = None
    doctor: Doctor | None = None
    is_first_visit: bool = False
    visit_count: int = 0
    previous_visits: tuple[NotedVisit, ...] = ()
    previous_appointments: tuple[Appointment, ...] = ()


class CurrentCompleted(Shape):
    """POST /appointments/current/complete."""

    message: str
    appointment: Appointment | None
    visit: Visit


class AppointmentCounts(Shape):
    """The day's appointments."""

    total: int
    confirmed: int
    checked_in: int
    completed: int


class VisitCounts(Shape):
    """The day's visits; `pending_payment` counts the completed that are not fully paid."""

    total: int
    waiting: int
    called: int
    in_progress: int
    pending_payment: int
    completed: int


class PaymentCounts(Shape):
    """The day's payments; `revenue` is what came in."""

    total: int
    paid: int
    revenue: Money


class Alert(Shape):
    """Something that wants somebody's eye."""

    type: str
    message: str


class DashboardStats(Shape):
    """GET /dashboard/stats."""

    appointments: AppointmentCounts
    visits: VisitCounts
    payments: PaymentCounts
    alerts: tuple[Alert, ...]
    date: date


class Notification(Shape):
    """One line of GET /dashboard/notifications."""

    type: str
    message: str
    visit_id: Id | None
    at: Moment | None


class Notifications(Shape):
    """GET /dashboard/notifications."""

    notifications: tuple[Notification, ...]


class Audit(Shape):
    """GET /audit: who did what to a visit or a payment, oldest first."""

    visit_id: Id | None
    payment_id: Id | None
    deeds: tuple[Deed, ...]
