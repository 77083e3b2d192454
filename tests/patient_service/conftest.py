"""patient_service at work, on either database."""

from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.service import Service
from contracts.event import Process
from contracts.identity import Role
from patient_service.main import PARTS
from tests.others import Ear, Other, listening, playing
from tests.parts import Broker, client, service_running, token


@pytest.fixture
async def service(broker: Broker, database_url: str) -> AsyncIterator[Service]:
    """The service, its broker provisioned."""
    await broker.provision({Process.PATIENT: tuple(PARTS.handlers)})
    async with service_running(PARTS, broker.settings("patient", database_url=database_url)) as running:
        yield running


@pytest.fixture
async def desk(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A receptionist's client."""
    async with client(service, token(Role.RECEPTIONIST)) as http:
        yield http


@pytest.fixture
async def ear(service: Service, broker: Broker) -> AsyncIterator[Ear]:
    """Hears what is said."""
    async with listening(broker) as ear:
        yield ear


@pytest.fixture
async def queue(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """queue_service, played."""
    async with playing(broker, Process.QUEUE) as other:
        yield other


@pytest.fixture
async def appointments(service: Service, broker: Broker) -> AsyncIterator[Other]:
    """appointment_service, played."""
    async with playing(broker, Process.APPOINTMENT) as other:
        yield other
