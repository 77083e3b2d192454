"""payment_service at work, on either database, with the other services played."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from chassis.service import Service
from contracts import (
    ClinicChanged,
    DoctorChanged,
    PatientCreated,
    PaymentRecorded,
    ServiceChanged,
    WalkinAdded,
)
from contracts.event import Process
from contracts.identity import Role
from contracts.shapes import Payment
from payment_service.main import PARTS
from tests.builders import example, visit
from tests.others import Ear, Other, listening, playing
from tests.parts import Broker, client, service_running, token

Bill = Callable[..., Awaitable[Payment]]
"""Bills a visit, whose fields are given where they matter."""


@pytest.fixture
async def service(broker: Broker, database_url: str) -> AsyncIterator[Service]:
    """The service, its broker provisioned."""
    await broker.provision({Process.PAYMENT: tuple(PARTS.handlers)})
    async with service_running(PARTS, broker.settings("payment", database_url=database_url)) as running:
        yield running


@pytest.fixture
async def workers(
    service: Service, broker: Broker, database_url: str
) -> AsyncIterator[tuple[Service, Service]]:
    """Two processes of the service where a database allows it; SQLite has the same one twice."""
    if service.database.is_sqlite:
        yield service, service
        return
    settings = broker.settings("payment", database_url=database_url, worker=1)
    async with service_running(PARTS, settings) as second:
        yield service, second


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A cashier's client, of clinic 1."""
    async with client(service, token(Role.CASHIER)) as http:
        yield http


@pytest.fixture
async def ear(service: Service, broker: Broker) -> AsyncIterator[Ear]:
    """Hears what is said."""
    async with listening(broker) as ear:
        yield ear


@pytest.fixture
async def queue(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """queue_service, played; it answers nothing."""
    async with playing(broker, Process.QUEUE) as other:
        yield other


@pytest.fixture
async def appointments(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """appointment_service, played; it answers nothing."""
    async with playing(broker, Process.APPOINTMENT) as other:
        yield other


@pytest.fixture
async def patients(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """patient_service, played; it answers nothing."""
    async with playing(broker, Process.PATIENT) as other:
        yield other


@pytest.fixture
async def catalogue(appointments: Other, patients: Other) -> None:
    """Clinic 1, its doctor 2 and service 3, and patient 4 were heard of."""
    for event in (example(ClinicChanged), example(DoctorChanged), example(ServiceChanged)):
        await appointments.say(event)
    await patients.say(example(PatientCreated))


@pytest.fixture
async def bill(catalogue: None, queue: Other, ear: Ear) -> Bill:
    """Bills a visit: says that somebody walked in, and gives the payment that was made of it."""

    async def billed(**changes: object) -> Payment:
        walked_in = visit(**({"appointment_id": None, "visit_type": "walk_in"} | changes))
        await queue.say(WalkinAdded(visit=walked_in, clinic_id=walked_in.clinic_id))
        recorded = await ear.wait_for(PaymentRecorded, lambda event: event.payment.visit_id == walked_in.id)
        return recorded.payment

    return billed
