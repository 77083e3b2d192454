"""What the verbs write, beside what the routes show of it."""

import httpx
from sqlalchemy import select

from chassis.bookkeeping import OUTBOX
from chassis.service import Service
from contracts import PatientDeleted, PatientUpdated
from tests.others import Ear

ALMA = {"name": "Alma Testwell", "phone": "+0005550001"}


async def test_each_change_says_itself_once_with_a_version_that_grows_and_who_made_it(
    service: Service, desk: httpx.AsyncClient, ear: Ear
) -> None:
    patient_id = (await desk.post("/patients", json=ALMA)).json()["patient"]["id"]
    await desk.put(f"/patients/{patient_id}", json={"age": 41})
    await desk.delete(f"/patients/{patient_id}")
    await ear.wait_for(PatientDeleted)
    assert [event.name() for event in ear.heard] == ["patient_created", "patient_updated", "patient_deleted"]
    (updated,) = ear.all(PatientUpdated)
    assert (updated.patient.age, updated.patient.name) == (41, "Alma Testwell")
    c = OUTBOX.c
    async with service.database.reading() as session:
        rows = (await session.execute(select(c.version, c.actor, c.revision).order_by(c.position))).all()
    assert [tuple(row) for row in rows] == [(1, "7", None), (2, "7", None), (3, "7", None)]


async def test_a_refused_change_says_nothing(service: Service, desk: httpx.AsyncClient) -> None:
    await desk.post("/patients", json=ALMA)
    assert (await desk.post("/patients", json=ALMA)).status_code == 400
    assert (await desk.put("/patients/12345", json={"age": 3})).status_code == 404
    assert (await desk.delete("/patients/12345")).status_code == 404
    async with service.database.reading() as session:
        assert len((await session.execute(select(OUTBOX.c.id))).all()) == 1
