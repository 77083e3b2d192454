"""queue_service at work, on either database, with the other services played."""

from collections.abc import AsyncIterator

import pytest

from chassis.service import Service
from contracts.event import Process
from contracts.questions import PlannedVisit
from queue_service.main import PARTS
from tests.others import Ear, Other, listening, playing
from tests.parts import Broker, service_running
from tests.queue_service.clinic import Clinic, Clock, catalogue_answers, named, patients_answer


@pytest.fixture
def clock() -> Clock:
    """The service's clock."""
    return Clock()


@pytest.fixture
async def service(broker: Broker, database_url: str, clock: Clock) -> AsyncIterator[Service]:
    """The service, its broker provisioned."""
    await broker.provision({Process.QUEUE: tuple(PARTS.handlers)})
    settings = broker.settings("queue", database_url=database_url)
    async with service_running(PARTS, settings, clock) as running:
        yield running


@pytest.fixture
async def ear(service: Service, broker: Broker) -> AsyncIterator[Ear]:
    """Hears what is said."""
    async with listening(broker) as ear:
        yield ear


@pytest.fixture
def planned() -> dict[int, PlannedVisit]:
    """What appointment_service has booked though nothing was heard of it yet."""
    return {}


@pytest.fixture
async def appointments(
    service: Service, broker: Broker, planned: dict[int, PlannedVisit]
) -> AsyncIterator[Other]:
    """appointment_service, played."""
    async with playing(broker, Process.APPOINTMENT, catalogue_answers(planned)) as other:
        yield other


@pytest.fixture
async def patients(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """patient_service, played."""
    async with playing(broker, Process.PATIENT, patients_answer()) as other:
        yield other


@pytest.fixture
async def payments(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """payment_service, played; it answers nothing."""
    async with playing(broker, Process.PAYMENT) as other:
        yield other


@pytest.fixture
async def clinic(
    service: Service,
    clock: Clock,
    ear: Ear,
    appointments: Other,
    patients: Other,
    planned: dict[int, PlannedVisit],
) -> AsyncIterator[Clinic]:
    """Clinic 1 with everyone in it, its catalogue heard of."""
    await named(ear, appointments)
    clinic = Clinic(service, clock, ear, appointments, patients, planned)
    yield clinic
    await clinic.close()
