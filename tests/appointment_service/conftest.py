"""appointment_service at work, on either database, with a catalogue; the other services are played."""

from collections.abc import AsyncIterator

import httpx
import pytest

from appointment_service.main import PARTS
from appointment_service.seed import seed
from chassis.service import Service
from contracts.event import Process
from contracts.identity import Role
from tests.appointment_service.desk import Queue, now, patients_answer
from tests.builders import NOW
from tests.others import Ear, Other, listening, playing
from tests.parts import Broker, client, service_running, token


@pytest.fixture
async def service(broker: Broker, database_url: str) -> AsyncIterator[Service]:
    """The service with the demo's catalogue, its broker provisioned."""
    await broker.provision({Process.APPOINTMENT: tuple(PARTS.handlers)})
    settings = broker.settings("appointment", database_url=database_url)
    async with service_running(PARTS, settings, now) as running:
        await seed(running)
        yield running


@pytest.fixture
async def workers(
    service: Service, broker: Broker, database_url: str
) -> AsyncIterator[tuple[Service, Service]]:
    """Two processes of the service where a database allows it; SQLite has the same one twice."""
    if service.database.is_sqlite:
        yield service, service
        return
    settings = broker.settings("appointment", database_url=database_url, worker=1)
    async with service_running(PARTS, settings, now) as second:
        yield service, second


@pytest.fixture
async def desk(service: Service, patients: Other) -> AsyncIterator[httpx.AsyncClient]:
    """A receptionist's client, of clinic 1."""
    async with client(service, token(Role.RECEPTIONIST, now=NOW)) as http:
        yield http


@pytest.fixture
async def admin(service: Service, patients: Other) -> AsyncIterator[httpx.AsyncClient]:
    """The client of an admin of every clinic."""
    async with client(service, token(Role.ADMIN, clinics="*", now=NOW)) as http:
        yield http


@pytest.fixture
async def doctor(service: Service, patients: Other) -> AsyncIterator[httpx.AsyncClient]:
    """Doctor 1's client."""
    async with client(service, token(Role.DOCTOR, doctor_id=1, now=NOW)) as http:
        yield http


@pytest.fixture
async def ear(service: Service, broker: Broker) -> AsyncIterator[Ear]:
    """Hears what is said."""
    async with listening(broker) as ear:
        yield ear


@pytest.fixture
async def queue(service: Service, broker: Broker) -> AsyncIterator[Queue]:
    """queue_service, played."""
    queue = Queue()
    async with playing(broker, Process.QUEUE, queue.answerers()) as queue.other:
        yield queue


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
