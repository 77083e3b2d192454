"""What is read through from another service when it is not known here yet."""

from appointment_service.tables import KnownPatient
from chassis.errors import Refusal
from chassis.replicas import keep, known
from chassis.service import Service
from contracts import questions
from contracts.questions import AskMedicalHistory, AskPatient, MedicalHistory
from contracts.shapes import PatientCard


async def patient(service: Service, patient_id: int) -> PatientCard:
    """The patient's card; raises `NotFound`, and `Unavailable` when only patient_service could tell."""
    card = await known(service.database, KnownPatient, patient_id, PatientCard)
    if card is not None:
        return card
    told = await service.ask(AskPatient(patient_id=patient_id), questions.KnownPatient)
    async with service.database.transaction(service.now(), "events") as change:
        await keep(change, KnownPatient, patient_id, told.version, told.patient)
    return told.patient


async def medical_history(service: Service, patient_id: int) -> str | None:
    """The patient's medical history, kept nowhere here; None when patient_service does not tell."""
    try:
        told = await service.ask(AskMedicalHistory(patient_id=patient_id), MedicalHistory)
    except Refusal:
        return None
    return told.medical_history
