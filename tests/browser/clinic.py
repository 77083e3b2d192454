"""A clinic at work for the windows: `clinicwire up` as a person starts it, and its staff at HTTP."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx

from contracts.shapes import Visit
from tests.launcher.processes import Running, answers_ready, run, started

CLINIC = 1
SERVICE = 1
DOCTOR, SECOND_DOCTOR = 1, 2
DOCTORS = {DOCTOR: "Dr. Ada Sample", SECOND_DOCTOR: "Dr. Ben Example"}
"""The demo's, in its first clinic."""

SERVICE_NAME = "Consultation"

NOBODY, STRANGER, PAID = "", "stranger", "paid"
"""A patient without a visit; a name that is not registered; a visit that is over, and paid."""

VERBS = {
    "scheduled": (),
    "waiting": (),
    "called": ("call",),
    "in_progress": ("call", "start"),
    "completed": ("call", "start", "complete"),
    PAID: ("call", "start", "complete"),
}
"""What brings a walk-in to a status."""

STARTING = 120.0
"""Seconds for a start beside a browser and whatever else this machine does."""

LIMIT = 10.0
"""Seconds until what was to happen counts as not happening."""

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Someone:
    """A patient of the tests, and the visit as it was when it was asked for."""

    name: str
    patient_id: int | None
    visit: Visit | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        """What an event about this patient or this visit names one of."""
        return tuple(id for id in (self.patient_id, self.visit and self.visit.id) if id)

    @property
    def appointment(self) -> str:
        """Where the appointment is."""
        assert self.visit is not None, f"{self.name} has no visit"
        return f"/appointments/{self.visit.appointment_id}"


LINKS = ("reception", "doctor", "cashier", "board", "admin")


class Clinic:
    """One installation: its links, and whoever acts without a window."""

    def __init__(self, data: Path) -> None:
        self.base = ""
        self.nats = ""
        self.keys = data / "broker" / "keys"
        self.links: dict[str, str] = {}
        self._data = data
        self._running: Running
        self._stack = AsyncExitStack()
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._numbers = count(1)
        self._quarters = {doctor: count() for doctor in DOCTORS}

    async def start(self) -> None:
        """Start it: on the port it had, if it ran before."""
        port = self.base.rpartition(":")[2] or "0"
        up = started("up", "--port", port, "--data", self._data)
        self._running = await self._stack.enter_async_context(up)
        await self._running.line("ready", STARTING)
        where = await self._running.line("Clinicwire on ")
        self.base, self.nats = where.partition(",")[0], where.rpartition("NATS on ")[2]
        for name in LINKS:
            self.links.setdefault(name, await self._running.line(f"{name} "))
        await answers_ready(self.base)

    async def kill(self) -> None:
        """End it as a power cut does."""
        os.kill(self._running.pid, signal.SIGKILL)
        await self._stack.aclose()

    async def close(self) -> None:
        """Stop it."""
        for client in self._clients.values():
            await client.aclose()
        await self._stack.aclose()

    async def link_of_doctor(self, doctor: int) -> str:
        """A link for this doctor."""
        claims = ("--role", "doctor", "--clinic", str(CLINIC), "--doctor", str(doctor))
        told = await run("token", *claims, "--data", self._data)
        assert told.code == 0, told.err
        return f"{self.base}/#token={told.out.strip()}"

    def client(self, name: str) -> httpx.AsyncClient:
        """The HTTP client of whose link this is."""
        if name not in self._clients:
            token = self.links[name].partition("#token=")[2]
            headers = {"Authorization": f"Bearer {token}"}
            self._clients[name] = httpx.AsyncClient(base_url=self.base, headers=headers, timeout=10)
        return self._clients[name]

    async def does(self, who: str, method: str, path: str, /, **body: Any) -> dict[str, Any]:
        """Ask for what has to succeed."""
        answer = await self.client(who).request(method, f"/api{path}", json=body or None)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        told: dict[str, Any] = answer.json()
        return told

    async def sees(self, path: str, who: str = "reception") -> dict[str, Any]:
        """What a GET answers."""
        return await self.does(who, "GET", path)

    def number(self) -> int:
        """A number that nobody had before."""
        return next(self._numbers)

    async def patient(self) -> dict[str, Any]:
        """A new patient, with a name that nobody else has."""
        number = self.number()
        body = {"name": f"Quinn Quoted {number:03}", "phone": f"+9998{number:05}", "clinic_id": CLINIC}
        patient: dict[str, Any] = (await self.does("reception", "POST", "/patients", **body))["patient"]
        return patient

    async def walks_in(self, doctor: int = DOCTOR, **more: Any) -> tuple[Visit, str]:
        """A patient without an appointment: the visit, and the name."""
        patient = await self.patient()
        body = {"patient_id": patient["id"], "clinic_id": CLINIC, "doctor_id": doctor, "service_id": SERVICE}
        told = await self.does("reception", "POST", "/queue/walkin", **body, **more)
        return Visit.model_validate(told["visit"]), patient["name"]

    async def people(self) -> list[dict[str, Any]]:
        """Every patient there is."""
        found: list[dict[str, Any]] = (await self.sees("/patients?per_page=100"))["patients"]
        return found

    async def comes(self, patient: Mapping[str, Any]) -> Visit:
        """This patient comes without an appointment."""
        body = {"patient_id": patient["id"], "clinic_id": CLINIC, "doctor_id": DOCTOR, "service_id": SERVICE}
        return Visit.model_validate((await self.does("reception", "POST", "/queue/walkin", **body))["visit"])

    async def books(self, doctor: int = DOCTOR, start: str = "") -> tuple[dict[str, Any], str]:
        """An appointment of today: as it was answered, and the patient's name."""
        patient = await self.patient()
        told = await self.does(
            "reception",
            "POST",
            "/appointments",
            clinic_id=CLINIC,
            doctor_id=doctor,
            patient_id=patient["id"],
            service_id=SERVICE,
            start_time=start or self.quarter(doctor),
            booking_source="phone",
        )
        return told["appointment"], patient["name"]

    async def someone(self, status: str) -> str:
        """The name of a patient whose visit has this status."""
        return (await self.patient_who(status)).name

    async def patient_who(self, status: str, booked: bool = False) -> Someone:
        """A patient whose visit has this status, come by appointment or without."""
        if status == STRANGER:
            return Someone(f"Nova Newcomer {self.number():03}", None)
        if status == NOBODY:
            patient = await self.patient()
            return Someone(patient["name"], patient["id"])
        if booked or status == "scheduled":
            appointment, name = await self.books()
            visit = Visit.model_validate(appointment["visit"])
        else:
            visit, name = await self.walks_in()
        if booked:
            await self.does("reception", "POST", "/queue/checkin", appointment_id=visit.appointment_id)
        for verb in VERBS[status]:
            moved = await self.does("admin", "POST", f"/queue/{verb}", visit_id=visit.id)
            visit = Visit.model_validate(moved["visit"])
        if status == PAID:
            await self.pays(visit.id)
        return Someone(name, visit.patient_id, visit)

    async def known(self, name: str) -> Someone:
        """The patient of this name."""
        (found,) = (await self.sees(f"/patients/search?q={name}"))["patients"]
        return Someone(name, found["id"])

    async def pays(self, visit_id: int) -> None:
        """All that is to be paid for a visit is paid."""
        payment = await self.payment(visit_id)
        body = {"amount_paid": payment["remaining_amount"], "payment_method": "cash"}
        await self.does("admin", "PUT", f"/payments/{payment['id']}/process", **body)

    async def payment(self, visit_id: int) -> dict[str, Any]:
        """The visit's payment, once it is there."""
        found = await eventually(
            lambda: self.sees(f"/payments?visit_id={visit_id}", "cashier"),
            lambda seen: bool(seen["payments"]),
        )
        payment: dict[str, Any] = found["payments"][0]
        return payment

    def quarter(self, doctor: int = DOCTOR) -> str:
        """A time of today that nobody has booked with this doctor, the clinic's own."""
        minutes = next(self._quarters[doctor]) * 15
        return f"{datetime.now(UTC):%Y-%m-%d}T{minutes // 60:02}:{minutes % 60:02}:00"

    async def visit(self, visit_id: int) -> Visit:
        """A visit as it is now."""
        return Visit.model_validate((await self.sees(f"/visits/{visit_id}", "admin"))["visit"])

    async def until(self, visit_id: int, status: str) -> Visit:
        """The visit once it has this status."""
        return await eventually(lambda: self.visit(visit_id), lambda visit: visit.status == status)

    async def until_queue(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The clinic's queue once it is as wanted."""
        return await eventually(lambda: self.sees(f"/queue/clinic/{CLINIC}"), fits)

    async def empties(self) -> None:
        """Nobody waits, is called or is with a doctor any more."""
        queue = await self.sees(f"/queue/clinic/{CLINIC}", "admin")
        verbs = {"in_progress": "complete", "waiting": "cancel", "called": "cancel"}
        await asyncio.gather(
            *(
                self.does("admin", "POST", f"/queue/{verb}", visit_id=item["id"])
                for phase, verb in verbs.items()
                for item in queue[phase]
            )
        )


@asynccontextmanager
async def opened(data: Path) -> AsyncIterator[Clinic]:
    """A clinic with the demo's people."""
    clinic = Clinic(data)
    try:
        await clinic.start()
        yield clinic
    finally:
        await clinic.close()


async def eventually(look: Callable[[], Awaitable[Seen]], fits: Callable[[Seen], bool]) -> Seen:
    """What is seen once it fits: a click in a window answers nobody but the window."""
    seen = await look()
    try:
        async with asyncio.timeout(LIMIT):
            while not fits(seen):
                await asyncio.sleep(0.02)
                seen = await look()
    except TimeoutError:
        raise AssertionError(f"never became as wanted: {seen}") from None
    return seen


def patient_names(answer: Mapping[str, Any]) -> list[str]:
    """Who is in a queue, in its order."""
    return [item["patient_name"] for phase in ("waiting", "called", "in_progress") for item in answer[phase]]
