"""What patient_service answers to other services."""

from chassis.questions import Answerers
from chassis.service import Service
from contracts.questions import AskMedicalHistory, AskPatient, KnownPatient, MedicalHistory
from patient_service import events, queries


def answerers(service: Service) -> Answerers:
    """The answers of this running service."""

    async def patient(question: AskPatient) -> KnownPatient:
        async with service.database.reading() as session:
            found = await queries.patient(session, question.patient_id)
        return KnownPatient(patient=events.card(found), version=found.version)

    async def medical_history(question: AskMedicalHistory) -> MedicalHistory:
        async with service.database.reading() as session:
            found = await queries.patient(session, question.patient_id)
        return MedicalHistory(medical_history=found.medical_history)

    return {AskPatient: patient, AskMedicalHistory: medical_history}
