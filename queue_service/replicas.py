"""Keeping what the others told: from their events, and from their answers."""

from chassis.replicas import keep
from chassis.transaction import Transaction
from contracts.shapes import Appointment, Clinic, Doctor, PatientCard, Payment, Service
from queue_service.tables import (
    KnownAppointment,
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownPayment,
    KnownService,
)


async def keep_patient(change: Transaction, patient: PatientCard, version: int) -> bool:
    """Keep a patient's card; says whether it was news."""
    return await keep(
        change, KnownPatient, patient.id, version, patient, name=patient.name, phone=patient.phone
    )


async def keep_clinic(change: Transaction, clinic: Clinic, version: int) -> bool:
    """Keep a clinic; says whether it was news."""
    return await keep(
        change,
        KnownClinic,
        clinic.id,
        version,
        clinic,
        name=clinic.name,
        room_number=clinic.room_number,
        time_zone=clinic.time_zone,
        is_active=clinic.is_active,
    )


async def keep_doctor(change: Transaction, doctor: Doctor, version: int) -> bool:
    """Keep a doctor; says whether it was news."""
    return await keep(
        change,
        KnownDoctor,
        doctor.id,
        version,
        doctor,
        clinic_id=doctor.clinic_id,
        user_id=doctor.user_id,
        name=doctor.name,
        is_active=doctor.is_active,
    )


async def keep_service(change: Transaction, service: Service, version: int) -> bool:
    """Keep a service that is offered; says whether it was news."""
    return await keep(
        change,
        KnownService,
        service.id,
        version,
        service,
        clinic_id=service.clinic_id,
        name=service.name,
        is_active=service.is_active,
    )


async def keep_appointment(change: Transaction, appointment: Appointment, version: int) -> bool:
    """Keep an appointment; says whether it was news."""
    return await keep(
        change,
        KnownAppointment,
        appointment.id,
        version,
        appointment,
        clinic_id=appointment.clinic_id,
        doctor_id=appointment.doctor_id,
        patient_id=appointment.patient_id,
        booking_id=appointment.booking_id,
        start_time=appointment.start_time,
        end_time=appointment.end_time,
        notes=appointment.notes,
        status=appointment.status,
    )


async def keep_payment(
    change: Transaction, payment: Payment, version: int, *, clinic_id: int, doctor_id: int, void: bool
) -> bool:
    """Keep a payment; says whether it was news."""
    return await keep(
        change,
        KnownPayment,
        payment.id,
        version,
        payment,
        visit_id=payment.visit_id,
        clinic_id=clinic_id,
        doctor_id=doctor_id,
        status=payment.status,
        void=void,
        paid=int(payment.amount_paid * 100),
        created_at=payment.created_at,
    )
