"""The staff's side of a measurement: a clinic, and what is asked of it over HTTP."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import aiohttp

DOCTORS = 16
PATIENTS = 40

MOVES = (("call", "called"), ("start", "in_progress"), ("complete", "completed"))
"""A visit's way once the patient waits, and what each move makes of it."""


@dataclass(frozen=True)
class Clinic:
    """Where it is measured: its number, a service it offers, its doctors and patients."""

    id: int
    service_id: int
    doctors: Sequence[int]
    patients: Sequence[int]


DEMO = Clinic(id=1, service_id=1, doctors=(1, 2), patients=range(1, 1 + PATIENTS))
"""The one that `clinicwire up` opens by itself."""


class Desk:
    """The staff's HTTP, one connection a doctor; `at` says whose a path is."""

    def __init__(
        self, http: aiohttp.ClientSession, at: Callable[[str], str], token: str, clinic: Clinic = DEMO
    ) -> None:
        self._http, self._at = http, at
        self.clinic = clinic
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def send(self, method: str, path: str, body: dict[str, object]) -> dict[str, dict[str, int]]:
        """The answer to a request that must succeed."""
        url = self._at(path) + path
        async with self._http.request(method, url, data=json.dumps(body), headers=self._headers) as answer:
            text = await answer.text()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text}")
            said: dict[str, dict[str, int]] = json.loads(text)
            return said

    async def walk_in(self, doctor_id: int, number: int) -> int:
        """A patient, the clinic's `number`th, in the queue of a doctor; the visit's id."""
        patients = self.clinic.patients
        body: dict[str, object] = {
            "patient_id": patients[number % len(patients)],
            "clinic_id": self.clinic.id,
            "service_id": self.clinic.service_id,
            "doctor_id": doctor_id,
        }
        return (await self.send("POST", "/queue/walkin", body))["visit"]["id"]

    async def move(self, visit_id: int, verb: str) -> None:
        """One of `MOVES`."""
        await self.send("POST", f"/queue/{verb}", {"visit_id": visit_id})

    async def see(self, visit_id: int) -> None:
        """Three changes: call, start, complete."""
        for verb, _ in MOVES:
            await self.move(visit_id, verb)

    async def open(self) -> Clinic:
        """A clinic of the measurement's own, where there is no demo."""
        opened = await self.send("POST", "/clinics", {"name": "Bench Clinic"})
        id = opened["clinic"]["id"]
        offer: dict[str, object] = {"clinic_id": id, "name": "Check", "duration": 15, "price": 100}
        service_id = (await self.send("POST", "/services", offer))["service"]["id"]
        patients = []
        for number in range(PATIENTS):
            card: dict[str, object] = {"name": f"Benno Bench {number}", "phone": f"+1555{number:07}"}
            patients.append((await self.send("POST", "/patients", card))["patient"]["id"])
        self.clinic = Clinic(id, service_id, (), patients)
        return self.clinic

    async def doctors(self) -> Sequence[int]:
        """The clinic's doctors, as many as wanted."""
        ids = list(self.clinic.doctors)
        while len(ids) < DOCTORS:
            body: dict[str, object] = {
                "name": f"Dr. Bench {len(ids)}",
                "specialty": "general",
                "clinic_id": self.clinic.id,
                "user_id": 1000 + len(ids),
                "share_percentage": 0.5,
                "working_days": ["Monday"],
                "working_hours": {"start": "00:00", "end": "23:30"},
            }
            ids.append((await self.send("POST", "/doctors", body))["doctor"]["id"])
        return ids
