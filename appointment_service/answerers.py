"""What appointment_service answers to other processes."""

from appointment_service import events
from appointment_service.queries import bookings, catalogue, tokens
from chassis.audit import deeds
from chassis.errors import BadInput
from chassis.questions import Answerers
from chassis.service import Service
from contracts.questions import (
    AppointmentDeeds,
    AskAppointmentDeeds,
    AskClinic,
    AskDoctor,
    AskPlannedVisit,
    AskRevocations,
    AskService,
    KnownClinic,
    KnownDoctor,
    KnownService,
    PlannedVisit,
    Revocations,
)


def answerers(service: Service) -> Answerers:
    """The answers of this running service."""

    async def clinic(question: AskClinic) -> KnownClinic:
        async with service.database.reading() as session:
            row = await catalogue.clinic(session, question.clinic_id)
        return KnownClinic(clinic=events.clinic(row), version=row.version)

    async def doctor(question: AskDoctor) -> KnownDoctor:
        async with service.database.reading() as session:
            row = await catalogue.doctor(session, question.doctor_id)
        return KnownDoctor(doctor=events.doctor(row), version=row.version)

    async def offered(question: AskService) -> KnownService:
        async with service.database.reading() as session:
            row = await catalogue.service(session, question.service_id)
        return KnownService(service=events.service(row), version=row.version)

    async def planned_visit(question: AskPlannedVisit) -> PlannedVisit:
        async with service.database.reading() as session:
            if question.appointment_id is not None:
                row = await bookings.appointment(session, question.appointment_id)
            elif question.visit_id is not None:
                row = await bookings.of_visit(session, question.visit_id)
            else:
                raise BadInput("Name the appointment or the visit")
            booking = await bookings.booking(session, row)
        return PlannedVisit(
            appointment=events.appointment(booking),
            version=row.version,
            visit=events.planned_visit(row),
        )

    async def appointment_deeds(question: AskAppointmentDeeds) -> AppointmentDeeds:
        async with service.database.reading() as session:
            return AppointmentDeeds(deeds=await deeds(session, f"appointment_{question.appointment_id}"))

    async def revocations(question: AskRevocations) -> Revocations:
        async with service.database.reading() as session:
            rows = await tokens.in_force(session, service.now())
        return Revocations(revocations=tuple(events.token_revoked(row) for row in rows))

    return {
        AskClinic: clinic,
        AskDoctor: doctor,
        AskService: offered,
        AskPlannedVisit: planned_visit,
        AskAppointmentDeeds: appointment_deeds,
        AskRevocations: revocations,
    }
