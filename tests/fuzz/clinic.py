"""A clinic of real processes, watched from outside: its memory, its log, and whether it still works."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import socketio  # type: ignore[import-untyped]  # it has no types

from contracts.identity import Role
from launcher import token as tokens
from launcher.secret import jwt_secret
from tests.launcher.processes import CLINICWIRE, OURS, answers_ready

LIMIT = 120.0

COMPLAINTS = re.compile(
    r"Traceback|never retrieved|never awaited|Exception in|\"level\": \"(error|critical)\"|\bpanic\b"
)

KNOWN = ("event_terminated", "message_unreadable")
"""Lines that say what was done with a message that nobody can read: that is how it is to be."""

ENVIRONMENT = {
    # What is kept on purpose is full soon, so that whatever grows on is a leak.
    "RING_EVENTS": "500",
    # Half-open connections end within seconds.
    "CONNECT_LIMIT": "2",
    "PING_INTERVAL": "2",
    "PING_TIMEOUT": "2",
}


UNBOUNDED = {
    name: "1000000"
    for name in ("REQUESTS_AT_ONCE", "CONNECTS_AT_ONCE", "MESSAGES_AT_ONCE", "TOKEN_MESSAGES_AT_ONCE")
}
"""What is sent is to be read, not refused as too much; the second bridge has its limits as they are."""


@dataclass
class Clinic:
    """Where it is, and what to watch: an installation, and a second bridge on the stock wire beside it."""

    data: Path
    base: str
    stock: str
    nats: str
    watched: dict[str, psutil.Process] = field(default_factory=dict)
    visits: list[int] = field(default_factory=list)

    @property
    def logs(self) -> tuple[Path, ...]:
        """What the processes wrote on standard error."""
        return (self.data / "up.err", self.data / "bridge.err")

    def token(self, role: Role, *clinics: int, doctor: int | None = None, sub: str | None = None) -> str:
        """A token as the installation's issuer signs it."""
        now, life = datetime.now(UTC), timedelta(hours=12)
        secret = jwt_secret(self.data)
        return tokens.sign(secret, role, now, life=life, sub=sub, clinics=clinics, doctor_id=doctor)

    def client(self, role: Role, *clinics: int, doctor: int | None = None) -> httpx.AsyncClient:
        """An HTTP client of somebody whom no revocation can have named."""
        bearer = self.token(role, *clinics, doctor=doctor, sub=f"{role} of the time after")
        return httpx.AsyncClient(
            base_url=self.base, headers={"Authorization": f"Bearer {bearer}"}, timeout=LIMIT
        )

    def memory(self) -> dict[str, int]:
        """What each process holds, in bytes (RSS)."""
        return {name: process.memory_info().rss for name, process in self.watched.items()}

    def dead(self) -> list[str]:
        """The processes that are no more."""
        return [
            name
            for name, process in self.watched.items()
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        ]

    def complaints(self) -> list[str]:
        """What the processes' logs say that should never be said."""
        return [
            f"{log.name}: {line[:500]}"
            for log in self.logs
            for line in log.read_text(errors="replace").splitlines()
            if COMPLAINTS.search(line) and not ("Traceback" not in line and any(k in line for k in KNOWN))
        ]

    async def settled(self) -> None:
        """Wait until every attacker's connection is over."""
        async with httpx.AsyncClient() as http, asyncio.timeout(LIMIT):
            for url in (self.base, self.stock):
                while _connections((await http.get(f"{url}/metrics")).text):  # noqa: ASYNC110  # as a monitor
                    await asyncio.sleep(0.1)

    async def fill(self) -> None:
        """People in the demo's first clinic: what a list has in it is what a stateful attack goes on with."""
        async with self.client(Role.RECEPTIONIST, 1) as desk:
            for patient in range(1, 6):
                given = {"clinic_id": 1, "doctor_id": 1, "service_id": 1, "patient_id": patient}
                self.visits.append(await _made(desk, "/queue/walkin", "visit", **given))

    async def opened(self) -> int:
        """The number of a new clinic, with a doctor and a service."""
        clinic, _, _ = await self._opened()
        return clinic

    async def _opened(self) -> tuple[int, int, int]:
        async with self.client(Role.ADMIN) as admin:
            clinic = await _made(admin, "/clinics", "clinic", name="Afterwards Clinic", time_zone="UTC")
            hours = {"start": "00:00", "end": "23:59"}
            doctor = await _made(
                admin,
                "/doctors",
                "doctor",
                name="Dr. Afterwards Invented",
                clinic_id=clinic,
                working_days=["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
                working_hours=hours,
                share_percentage=0.5,
            )
            service = await _made(
                admin, "/services", "service", clinic_id=clinic, name="Look", duration=15, price=20
            )
            return clinic, doctor, service

    async def works(self) -> None:
        """A new clinic, and in it a patient from check-in to payment, on a screen at either bridge."""
        clinic, doctor, service = await self._opened()
        bearer = self.token(Role.RECEPTIONIST, clinic, sub="a screen of the time after")
        async with (
            self.client(Role.RECEPTIONIST, clinic) as desk,
            self.client(Role.DOCTOR, clinic, doctor=doctor) as consulting,
            self.client(Role.CASHIER, clinic) as cashier,
            _screen(self.base, bearer, clinic) as one,
            _screen(self.stock, bearer, clinic) as two,
        ):
            phone = f"+0005559{clinic % 10**6:06}"
            patient = await _made(desk, "/patients", "patient", name="Alma Afterwards", phone=phone)
            given = {"clinic_id": clinic, "doctor_id": doctor, "service_id": service, "patient_id": patient}
            start = f"{datetime.now(UTC):%Y-%m-%d}T12:00:00"
            booked = await _made(
                desk, "/appointments", "appointment", **given, start_time=start, booking_source="phone"
            )
            visit = await _made(desk, "/queue/checkin", "visit", appointment_id=booked)
            for who, step in ((desk, "call"), (consulting, "start"), (consulting, "complete")):
                await _made(who, f"/queue/{step}", "visit", visit_id=visit)
            paid = await _made(
                cashier, "/payments", "payment", visit_id=visit, payment_method="cash", amount_paid=20
            )
            assert paid
            for screen in (one, two):
                await screen.shows_completed(visit)


class Screen:
    """A client that keeps the newest queue."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.client.on("queue_updated", self._hear)
        self._queue: dict[str, Any] = {}
        self._more = asyncio.Condition()

    async def _hear(self, queue: dict[str, Any]) -> None:
        async with self._more:
            self._queue = queue
            self._more.notify_all()

    async def shows_completed(self, visit: int) -> None:
        """Wait until this visit is over on it."""
        async with asyncio.timeout(LIMIT), self._more:
            await self._more.wait_for(
                lambda: visit in [one["id"] for one in self._queue.get("completed", ())]
            )


@asynccontextmanager
async def _screen(url: str, token: str, clinic: int) -> AsyncIterator[Screen]:
    screen = Screen()
    try:
        await screen.client.connect(url, auth={"token": token}, transports=["websocket"])
        answer = await screen.client.call("join_queue_room", {"clinic_id": clinic}, timeout=LIMIT)
        assert answer["ok"] is True, answer
        yield screen
    finally:
        await screen.client.disconnect()


async def _made(client: httpx.AsyncClient, path: str, noun: str, **body: object) -> int:
    answer = await client.post(path, json=body)
    assert answer.status_code in (200, 201), f"{path}: {answer.status_code} {answer.text}"
    return int(answer.json()[noun]["id"])


def _connections(metrics: str) -> float:
    found = re.search(r"^clinicwire_bridge_connections(?:\{[^}]*\})? (\S+)$", metrics, re.MULTILINE)
    assert found, "the bridge does not say how many are connected"
    return float(found[1])


@asynccontextmanager
async def running(data: Path) -> AsyncIterator[Clinic]:
    """The clinic, as a person would start it, and the second bridge."""
    async with AsyncExitStack() as stack:
        up = await stack.enter_async_context(
            _started(data / "up", ENVIRONMENT | UNBOUNDED, "up", "--port", "0", "--data", data)
        )
        await up.line("ready")
        base, _, rest = (await up.line("Clinicwire on ")).partition(", its data in ")
        nats = rest.rpartition("NATS on ")[2]
        told = {
            "NATS_URL": nats,
            "NATS_NKEY": (data / "broker" / "keys" / "bridge.nk").read_text(),
            "JWT_SECRET": jwt_secret(data),
            "DIRECT_WIRE": "false",
            "PORT": "0",
            "LOG_LEVEL": "warning",
        }
        bridge = await stack.enter_async_context(
            _started(data / "bridge", ENVIRONMENT | told, "serve", "bridge")
        )
        port = await bridge.line("bridge on port ")
        await answers_ready(f"http://127.0.0.1:{port}")
        own = psutil.Process(up.pid)
        [broker] = [child for child in own.children() if "nats-server" in child.name()]
        watched = {"clinicwire": own, "nats-server": broker, "stock bridge": psutil.Process(bridge.pid)}
        clinic = Clinic(data, base, f"http://127.0.0.1:{port}", nats, watched)
        await clinic.fill()
        yield clinic


@dataclass(frozen=True)
class _Command:
    """A command at work that writes into files: nobody has to read along, and what it said last stays."""

    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    async def line(self, start: str) -> str:
        """The rest of the line that starts so, once it is there."""
        async with asyncio.timeout(LIMIT):
            while self.process.returncode is None:
                for line in self.log.with_suffix(".out").read_text().splitlines(keepends=True):
                    if line.startswith(start) and line.endswith("\n"):
                        return line.removeprefix(start).strip()
                await asyncio.sleep(0.02)  # nobody tells of a file
        raise AssertionError(f"it ended: {self.log.with_suffix('.err').read_text()[-2000:]}")


@asynccontextmanager
async def _started(log: Path, told: dict[str, str], *command: str | Path) -> AsyncIterator[_Command]:
    surroundings = {name: value for name, value in os.environ.items() if name not in OURS} | told
    with log.with_suffix(".out").open("wb") as out, log.with_suffix(".err").open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            CLINICWIRE, *command, env=surroundings, stdout=out, stderr=err
        )
    try:
        yield _Command(process, log)
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(LIMIT):
            await process.wait()
