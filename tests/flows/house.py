"""The house at work: its people at their clients, what the stream holds, and what every screen got."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from contracts import PatientUpdated
from contracts.event import Process
from contracts.shapes import Visit
from tests.flows.installation import Installation, installed
from tests.flows.log import Entry, Log, logging
from tests.flows.screens import SEATS, Screen, screens

CLINIC, OTHER_CLINIC = 1, 2
SERVICE, OTHER_SERVICE = 1, 2
"""The demo's: each clinic offers one service, at 200.00."""

DOCTOR, SECOND_DOCTOR, OTHER_DOCTOR = 1, 2, 3
MARKED = 40
"""The demo's patient whose address marks a place in the stream; nobody books for them."""


@dataclass(frozen=True)
class Answer:
    """What a request was answered, and where the stream stood before it."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    since: int

    @property
    def visit(self) -> Visit:
        """The visit in it."""
        return Visit.model_validate(self.body["visit"])

    def id(self, noun: str) -> int:
        """The id of the thing in it."""
        return int(self.body[noun]["id"])

    def part(self, noun: str, *without: str) -> dict[str, Any]:
        """The thing in it, without what events don't tell."""
        return {name: value for name, value in self.body[noun].items() if name not in without}


class House:
    """One installation with people in it."""

    def __init__(self, installation: Installation, log: Log, opened: Mapping[str, Screen]) -> None:
        self.installation = installation
        self.log = log
        self.screens = opened
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._numbers = count(1)
        self._quarters = {doctor: count() for doctor in (DOCTOR, SECOND_DOCTOR, OTHER_DOCTOR)}

    def number(self) -> int:
        """A number that nobody had before."""
        return next(self._numbers)

    def client(self, seat: str) -> httpx.AsyncClient:
        """The HTTP client of who sits there."""
        if seat not in self._clients:
            self._clients[seat] = self.bearing(SEATS[seat].token())
        return self._clients[seat]

    def bearing(self, token: str) -> httpx.AsyncClient:
        """An HTTP client with this token."""
        headers = {"Authorization": f"Bearer {token}"}
        # Let go of a connection well before the server does: a request must not meet it closing.
        kept = httpx.Limits(keepalive_expiry=2)
        return httpx.AsyncClient(base_url=self.installation.url, headers=headers, timeout=10, limits=kept)

    async def tries(self, seat: str, method: str, path: str, **body: Any) -> Answer:
        """Ask, and take whatever is answered."""
        since = self.log.last
        given = await self.client(seat).request(method, path, json=body or None)
        return Answer(given.status_code, given.json(), given.headers, since)

    async def does(self, seat: str, method: str, path: str, **body: Any) -> Answer:
        """Ask for what has to succeed."""
        answer = await self.tries(seat, method, path, **body)
        assert answer.status in (200, 201), f"{method} {path}: {answer.status} {answer.body}"
        return answer

    async def sees(self, seat: str, path: str) -> dict[str, Any]:
        """What a GET answers."""
        return (await self.does(seat, "GET", path)).body

    async def eventually(self, seat: str, path: str, fits: Any) -> dict[str, Any]:
        """What a GET answers once it fits: what others keep of it follows by events."""
        seen: dict[str, Any] = {}
        try:
            async with asyncio.timeout(5):
                while not fits(seen := await self.sees(seat, path)):  # noqa: ASYNC110  # a replica follows
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"GET {path} never became as wanted: {seen}") from None
        return seen

    async def patient(self) -> int:
        """A new patient."""
        number = self.number()
        body = {"name": f"Quinn Quoted the {number}.", "phone": f"+999{number:06}", "clinic_id": CLINIC}
        return (await self.does("reception", "POST", "/patients", **body)).id("patient")

    def quarter(self, doctor: int = DOCTOR) -> str:
        """A time of today that nobody has booked with this doctor, the clinic's own."""
        minutes = next(self._quarters[doctor]) * 15
        return f"{datetime.now(UTC):%Y-%m-%d}T{minutes // 60:02}:{minutes % 60:02}:00"

    async def books(self, patient: int | None = None, doctor: int = DOCTOR, start: str = "") -> Answer:
        """A booking for today."""
        return await self.does(
            "reception",
            "POST",
            "/appointments",
            clinic_id=CLINIC,
            doctor_id=doctor,
            patient_id=patient or await self.patient(),
            service_id=SERVICE,
            start_time=start or self.quarter(doctor),
            booking_source="phone",
        )

    async def walks_in(self, path: str = "/queue/walkin", doctor: int = DOCTOR, **more: Any) -> Answer:
        """A patient without an appointment."""
        given = {"patient_id": more.pop("patient_id", None) or await self.patient()} | more
        given |= {"clinic_id": CLINIC, "doctor_id": doctor, "service_id": SERVICE}
        return await self.does("reception", "POST", path, **given)

    async def checks_in(self) -> Answer:
        """A patient with an appointment, who has arrived."""
        booked = await self.books()
        return await self.does("reception", "POST", "/queue/checkin", appointment_id=booked.id("appointment"))

    async def calls(self) -> Answer:
        """A patient with an appointment, who was called."""
        visit = (await self.checks_in()).visit
        return await self.does("reception", "POST", "/queue/call", visit_id=visit.id)

    async def starts(self) -> Answer:
        """A patient with an appointment, who is with the doctor now."""
        visit = (await self.calls()).visit
        await self.frees_the_doctor()
        return await self.does("doctor 1", "POST", "/queue/start", visit_id=visit.id)

    async def frees_the_doctor(self) -> None:
        """Nobody is with the doctor any more."""
        for item in (await self.sees("admin", f"/queue/doctor/{DOCTOR}"))["in_progress"]:
            await self.does("admin", "POST", "/queue/complete", visit_id=item["id"])

    async def payment_of(self, visit: Visit) -> dict[str, Any]:
        """The visit's payment, once it is there."""
        found = await self.eventually(
            "cashier", f"/payments?visit_id={visit.id}", lambda seen: seen["payments"]
        )
        payment: dict[str, Any] = found["payments"][0]
        return payment

    async def marker(self) -> Entry:
        """An event that all staff hear: what is in the stream before it has come when it has."""
        address = f"{self.number()} Marker Lane"
        done = await self.does("admin", "PUT", f"/patients/{MARKED}", address=address)
        return await self.log.until(
            PatientUpdated, lambda event: event.patient.address == address, done.since
        )

    async def begins(self) -> None:
        """From here on every screen is held to what the stream holds for it."""
        marker = await self.marker()
        for screen in self.screens.values():
            await screen.begin(marker)
        await self.turn()

    async def turn(self) -> None:
        """What the bridge has sent has come to every screen."""
        await asyncio.gather(*(screen.turn() for screen in self.screens.values()))

    async def all_screens_agree(self, seq: int) -> None:
        """Every screen got the events of its rooms up to `seq`: each once, in order, word for word."""
        for name, screen in self.screens.items():
            try:
                await screen.agrees(self.log, seq)
            except TimeoutError:
                due, got = screen.due(self.log), screen.got()
                missing = [one.name for one in due if one not in got]
                state = f"{name} ({screen.why or 'connected'})"
                raise AssertionError(f"{state} misses {missing} of {len(due)}, got {len(got)}") from None
        await self.turn()
        for name, screen in self.screens.items():
            assert not screen.miscounted, f"{name} was sent the wrong number of arguments"
        assert not self.log.broken, self.log.broken

    async def close(self) -> None:
        """Let the clients go."""
        for client in self._clients.values():
            await client.aclose()


@asynccontextmanager
async def opened(
    folder: Path, databases: Mapping[Process, str], *, seated: bool = True
) -> AsyncIterator[House]:
    """A house with a screen on every seat, or on none."""
    async with AsyncExitStack() as stack:
        installation = await stack.enter_async_context(installed(folder, databases))
        log = await stack.enter_async_context(logging(installation.broker))
        seats = SEATS if seated else {}
        house = House(installation, log, await stack.enter_async_context(screens(installation.url, seats)))
        stack.push_async_callback(house.close)
        await house.begins()
        yield house
