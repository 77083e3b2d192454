"""What the tests of appointment_service share: bookings over HTTP, and queue_service and others played."""

from datetime import datetime
from typing import Any

import httpx

from chassis.errors import Conflict, NotFound, Refusal
from chassis.questions import Answerers
from contracts import VisitStatusChanged
from contracts.questions import (
    AskMedicalHistory,
    AskPatient,
    KnownPatient,
    KnownVisit,
    MedicalHistory,
    MoveVisit,
)
from contracts.shapes import Visit, VisitStatus
from tests.builders import NOW, patient_card
from tests.others import Other

Json = dict[str, Any]

BODY: Json = {
    "clinic_id": 1,
    "doctor_id": 1,
    "patient_id": 4,
    "service_id": 1,
    "start_time": "2026-03-02T10:00:00Z",
    "booking_source": "phone",
}
"""A booking of patient 4 with doctor 1 on the day of `NOW`, at ten."""


def now() -> datetime:
    """The time at which everything happens."""
    return NOW


def at(time: str, day: int = 2) -> str:
    """A time of that day of the month."""
    return f"2026-03-{day:02}T{time}:00Z"


async def book(desk: httpx.AsyncClient, start: str = "10:00", **changes: Any) -> Json:
    """A booked appointment."""
    answer = await desk.post("/appointments", json=BODY | {"start_time": at(start)} | changes)
    assert answer.status_code == 201, answer.text
    booked: Json = answer.json()["appointment"]
    return booked


async def read(http: httpx.AsyncClient, appointment: Json) -> Json:
    """The appointment as it is now."""
    answer = await http.get(f"/appointments/{appointment['id']}")
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()["appointment"]
    return shown


def moved(appointment: Json, status: str, version: int = 2) -> Visit:
    """The appointment's visit after queue_service moved it."""
    visit = Visit.model_validate(appointment["visit"])
    return visit.model_copy(
        update={"status": VisitStatus(status), "version": version, "queue_number": 1, "check_in_time": NOW}
    )


def changed(visit: Visit) -> VisitStatusChanged:
    """What queue_service says of it."""
    return VisitStatusChanged(visit=visit, clinic_id=visit.clinic_id, doctor_id=visit.doctor_id)


class Queue:
    """queue_service, played: it moves the visits of the appointments that were booked through it.

    While it `says` so, a visit's new status is said before the question is answered; a `refusal` answers all.
    """

    def __init__(self) -> None:
        self.other: Other
        self.visits: dict[int, Visit] = {}
        self.asked: list[MoveVisit] = []
        self.refusal: Refusal | None = None
        self.says = False

    async def book(self, desk: httpx.AsyncClient, start: str = "10:00", **changes: Any) -> Json:
        """A booked appointment whose visit this queue knows."""
        booked = await book(desk, start, **changes)
        self.visits[booked["id"]] = Visit.model_validate(booked["visit"])
        return booked

    async def say(self, visit: Visit) -> None:
        """Say that this visit's status changed."""
        await self.other.say(changed(visit), version=visit.version)

    def answerers(self) -> Answerers:
        """What queue_service answers."""
        return {MoveVisit: self._move}

    async def _move(self, question: MoveVisit) -> KnownVisit:
        self.asked.append(question)
        if self.refusal:
            raise self.refusal
        before = self.visits[question.appointment_id]
        if before.status is question.to:
            raise Conflict(f"This visit is {question.to} already")
        after = before.model_copy(update={"status": question.to, "version": before.version + 1})
        self.visits[question.appointment_id] = after
        if self.says:
            await self.say(after)
        return KnownVisit(visit=after)


def patients_answer() -> Answerers:
    """What patient_service answers: patients 1 to 99 are registered."""

    async def card(asked: AskPatient) -> KnownPatient:
        if asked.patient_id > 99:
            raise NotFound("There is no such patient; search for the patient, or register them first")
        return KnownPatient(patient=patient_card(id=asked.patient_id), version=1)

    async def history(asked: AskMedicalHistory) -> MedicalHistory:
        return MedicalHistory(medical_history=f"History of {asked.patient_id}")

    return {AskPatient: card, AskMedicalHistory: history}
