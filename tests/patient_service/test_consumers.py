"""What patient_service keeps of the others' events, heard from a real stream."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from chassis.errors import NotFound
from chassis.service import Service
from contracts import (
    AppointmentCancelled,
    AppointmentCreated,
    AppointmentUpdated,
    PatientCreated,
    PatientDeleted,
    VisitStatusChanged,
)
from contracts.identity import Role
from contracts.questions import AskMedicalHistory, AskPatient, KnownPatient, MedicalHistory
from tests.builders import NOW, appointment, example, visit
from tests.others import Ear, Other, until
from tests.parts import client, token

ALMA = {"name": "Alma Testwell", "phone": "+0005550001", "medical_history": "none of note"}


async def registered(desk: httpx.AsyncClient) -> int:
    """The id of a new patient."""
    answer = await desk.post("/patients", json=ALMA)
    assert answer.status_code == 201, answer.text
    patient_id: int = answer.json()["patient"]["id"]
    return patient_id


async def past(desk: httpx.AsyncClient, patient_id: int) -> dict[str, Any]:
    """The patient with what was last."""
    found: dict[str, Any] = (await desk.get(f"/patients/{patient_id}")).json()["patient"]
    return found


async def test_appointments_and_visits_are_shown_with_the_patient_newest_first(
    desk: httpx.AsyncClient, queue: Other, appointments: Other
) -> None:
    patient_id = await registered(desk)
    for number in (1, 3, 2):
        at = NOW + timedelta(days=number)
        booked = appointment(id=60 + number, patient_id=patient_id, start_time=at)
        await appointments.say(example(AppointmentCreated, appointment=booked))
        walked = visit(id=50 + number, patient_id=patient_id, created_at=at)
        await queue.say(example(VisitStatusChanged, visit=walked))

    async def all_kept() -> bool:
        found = await past(desk, patient_id)
        return len(found["recent_appointments"]) == 3 and len(found["recent_visits"]) == 3

    await until(all_kept)
    found = await past(desk, patient_id)
    assert [row["id"] for row in found["recent_appointments"]] == [63, 62, 61]
    assert [row["id"] for row in found["recent_visits"]] == [53, 52, 51]
    # The patient would be a copy of what is shown around it.
    assert found["recent_appointments"][0]["patient"] is None


async def test_only_something_newer_takes_the_place_of_what_is_kept(
    desk: httpx.AsyncClient, queue: Other, appointments: Other
) -> None:
    patient_id = await registered(desk)

    async def say(status: str, version: int) -> None:
        await queue.say(
            example(VisitStatusChanged, visit=visit(patient_id=patient_id, status=status, version=version))
        )
        made = appointment(patient_id=patient_id, notes=f"version {version}")
        await appointments.say(example(AppointmentUpdated, appointment=made), version)

    await say("in_progress", 4)
    await say("called", 3)
    await queue.say(example(VisitStatusChanged, visit=visit(id=99, patient_id=patient_id)))

    async def all_heard() -> bool:
        return len((await past(desk, patient_id))["recent_visits"]) == 2

    await until(all_heard)
    found = await past(desk, patient_id)
    assert {row["id"]: row["status"] for row in found["recent_visits"]} == {5: "in_progress", 99: "waiting"}
    assert [row["notes"] for row in found["recent_appointments"]] == ["version 4"]


@pytest.mark.parametrize("by", ["visit", "appointment"])
async def test_the_doctor_who_treats_the_patient_reads_the_history(
    service: Service, desk: httpx.AsyncClient, queue: Other, appointments: Other, by: str
) -> None:
    patient_id = await registered(desk)
    async with (
        client(service, token(Role.DOCTOR, doctor_id=2)) as own,
        client(service, token(Role.DOCTOR, doctor_id=3)) as strange,
        client(service, token(Role.DOCTOR)) as nameless,
    ):
        assert (await past(own, patient_id))["medical_history"] is None
        if by == "visit":
            await queue.say(example(VisitStatusChanged, visit=visit(patient_id=patient_id)))
        else:
            await appointments.say(
                example(AppointmentCreated, appointment=appointment(patient_id=patient_id))
            )

        async def reads() -> bool:
            return bool((await past(own, patient_id))["medical_history"] == "none of note")

        await until(reads)
        (listed,) = (await own.get("/patients")).json()["patients"]
        (searched,) = (await own.get("/patients/search", params={"q": "Alma"})).json()["patients"]
        assert listed["medical_history"] == searched["medical_history"] == "none of note"
        for other in (strange, nameless):
            assert (await past(other, patient_id))["medical_history"] is None
            (listed,) = (await other.get("/patients")).json()["patients"]
            assert listed["medical_history"] is None


async def test_a_patient_who_is_expected_is_not_deleted(
    desk: httpx.AsyncClient, ear: Ear, queue: Other, appointments: Other
) -> None:
    patient_id = await registered(desk)
    booked = appointment(patient_id=patient_id)
    await appointments.say(example(AppointmentCreated, appointment=booked))
    await queue.say(example(VisitStatusChanged, visit=visit(patient_id=patient_id)))

    async def both_kept() -> bool:
        found = await past(desk, patient_id)
        return bool(found["recent_appointments"] and found["recent_visits"])

    await until(both_kept)
    refused = await desk.delete(f"/patients/{patient_id}")
    assert (refused.status_code, "cancel it first" in refused.json()["message"]) == (409, True)

    cancelled = appointment(patient_id=patient_id, status="cancelled")
    await appointments.say(example(AppointmentCancelled, appointment=cancelled), version=2)

    async def appointment_gone() -> bool:
        found = await past(desk, patient_id)
        return bool(found["recent_appointments"][0]["status"] == "cancelled")

    await until(appointment_gone)
    assert (await desk.delete(f"/patients/{patient_id}")).status_code == 409

    done = visit(patient_id=patient_id, status="completed", version=2)
    await queue.say(example(VisitStatusChanged, visit=done))

    async def visit_done() -> bool:
        return bool((await past(desk, patient_id))["recent_visits"][0]["status"] == "completed")

    await until(visit_done)
    assert (await desk.delete(f"/patients/{patient_id}")).status_code == 200
    assert await ear.wait_for(PatientDeleted) == PatientDeleted(patient_id=patient_id)


async def test_other_services_are_answered_while_there_is_such_a_patient(
    desk: httpx.AsyncClient, ear: Ear, queue: Other
) -> None:
    patient_id = await registered(desk)
    # The service may still be on its way to the broker.
    await ear.wait_for(PatientCreated)
    known = await queue.ask(AskPatient(patient_id=patient_id), KnownPatient)
    assert (known.patient.id, known.patient.name, known.version) == (patient_id, "Alma Testwell", 1)
    history = await queue.ask(AskMedicalHistory(patient_id=patient_id), MedicalHistory)
    assert history.medical_history == "none of note"
    await desk.delete(f"/patients/{patient_id}")
    with pytest.raises(NotFound):
        await queue.ask(AskPatient(patient_id=patient_id), KnownPatient)
    with pytest.raises(NotFound):
        await queue.ask(AskMedicalHistory(patient_id=patient_id), MedicalHistory)
