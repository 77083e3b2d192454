"""The clinic's people: changes over HTTP by a seeded chance, each asked again until it is answered."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from tests.faults.house import ADMIN, House

CLINICS = 2
DOCTORS = 4
"""In each clinic; each has one line of patients, worked on by one member of staff."""

GIVE_UP = 120.0
"""Seconds until a change that is not answered counts as a fault of ours."""


@dataclass(frozen=True)
class Promise:
    """What an answer said: this event of this thing is committed, once."""

    service: str
    event: str
    noun: str
    id: int


@dataclass
class Driver:
    """Makes changes until there are as many as wanted, and `going_on` says no more."""

    house: House
    seed: int
    wanted: int
    going_on: Callable[[], bool] = lambda: False
    made: int = 0
    retried: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    promised: list[Promise] = field(default_factory=list)
    lines: list[tuple[int, int, int]] = field(default_factory=list)
    _progress: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def open_clinics(self) -> None:
        """Clinics, doctors and services to work with; each line is a clinic, its service and a doctor."""
        async with self._client() as http:
            ask = Asking(self, http, random.Random(f"{self.seed} opening"))
            for number in range(CLINICS):
                clinic = (await ask.does("appointment", "POST", "/clinics", name=f"Fault Clinic {number}"))[
                    "clinic"
                ]["id"]
                service = await ask.does(
                    "appointment",
                    "POST",
                    "/services",
                    clinic_id=clinic,
                    name="Check",
                    duration=15,
                    price=100,
                )
                for doctor in range(DOCTORS):
                    added = await ask.does(
                        "appointment",
                        "POST",
                        "/doctors",
                        name=f"Dr. Fault {number}-{doctor}",
                        specialty="general",
                        clinic_id=clinic,
                        user_id=100 + number * DOCTORS + doctor,
                        working_days=list(DAYS),
                        working_hours={"start": "00:00", "end": "23:30"},
                        share_percentage=0.5,
                    )
                    self.lines.append((clinic, service["service"]["id"], added["doctor"]["id"]))
        self.made = 0

    async def run(self) -> None:
        """Work in all lines at once."""
        async with self._client() as http, asyncio.TaskGroup() as tasks:
            for number, line in enumerate(self.lines):
                chance = random.Random(f"{self.seed} line {number}")
                tasks.create_task(Line(Asking(self, http, chance), number, *line).run())

    async def reached(self, changes: int) -> None:
        """Wait until so many changes were answered."""
        async with self._progress:
            await self._progress.wait_for(lambda: self.made >= min(changes, self.wanted))

    @property
    def done(self) -> bool:
        """Whether there is nothing more to do."""
        return self.made >= self.wanted and not self.going_on()

    async def note(self) -> None:
        """One more was answered."""
        self.made += 1
        async with self._progress:
            self._progress.notify_all()

    def _client(self) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {ADMIN}"}
        # Less than a pause: a request to a process that stands still is asked again.
        return httpx.AsyncClient(headers=headers, timeout=10, limits=httpx.Limits(max_connections=50))


DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Asking:
    """One member of staff's requests: a key of its own for each, the same whenever it is asked again."""

    def __init__(self, driver: Driver, http: httpx.AsyncClient, chance: random.Random) -> None:
        self._driver = driver
        self._http = http
        self.chance = chance

    @property
    def done(self) -> bool:
        """Whether there is nothing more to do."""
        return self._driver.done

    async def does(self, service: str, method: str, path: str, **body: Any) -> dict[str, Any]:
        """The answer to a change; empty when it is refused."""
        key = f"{self.chance.getrandbits(128):032x}"
        async with asyncio.timeout(GIVE_UP):
            while True:
                answer = await self._answer(service, method, path, key, body)
                if answer is not None and answer.status_code < 500:
                    break
                self._driver.retried += 1
                await asyncio.sleep(0.05 + 0.3 * self.chance.random())
        await self._driver.note()
        if answer.status_code >= 300:
            self._driver.refused[f"{method} {path.rstrip('0123456789')} {answer.status_code}"] += 1
            return {}
        said: dict[str, Any] = answer.json()
        return said

    def promise(self, service: str, event: str, noun: str, id: int) -> None:
        """Hold the system to what it answered."""
        self._driver.promised.append(Promise(service, event, noun, id))

    async def _answer(
        self, service: str, method: str, path: str, key: str, body: dict[str, Any]
    ) -> httpx.Response | None:
        headers = {"Idempotency-Key": key} if method == "POST" else {}
        try:
            return await self._http.request(
                method, self._driver.house.url(service) + path, json=body, headers=headers
            )
        except httpx.TransportError:
            return None


class Line:
    """A doctor's patients, one visit after another, by chance."""

    def __init__(self, ask: Asking, number: int, clinic: int, service: int, doctor: int) -> None:
        self._ask = ask
        self._number = number
        self._place = {"clinic_id": clinic, "service_id": service, "doctor_id": doctor}
        self._patients: list[int] = []
        self._phones = count()
        self._quarters = count()

    async def run(self) -> None:
        """Work until there is nothing more to do."""
        while not self._ask.done:
            await self._visit(await self._patient())

    async def _patient(self) -> int:
        chance = self._ask.chance
        if self._patients and chance.random() < 0.7:
            patient = chance.choice(self._patients)
            if chance.random() < 0.3:
                address = f"{chance.randrange(10**6)} Fault Lane"
                await self._ask.does("patient", "PUT", f"/patients/{patient}", address=address)
            return patient
        phone = f"+{self._number + 1}{next(self._phones):08}"
        added = await self._ask.does("patient", "POST", "/patients", name=f"Fay Faulty {phone}", phone=phone)
        patient = added["patient"]["id"]
        self._ask.promise("patient", "patient_created", "patient", patient)
        self._patients.append(patient)
        return int(patient)

    async def _visit(self, patient: int) -> None:
        ask, chance = self._ask, self._ask.chance
        visit = await self._arrive(patient)
        if visit is None:
            return
        end = chance.random()
        if end < 0.15:
            await self._move("cancel" if end < 0.1 else "skip", visit, reason="Left")
            return
        await self._move("call", visit)
        for again in ("recall", "requeue"):
            if chance.random() < 0.2:
                await self._move(again, visit)
                if again == "requeue":
                    await self._move("call", visit)
        await self._move("start", visit)
        await self._move("complete", visit)
        if chance.random() < 0.3:
            paid = await ask.does(
                "payment", "POST", "/payments", visit_id=visit, payment_method="cash", amount_paid=100
            )
            if paid:
                ask.promise("payment", "payment_processed", "payment", paid["payment"]["id"])

    async def _arrive(self, patient: int) -> int | None:
        ask = self._ask
        given = self._place | {"patient_id": patient}
        if ask.chance.random() < 0.2 and (quarter := next(self._quarters)) < 94:
            start = f"{datetime.now(UTC):%Y-%m-%d}T{quarter // 4:02}:{quarter % 4 * 15:02}:00"
            booked = await ask.does(
                "appointment", "POST", "/appointments", start_time=start, booking_source="phone", **given
            )
            if not booked:
                return None
            appointment = booked["appointment"]["id"]
            ask.promise("appointment", "appointment_created", "appointment", appointment)
            came = await ask.does("queue", "POST", "/queue/checkin", appointment_id=appointment)
            event = "new_checkin"
        else:
            came = await ask.does("queue", "POST", "/queue/walkin", **given)
            event = "walkin_added"
        if not came:
            return None
        visit = int(came["visit"]["id"])
        ask.promise("queue", event, "visit", visit)
        return visit

    async def _move(self, verb: str, visit: int, **more: str) -> None:
        await self._ask.does("queue", "POST", f"/queue/{verb}", visit_id=visit, **more)
