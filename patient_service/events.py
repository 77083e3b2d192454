"""Rows -> contract events."""

from contracts.patients import PatientCreated, PatientDeleted, PatientUpdated
from contracts.shapes import PatientCard
from patient_service.tables import Patient


def card(patient: Patient) -> PatientCard:
    """The patient as others may know them."""
    return PatientCard(
        id=patient.id,
        name=patient.name,
        phone=patient.phone,
        address=patient.address,
        age=patient.age,
        gender=patient.gender,
        created_at=patient.created_at,
        updated_at=patient.updated_at,
        clinic_id=patient.clinic_id,
        doctor_id=patient.doctor_id,
    )


def patient_created(patient: Patient) -> PatientCreated:
    """A patient was registered."""
    return PatientCreated(patient=card(patient))


def patient_updated(patient: Patient) -> PatientUpdated:
    """A patient's card is other than it was."""
    return PatientUpdated(patient=card(patient))


def patient_deleted(patient: Patient) -> PatientDeleted:
    """A patient was deleted."""
    return PatientDeleted(patient_id=patient.id)
