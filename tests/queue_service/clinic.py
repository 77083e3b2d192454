"""Clinic 1 at work: its desk and its doctor over HTTP, a clock to set, and the other services played."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import httpx

from chassis.errors import NotFound
from chassis.questions import Answerers
from chassis.service import Service
from contracts import (
    AppointmentCancelled,
    AppointmentCreated,
    AppointmentUpdated,
    ClinicChanged,
    DoctorChanged,
    DoctorQueueUpdated,
    PatientDeleted,
    QueueUpdated,
    ServiceChanged,
)
from contracts.event import Event
from contracts.identity import Role
from contracts.questions import (
    AskClinic,
    AskDoctor,
    AskMedicalHistory,
    AskPatient,
    AskPlannedVisit,
    AskService,
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownService,
    MedicalHistory,
    PlannedVisit,
)
from contracts.shapes import Appointment, AppointmentStatus
from queue_service.queries.items import FORGOTTEN
from tests import builders
from tests.builders import NOW
from tests.others import LIMIT, Ear, Other
from tests.parts import client, token

Json = dict[str, Any]

PATIENTS = range(1, 900)
"""The ids of patients who are registered."""


class Clock:
    """Time that passes a millisecond at each look, and else as the test says."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def __call__(self) -> datetime:
        """The time."""
        self.at += timedelta(milliseconds=1)
        return self.at

    def forward(self, **time: float) -> None:
        """Let this much time pass."""
        self.at += timedelta(**time)


DOCTORS = {
    2: builders.doctor(id=2, user_id=22, name="Dr. Sample Stethoscope"),
    3: builders.doctor(id=3, user_id=33, name="Dr. Mock Mercury"),
    9: builders.doctor(id=9, user_id=99, name="Dr. Other Otoscope", clinic_id=8),
}
SERVICES = {3: builders.service(id=3), 7: builders.service(id=7, clinic_id=8)}
CLINICS = {
    1: builders.clinic(id=1),
    8: builders.clinic(id=8, name="Clinic Elsewhere", room_number="R8", time_zone="Asia/Tokyo"),
}


def patients_answer() -> Answerers:
    """What patient_service answers."""

    async def card(asked: AskPatient) -> KnownPatient:
        if asked.patient_id not in PATIENTS:
            raise NotFound("There is no such patient")
        named = f"Paula Placeholder {asked.patient_id}"
        return KnownPatient(patient=builders.patient_card(id=asked.patient_id, name=named), version=1)

    async def history(asked: AskMedicalHistory) -> MedicalHistory:
        return MedicalHistory(medical_history=f"History of {asked.patient_id}")

    return {AskPatient: card, AskMedicalHistory: history}


def catalogue_answers(planned: Mapping[int, PlannedVisit]) -> Answerers:
    """What appointment_service answers."""

    async def clinic(asked: AskClinic) -> KnownClinic:
        if asked.clinic_id not in CLINICS:
            raise NotFound("There is no such clinic")
        return KnownClinic(clinic=CLINICS[asked.clinic_id], version=1)

    async def doctor(asked: AskDoctor) -> KnownDoctor:
        if asked.doctor_id not in DOCTORS:
            raise NotFound("There is no such doctor")
        return KnownDoctor(doctor=DOCTORS[asked.doctor_id], version=1)

    async def offered(asked: AskService) -> KnownService:
        if asked.service_id not in SERVICES:
            raise NotFound("There is no such service")
        return KnownService(service=SERVICES[asked.service_id], version=1)

    async def visit(asked: AskPlannedVisit) -> PlannedVisit:
        for booked in planned.values():
            if asked.appointment_id == booked.appointment.id or asked.visit_id == booked.visit.id:
                return booked
        raise NotFound("There is no such appointment")

    return {AskClinic: clinic, AskDoctor: doctor, AskService: offered, AskPlannedVisit: visit}


def booking(number: int, start: datetime = NOW, **changes: Any) -> AppointmentCreated:
    """Appointment 1000 + `number` of patient `number`, whose visit is 2000 + `number`."""
    given = {"clinic_id": 1, "doctor_id": 2, "patient_id": number, "service_id": 3} | changes
    visit = builders.visit(
        id=2000 + number,
        appointment_id=1000 + number,
        status="scheduled",
        queue_number=None,
        check_in_time=None,
        position=None,
        **given,
    )
    made = builders.appointment(
        id=1000 + number,
        booking_id=f"BK-{number}",
        start_time=start,
        end_time=start + timedelta(minutes=15),
        visit=visit,
        patient=builders.patient_card(id=given["patient_id"]),
        **given,
    )
    return AppointmentCreated(
        appointment=made, visit=visit, clinic_id=made.clinic_id, doctor_id=made.doctor_id
    )


def updated(event: AppointmentCreated, **changes: Any) -> AppointmentUpdated:
    """The same appointment, changed."""
    made = Appointment.model_validate(event.appointment.model_dump() | changes)
    return AppointmentUpdated(appointment=made, clinic_id=made.clinic_id, doctor_id=made.doctor_id)


def cancelled(event: AppointmentCreated) -> AppointmentCancelled:
    """The same appointment, cancelled by the desk."""
    made = event.appointment.model_copy(update={"status": AppointmentStatus.CANCELLED})
    return AppointmentCancelled(appointment=made, clinic_id=made.clinic_id, doctor_id=made.doctor_id)


@dataclass
class Clinic:
    """Who works in clinic 1, and with what; every visit is of doctor 2 unless it is said otherwise."""

    service: Service
    clock: Clock
    ear: Ear
    appointments: Other
    patients: Other
    planned: dict[int, PlannedVisit]
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def person(
        self, role: Role, clinics: tuple[int, ...] | str = (1,), doctor_id: int | None = None
    ) -> httpx.AsyncClient:
        """Somebody's HTTP client."""
        name = f"{role} {clinics} {doctor_id}"
        if name not in self._clients:
            bearer = token(role, clinics=clinics, doctor_id=doctor_id, now=self.clock.at, ttl=10**8)
            self._clients[name] = client(self.service, bearer)
        return self._clients[name]

    @property
    def desk(self) -> httpx.AsyncClient:
        """The receptionist."""
        return self.person(Role.RECEPTIONIST)

    @property
    def doctor(self) -> httpx.AsyncClient:
        """Doctor 2."""
        return self.person(Role.DOCTOR, doctor_id=2)

    @property
    def admin(self) -> httpx.AsyncClient:
        """The admin."""
        return self.person(Role.ADMIN)

    async def walk_in(self, patient_id: int = 4, **more: Any) -> Json:
        """A patient's visit, waiting."""
        body = {"patient_id": patient_id, "clinic_id": 1, "doctor_id": 2, "service_id": 3} | more
        return visit_of(await self.desk.post("/queue/walkin", json=body), 201)

    async def book(self, number: int, start: datetime | None = None, **changes: Any) -> Json:
        """An appointment's visit, scheduled; see `booking`."""
        event = booking(number, start or self.clock.at, **changes)
        await self.appointments.say(event)
        visit: Json = (await self.until(f"/visits/{event.visit.id}"))["visit"]
        return visit

    async def until(self, path: str, fits: Callable[[Json], bool] = lambda _: True) -> Json:
        """What is at this address once it is there and fits; looked at again after every picture."""
        reader = self.person(Role.ADMIN, "*")
        async with asyncio.timeout(LIMIT):
            while True:
                answer = await reader.get(path)
                if answer.status_code == 200 and fits(answer.json()):
                    found: Json = answer.json()
                    return found
                await self.ear.wait_for(QueueUpdated)

    async def do(self, verb: str, visit: Json, by: httpx.AsyncClient | None = None, **more: Any) -> Json:
        """The visit after POST /queue/{verb}, done by the admin unless it is said otherwise."""
        body = {"visit_id": visit["id"]} | more
        return visit_of(await (by or self.admin).post(f"/queue/{verb}", json=body))

    async def set(self, visit: Json, status: str) -> Json:
        """The visit after PUT /visits/{id}/status."""
        return visit_of(await self.admin.put(f"/visits/{visit['id']}/status", json={"status": status}))

    async def visit_that_is(self, status: str, number: int, **more: Any) -> Json:
        """Patient `number`'s visit, brought to this status."""
        if status == "scheduled":
            return await self.book(number, **more)
        visit = await self.walk_in(number, **more)
        for verb in WAYS[status]:
            visit = await self.do(verb, visit)
        return visit

    async def forget_patient(self, patient_id: int) -> None:
        """Let a patient who is in today's queue be deleted, and wait until that is heard of."""
        await self.patients.say(PatientDeleted(patient_id=patient_id))
        await self.ear.wait_for(QueueUpdated, lambda queue: FORGOTTEN in str(queue))

    async def queue(self, clinic_id: int = 1) -> Json:
        """GET /queue/clinic/{clinic_id}."""
        answer = await self.person(Role.ADMIN, "*").get(f"/queue/clinic/{clinic_id}")
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def line(self) -> list[int]:
        """The waiting visits' ids in their order."""
        return [item["id"] for item in (await self.queue())["waiting"]]

    async def close(self) -> None:
        """Everybody leaves."""
        for one in self._clients.values():
            await one.aclose()


WAYS: dict[str, tuple[str, ...]] = {
    "waiting": (),
    "called": ("call",),
    "in_progress": ("start",),
    "completed": ("start", "complete"),
    "cancelled": ("cancel",),
    "no_show": ("skip",),
}
"""How a walk-in comes to each status."""


def visit_of(answer: httpx.Response, status: int = 200) -> Json:
    """The visit in an answer that is as it should be."""
    assert answer.status_code == status, answer.text
    visit: Json = answer.json()["visit"]
    return visit


async def named(ear: Ear, appointments: Other) -> None:
    """Let the catalogue be heard of, and wait until it is."""
    said: list[Event] = [
        *(ClinicChanged(clinic=clinic, clinic_id=clinic.id) for clinic in CLINICS.values()),
        *(ServiceChanged(service=offered, clinic_id=offered.clinic_id) for offered in SERVICES.values()),
        *(DoctorChanged(doctor=doctor, clinic_id=doctor.clinic_id) for doctor in DOCTORS.values()),
    ]
    for event in said:
        await appointments.say(event)
    waited_for: set[int] = set()
    while waited_for != set(DOCTORS):
        waited_for.add((await ear.wait_for(DoctorQueueUpdated)).doctor_id)
