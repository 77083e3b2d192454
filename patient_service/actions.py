"""What can be done with patients, a function a verb."""

from chassis.errors import BadInput, Conflict
from chassis.outbox import stage
from chassis.transaction import Transaction
from patient_service import events, queries
from patient_service.shapes import NewPatient, PatientChanges
from patient_service.tables import Patient


async def register(change: Transaction, given: NewPatient, patient_id: int) -> Patient:
    """Register a patient; raises `BadInput` when the phone is another's."""
    await _refuse_taken_phone(change, given.phone, patient_id)
    patient = Patient(
        id=patient_id, **given.model_dump(), created_at=change.now, updated_at=change.now, version=1
    )
    change.session.add(patient)
    stage(change, events.patient_created(patient), version=patient.version)
    return patient


async def update(change: Transaction, patient_id: int, given: PatientChanges) -> Patient:
    """Change what is given of a patient; raises `NotFound`, and `BadInput` when the phone is another's."""
    patient = await queries.patient(change.session, patient_id)
    if "phone" in given.model_fields_set:
        await _refuse_taken_phone(change, given.phone, patient_id)
    for name in given.model_fields_set:
        setattr(patient, name, getattr(given, name))
    patient.updated_at = change.now
    patient.version += 1
    stage(change, events.patient_updated(patient), version=patient.version)
    return patient


async def delete(change: Transaction, patient_id: int) -> None:
    """Delete a patient; raises `NotFound`, and `Conflict` while they are expected or in the clinic."""
    patient = await queries.patient(change.session, patient_id)
    if await queries.is_expected(change.session, patient_id):
        raise Conflict("This patient has an appointment or a visit; cancel it first")
    patient.deleted_at = change.now
    patient.version += 1
    stage(change, events.patient_deleted(patient), version=patient.version)


async def _refuse_taken_phone(change: Transaction, phone: str, patient_id: int) -> None:
    holder = await queries.phone_holder(change.session, phone)
    if holder is not None and holder != patient_id:
        raise BadInput("This phone belongs to another patient; search for it", detail="phone: in use")
