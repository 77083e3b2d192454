"""Two workers of the service on one PostgreSQL: what one allows itself, the other must not spoil."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from chassis.service import Service
from contracts import QueueUpdated
from contracts.identity import Role
from queue_service.main import PARTS
from tests.parts import Broker, client, service_running, token
from tests.queue_service.clinic import Clinic, visit_of

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
async def desks(
    clinic: Clinic, service: Service, broker: Broker, database_url: str
) -> AsyncIterator[list[httpx.AsyncClient]]:
    """A receptionist at each of two workers."""
    settings = broker.settings("queue", database_url=database_url, worker=1)
    async with service_running(PARTS, settings, clinic.clock) as other:
        bearer = token(Role.ADMIN, now=clinic.clock.at)
        async with client(service, bearer) as first, client(other, bearer) as second:
            yield [first, second]


async def test_fifty_walk_ins_at_once_get_fifty_tickets(
    clinic: Clinic, desks: list[httpx.AsyncClient]
) -> None:
    body = {"clinic_id": 1, "doctor_id": 2, "service_id": 3}
    answers = await asyncio.gather(
        *(
            desks[number % 2].post("/queue/walkin", json=body | {"patient_id": number})
            for number in range(10, 60)
        )
    )
    assert sorted(answer.json()["queue_number"] for answer in answers) == list(range(1, 51))
    await clinic.ear.wait_for(QueueUpdated, lambda picture: picture.total == 50)


async def test_two_who_call_the_next_at_two_workers_get_two_patients(
    clinic: Clinic, desks: list[httpx.AsyncClient]
) -> None:
    visits = [await clinic.walk_in(number) for number in range(10, 20)]
    body = {"clinic_id": 1, "doctor_id": 2}
    answers = await asyncio.gather(*(desks[n % 2].post("/queue/call", json=body) for n in range(10)))
    assert sorted(visit_of(answer)["id"] for answer in answers) == [visit["id"] for visit in visits]


async def test_one_visit_called_at_two_workers_is_called_once(
    clinic: Clinic, desks: list[httpx.AsyncClient]
) -> None:
    for number in range(10, 20):
        visit = await clinic.walk_in(number)
        answers = await asyncio.gather(
            *(desk.post("/queue/call", json={"visit_id": visit["id"]}) for desk in desks)
        )
        assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_one_patient_walking_in_at_two_workers_has_one_visit(
    clinic: Clinic, desks: list[httpx.AsyncClient]
) -> None:
    body = {"patient_id": 5, "clinic_id": 1, "doctor_id": 2, "service_id": 3}
    answers = await asyncio.gather(*(desk.post("/queue/walkin", json=body) for desk in desks * 3))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert (await clinic.queue())["total"] == 1


async def test_one_key_at_two_workers_gives_one_ticket(
    clinic: Clinic, desks: list[httpx.AsyncClient]
) -> None:
    body = {"patient_id": 5, "clinic_id": 1, "doctor_id": 2, "service_id": 3}
    key = {"Idempotency-Key": "one press"}
    answers = await asyncio.gather(*(desk.post("/queue/walkin", json=body, headers=key) for desk in desks))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
