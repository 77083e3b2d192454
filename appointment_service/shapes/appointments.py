"""What comes in and goes out: appointments."""

from appointment_service.shapes.basics import Day, When
from chassis.forms import Request
from chassis.texts import OptionalLine, OptionalText
from contracts import shapes
from contracts.event import Shape
from contracts.shapes import AppointmentStatus, BookingSource, ClockTime, Doctor, Id, PatientCard, Visit


class NewAppointment(Request):
    """POST /appointments."""

    clinic_id: Id
    doctor_id: Id
    patient_id: Id
    service_id: Id
    start_time: When
    booking_source: BookingSource
    notes: OptionalText = None


class AppointmentChanges(Request):
    """PUT /appointments/{id}: what is left out stays as it is."""

    clinic_id: Id | None = None
    doctor_id: Id | None = None
    patient_id: Id | None = None
    service_id: Id | None = None
    start_time: When | None = None
    notes: OptionalText = None
    status: AppointmentStatus | None = None
    reason: OptionalLine = None


class Cancellation(Request):
    """DELETE /appointments/{id}; the body may be absent."""

    reason: OptionalLine = None


class Patient(PatientCard):
    """An appointment's patient as the routes show it; the history is null where it is not to be shown."""

    medical_history: str | None


class Appointment(shapes.Appointment):
    """An appointment as the routes show it, with its payment."""

    patient: Patient | None


class AppointmentBooked(Shape):
    """POST /appointments."""

    message: str
    appointment: Appointment
    visit: Visit


class AppointmentSaved(Shape):
    """PUT /appointments/{id}."""

    message: str
    appointment: Appointment


class AppointmentFound(Shape):
    """GET /appointments/{id}."""

    appointment: Appointment


class AppointmentList(Shape):
    """GET /appointments."""

    appointments: tuple[Appointment, ...]
    total: int
    pages: int
    current_page: int
    per_page: int


class Slot(Shape):
    """A quarter of an hour of the clinic's day, "HH:MM"; `reason` says why it is not available."""

    start_time: ClockTime
    end_time: ClockTime
    available: bool
    reason: str | None


class Slots(Shape):
    """GET /appointments/available-slots; `slots` and `available_slots` are the same, for older clients."""

    slots: tuple[Slot, ...]
    available_slots: tuple[Slot, ...]
    all_slots: tuple[Slot, ...]
    doctor: Doctor
    date: Day


class AppointmentStatistics(Shape):
    """GET /appointments/statistics: counts by status, by the names of clinics and doctors, by source.

    `recent` counts those booked in the last 30 days, `this_week` those that take place in the clinic's
    current week (from Monday); both whatever the day asked for.
    """

    total: int
    by_status: dict[str, int]
    by_clinic: dict[str, int]
    by_doctor: dict[str, int]
    by_booking_source: dict[str, int]
    recent: int
    this_week: int
