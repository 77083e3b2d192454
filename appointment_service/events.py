"""Rows -> contract events."""

from appointment_service import rules, tables
from contracts.appointments import (
    AppointmentCancelled,
    AppointmentCompleted,
    AppointmentCreated,
    AppointmentUpdated,
)
from contracts.catalogue import ClinicChanged, DoctorChanged, ServiceChanged
from contracts.shapes import (
    Appointment,
    Clinic,
    Doctor,
    Service,
    Visit,
    VisitStatus,
    VisitType,
    WorkingHours,
)
from contracts.tokens import TokenRevoked


def clinic(row: tables.Clinic) -> Clinic:
    """The clinic as everybody knows it."""
    return Clinic(
        id=row.id,
        name=row.name,
        room_number=row.room_number,
        is_active=row.is_active,
        time_zone=row.time_zone,
    )


def doctor(row: tables.Doctor) -> Doctor:
    """The doctor as everybody knows them."""
    return Doctor(
        id=row.id,
        user_id=row.user_id,
        name=row.name,
        specialty=row.specialty,
        working_days=row.working_days,
        working_hours=WorkingHours(start=row.day_start, end=row.day_end),
        clinic_id=row.clinic_id,
        share_percentage=row.share_percentage,
        is_active=row.is_active,
    )


def service(row: tables.OfferedService) -> Service:
    """The service as everybody knows it."""
    return Service(
        id=row.id,
        clinic_id=row.clinic_id,
        name=row.name,
        duration=row.duration,
        price=rules.amount(row.price),
        is_active=row.is_active,
    )


def planned_visit(row: tables.Appointment) -> Visit:
    """The visit that the appointment plans: nobody has come yet."""
    return Visit(
        id=row.visit_id,
        appointment_id=row.id,
        doctor_id=row.doctor_id,
        patient_id=row.patient_id,
        service_id=row.service_id,
        clinic_id=row.clinic_id,
        check_in_time=None,
        start_time=None,
        end_time=None,
        called_time=None,
        status=VisitStatus.SCHEDULED,
        visit_type=VisitType.SCHEDULED,
        queue_number=None,
        position=None,
        created_at=row.created_at,
        version=1,
    )


def visit(booking: tables.Booking) -> Visit:
    """The appointment's visit as it was last heard of; until a patient comes, as the appointment plans it."""
    planned, known = planned_visit(booking.row), booking.known_visit
    if known is None:
        return planned
    if known.status is VisitStatus.SCHEDULED:
        return planned.model_copy(update={"version": known.version})
    return known


def appointment(booking: tables.Booking) -> Appointment:
    """The appointment as a whole clinic may see it: without its payment."""
    row = booking.row
    return Appointment(
        id=row.id,
        booking_id=row.booking_id,
        clinic_id=row.clinic_id,
        doctor_id=row.doctor_id,
        patient_id=row.patient_id,
        service_id=row.service_id,
        start_time=row.start_time,
        end_time=row.end_time,
        status=row.status,
        booking_source=row.booking_source,
        notes=row.notes,
        created_by=row.created_by,
        created_at=row.created_at,
        patient=booking.patient,
        doctor=booking.doctor and doctor(booking.doctor),
        clinic=booking.clinic and clinic(booking.clinic),
        service=booking.service and service(booking.service),
        visit=visit(booking),
        payment=None,
    )


def appointment_created(booking: tables.Booking) -> AppointmentCreated:
    """A time is booked."""
    row = booking.row
    return AppointmentCreated(
        appointment=appointment(booking),
        visit=planned_visit(row),
        clinic_id=row.clinic_id,
        doctor_id=row.doctor_id,
    )


def appointment_updated(booking: tables.Booking) -> AppointmentUpdated:
    """An appointment is other than it was."""
    row = booking.row
    return AppointmentUpdated(
        appointment=appointment(booking), clinic_id=row.clinic_id, doctor_id=row.doctor_id
    )


def appointment_cancelled(booking: tables.Booking) -> AppointmentCancelled:
    """The desk cancelled an appointment."""
    row = booking.row
    return AppointmentCancelled(
        appointment=appointment(booking), clinic_id=row.clinic_id, doctor_id=row.doctor_id
    )


def appointment_completed(booking: tables.Booking) -> AppointmentCompleted:
    """The consultation of an appointment has ended."""
    row = booking.row
    return AppointmentCompleted(
        appointment=appointment(booking),
        clinic_id=row.clinic_id,
        doctor_id=row.doctor_id,
        visit=visit(booking),
    )


def clinic_changed(row: tables.Clinic) -> ClinicChanged:
    """A clinic is new, or other than it was."""
    return ClinicChanged(clinic=clinic(row), clinic_id=row.id)


def doctor_changed(row: tables.Doctor) -> DoctorChanged:
    """A doctor is new, or other than they were."""
    return DoctorChanged(doctor=doctor(row), clinic_id=row.clinic_id)


def service_changed(row: tables.OfferedService) -> ServiceChanged:
    """A service is new, or other than it was."""
    return ServiceChanged(service=service(row), clinic_id=row.clinic_id)


def token_revoked(row: tables.Revocation) -> TokenRevoked:
    """A token, or all of a subject's, is refused."""
    return TokenRevoked(
        revocation_id=row.id,
        jti=row.jti,
        sub=row.sub,
        revoked_at=row.revoked_at,
        expires_at=row.expires_at,
    )
