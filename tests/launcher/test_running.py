"""`clinicwire up` at work, and `clinicwire tail` beside it: one installation for all of these."""

import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio

from chassis.identity import SharedSecret, Verifier
from contracts.event import Process
from contracts.identity import Identity, Role
from tests.launcher.processes import Running, client, ready, run, started

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINKS = {
    "reception": (Role.RECEPTIONIST, frozenset({1})),
    "doctor": (Role.DOCTOR, frozenset({1})),
    "cashier": (Role.CASHIER, frozenset({1})),
    "board": (Role.DISPLAY, frozenset({1})),
    "admin": (Role.ADMIN, "*"),
}


@dataclass(frozen=True)
class Clinic:
    """The installation: its folder, its address, its process, a client of its admin."""

    data: Path
    base: str
    running: Running
    http: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    """One for all tests of this file; none of them asks for more than is there at its beginning."""
    data = tmp_path_factory.mktemp("clinicwire")
    async with (
        started("up", "--port", "0", "--data", data) as running,
        await client(running, "admin") as http,
    ):
        yield Clinic(data, await ready(running), running, http)


def bearer(data: Path, link: str) -> Identity:
    token = urlsplit(link).fragment.removeprefix("token=")
    return Verifier(SharedSecret((data / "jwt.secret").read_text())).verify(token, datetime.now(UTC))


async def test_it_prints_a_sign_in_link_for_each_role_and_is_ready(clinic: Clinic) -> None:
    for name, (role, clinics) in LINKS.items():
        link = await clinic.running.line(f"{name} ")
        assert link.startswith(f"{clinic.base}/#token=")
        assert (bearer(clinic.data, link).role, bearer(clinic.data, link).clinics) == (role, clinics)
    assert bearer(clinic.data, await clinic.running.line("doctor ")).doctor_id == 1
    answer = await clinic.http.get("/health/ready")
    assert (answer.status_code, answer.json()["waiting_for"]) == (200, {})
    assert "text/html" in (await clinic.http.get("/")).headers["content-type"]
    metrics = (await clinic.http.get("/metrics")).text
    assert all(f'service="{process}"' in metrics for process in Process)


async def test_the_demo_is_the_one_that_was_promised(clinic: Clinic) -> None:
    http = clinic.http
    clinics = (await http.get("/clinics")).json()["clinics"]
    assert [(c["id"], c["time_zone"]) for c in clinics] == [(1, "UTC"), (2, "UTC")]
    doctors = (await http.get("/api/doctors")).json()["doctors"]
    assert [(d["id"], d["user_id"], d["clinic_id"]) for d in doctors] == [(1, 1, 1), (2, 2, 1), (3, 3, 2)]
    assert all(d["working_hours"] == {"start": "00:00", "end": "23:30"} for d in doctors)
    assert all(len(d["working_days"]) == 7 for d in doctors)
    for clinic_id in (1, 2):
        services = (await http.get(f"/clinics/{clinic_id}/services")).json()["services"]
        assert [(s["id"], s["duration"], s["price"]) for s in services] == [(clinic_id, 15, 200.0)]
    patients = (await http.get("/patients", params={"per_page": 100})).json()["patients"]
    assert set(range(1, 31)) <= {patient["id"] for patient in patients}
    assert (await http.get("/appointments")).json()["total"] == 0
    assert (await http.get("/queue/clinic/1")).json()["total"] == 0


async def test_a_second_instance_on_the_same_data_is_refused(clinic: Clinic) -> None:
    second = await run("up", "--port", "0", "--data", clinic.data)
    assert second.code == 1
    assert f"already runs on {clinic.data} (process {clinic.running.pid})" in second.err
    assert "--data" in second.err
    assert second.out == ""


async def test_tail_prints_a_line_for_each_event(clinic: Clinic) -> None:
    command = ("tail", "--base", clinic.base, "--data", clinic.data, "--clinic", "1")
    async with started(*command) as tail:
        await tail.line("listening on")
        assert "queue_updated" in await tail.next()
        wanted = {"patient_id": 3, "clinic_id": 1, "doctor_id": 1, "service_id": 1}
        made = await clinic.http.post("/queue/walkin", json=wanted)
        assert made.status_code == 201, made.text
        line = ""
        while "walkin_added" not in line:
            line = await tail.next()
        assert f"ticket {made.json()['queue_number']} is waiting, doctor 1" in line
        assert await tail.stop(signal.SIGINT) == 0
        assert tail.err == ""


async def test_tail_says_what_is_wrong(clinic: Clinic) -> None:
    away = await run("tail", "--base", "http://127.0.0.1:9", "--data", clinic.data)
    assert away.code == 1
    assert "nothing answers at http://127.0.0.1:9" in away.err
    refused = await run("tail", "--base", clinic.base, "--clinic", "1", "--token", "no.such.token")
    assert refused.code == 1
    assert "does not let us in: Invalid authentication" in refused.err


async def test_a_broker_that_died_is_replaced_under_the_running_clinic(clinic: Clinic) -> None:
    async with started("tail", "--base", clinic.base, "--data", clinic.data) as tail:
        await tail.line("listening on")
        os.kill(int((clinic.data / "broker.lock").read_text()), signal.SIGKILL)
        made = await clinic.http.post("/patients", json={"name": "Otto Outage", "phone": "+0005554322"})
        assert made.status_code == 201
        while "Otto Outage" not in await tail.next():
            pass
