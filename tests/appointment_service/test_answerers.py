"""What appointment_service answers to other processes, over a real broker."""

from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from chassis.errors import BadInput, NotFound
from chassis.service import Service
from contracts.event import Process
from contracts.questions import (
    AskClinic,
    AskDoctor,
    AskPlannedVisit,
    AskService,
    KnownClinic,
    KnownDoctor,
    KnownService,
    PlannedVisit,
)
from contracts.shapes import Visit
from tests.appointment_service.desk import Queue, book, moved
from tests.others import Ear, Other, playing
from tests.parts import Broker


@pytest.fixture
async def asker(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """payment_service, played; it asks."""
    async with playing(broker, Process.PAYMENT) as other:
        yield other


async def test_the_catalogue_is_answered_with_its_versions(asker: Other, admin: httpx.AsyncClient) -> None:
    await admin.put("/doctors/1", json={"specialty": "Other Examples"})
    clinic = await asker.ask(AskClinic(clinic_id=1), KnownClinic)
    doctor = await asker.ask(AskDoctor(doctor_id=1), KnownDoctor)
    service = await asker.ask(AskService(service_id=2), KnownService)
    assert (clinic.clinic.name, clinic.version) == ("Harbour Test Clinic", 1)
    assert (doctor.doctor.specialty, doctor.version) == ("Other Examples", 2)
    assert (service.service.clinic_id, service.service.price) == (2, Decimal(200))


async def test_what_is_unknown_is_answered_so(asker: Other) -> None:
    for question in (
        AskClinic(clinic_id=9),
        AskDoctor(doctor_id=9),
        AskService(service_id=9),
        AskPlannedVisit(appointment_id=9),
        AskPlannedVisit(visit_id=9),
    ):
        with pytest.raises(NotFound):
            await asker.ask(question, KnownClinic)
    with pytest.raises(BadInput):
        await asker.ask(AskPlannedVisit(), PlannedVisit)


async def test_a_planned_visit_is_found_by_its_appointment_and_by_itself(
    asker: Other, desk: httpx.AsyncClient
) -> None:
    booked = await book(desk)
    planned = await asker.ask(AskPlannedVisit(appointment_id=booked["id"]), PlannedVisit)
    assert planned.visit == Visit.model_validate(booked["visit"])
    assert (planned.appointment.id, planned.version) == (booked["id"], 1)
    assert await asker.ask(AskPlannedVisit(visit_id=planned.visit.id), PlannedVisit) == planned


async def test_the_visit_is_answered_as_planned_also_when_it_has_begun(
    asker: Other, desk: httpx.AsyncClient, queue: Queue, ear: Ear
) -> None:
    booked = await queue.book(desk)
    queue.says = True
    await desk.put(f"/appointments/{booked['id']}", json={"status": "checked_in"})
    planned = await asker.ask(AskPlannedVisit(appointment_id=booked["id"]), PlannedVisit)
    assert planned.visit == Visit.model_validate(booked["visit"])
    assert planned.appointment.status == "checked_in"
    assert planned.appointment.visit is not None
    assert planned.appointment.visit.version == moved(booked, "waiting").version
