"""What somebody wants to get at: a visit in clinic 1 with doctor 1, and things that nothing depends on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.shapes import Visit
from tests.flows.house import CLINIC, DOCTOR, SERVICE, Answer, House


@dataclass(frozen=True)
class Target:
    """One of each kind of thing, belonging together."""

    house: House
    visit: Visit
    payment_id: int
    spare: Mapping[str, int]
    """A clinic, a doctor, a service and a patient that nothing depends on."""

    @property
    def appointment_id(self) -> int:
        """The visit's appointment."""
        return self.visit.appointment_id or 0

    @property
    def patient_id(self) -> int:
        """The visit's patient."""
        return self.visit.patient_id

    @property
    def today(self) -> str:
        """The clinic's day."""
        return f"{datetime.now(UTC):%Y-%m-%d}"

    def new_booking(self) -> dict[str, Any]:
        """A time of today that nobody has."""
        return {
            "clinic_id": CLINIC,
            "doctor_id": DOCTOR,
            "patient_id": self.spare["patient"],
            "service_id": SERVICE,
            "start_time": self.house.quarter(),
            "booking_source": "phone",
        }

    def walk_in(self) -> dict[str, Any]:
        """Somebody without an appointment."""
        return {
            "patient_id": self.spare["patient"],
            "clinic_id": CLINIC,
            "doctor_id": DOCTOR,
            "service_id": SERVICE,
        }


async def made(
    house: House, state: str, *, booked: bool = True, spare: Mapping[str, int] | None = None
) -> Target:
    """A target whose visit is in this state; `booked` by an appointment, else walked in."""
    if state == "scheduled":
        visit = (await house.books()).visit
    elif booked:
        visit = (await house.checks_in()).visit
    else:
        visit = (await house.walks_in()).visit
    if state in ("called", "in_progress"):
        await house.does("reception", "POST", "/queue/call", visit_id=visit.id)
    await house.frees_the_doctor()
    if state == "in_progress":
        await house.does("doctor 1", "POST", "/queue/start", visit_id=visit.id)
    payment = await house.payment_of(visit)
    others = await _catalogue(house) if spare is None else spare
    return Target(house, visit, int(payment["id"]), {**others, "patient": await house.patient()})


async def _catalogue(house: House) -> dict[str, int]:
    number = house.number()

    async def added(path: str, noun: str, **body: Any) -> int:
        done: Answer = await house.does("admin", "POST", path, **body)
        return done.id(noun)

    clinic = await added("/clinics", "clinic", name=f"Spare Clinic {number}")
    return {
        "clinic": clinic,
        "doctor": await added("/doctors", "doctor", **new_doctor(CLINIC)),
        "service": await added("/services", "service", **new_service(CLINIC)),
    }


def new_doctor(clinic: int) -> dict[str, Any]:
    """A doctor to be added."""
    return {
        "name": "Dr. Spare Example",
        "clinic_id": clinic,
        "working_days": ["Monday"],
        "working_hours": {"start": "08:00", "end": "16:00"},
        "share_percentage": 0.5,
    }


def new_service(clinic: int) -> dict[str, Any]:
    """A service to be offered."""
    return {"clinic_id": clinic, "name": "Spare Example", "duration": 15, "price": 10}
