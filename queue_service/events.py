"""Rows -> contract events."""

from contracts.queue import (
    CurrentAppointmentAvailable,
    NewCheckin,
    QueueReordered,
    VisitCancelled,
    VisitStatusChanged,
    WalkinAdded,
)
from contracts.shapes import PatientCard, VisitStatus, VisitType
from contracts.shapes import Visit as VisitShape
from queue_service.tables import Visit


def visit(row: Visit, position: int | None = None) -> VisitShape:
    """The visit as everyone may know it; its place is the one it was given last, unless a newer is named."""
    return VisitShape(
        id=row.id,
        appointment_id=row.appointment_id,
        doctor_id=row.doctor_id,
        patient_id=row.patient_id,
        service_id=row.service_id,
        clinic_id=row.clinic_id,
        check_in_time=row.check_in_time,
        start_time=row.start_time,
        end_time=row.end_time,
        called_time=row.called_time,
        status=VisitStatus(row.status),
        visit_type=VisitType(row.visit_type),
        queue_number=row.queue_number,
        position=position or row.position,
        created_at=row.created_at,
        version=row.version,
    )


def new_checkin(row: Visit, patient: PatientCard) -> NewCheckin:
    """A patient with an appointment has arrived."""
    return NewCheckin(visit=visit(row), patient=patient, clinic_id=row.clinic_id, doctor_id=row.doctor_id)


def visit_status_changed(row: Visit) -> VisitStatusChanged:
    """A visit's status is another one."""
    return VisitStatusChanged(visit=visit(row), clinic_id=row.clinic_id, doctor_id=row.doctor_id)


def walkin_added(row: Visit) -> WalkinAdded:
    """A patient without an appointment has joined the queue."""
    return WalkinAdded(visit=visit(row), clinic_id=row.clinic_id)


def visit_cancelled(row: Visit, reason: str | None) -> VisitCancelled:
    """A visit will not take place."""
    return VisitCancelled(visit_id=row.id, reason=reason, clinic_id=row.clinic_id)


def queue_reordered(row: Visit, new_position: int) -> QueueReordered:
    """A waiting visit has another place."""
    return QueueReordered(visit_id=row.id, new_position=new_position, clinic_id=row.clinic_id)


def current_appointment_available(row: Visit, doctor_user_id: int | None) -> CurrentAppointmentAvailable:
    """A patient is with the doctor."""
    return CurrentAppointmentAvailable(
        visit_id=row.id,
        appointment_id=row.appointment_id,
        doctor_id=row.doctor_id,
        doctor_user_id=doctor_user_id,
        clinic_id=row.clinic_id,
        visit=visit(row),
    )
