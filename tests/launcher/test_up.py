"""`clinicwire up`: everything on one port, and how it begins and ends."""

import os
import signal
import socket
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from chassis.identity import SharedSecret, Verifier
from contracts.event import Process
from contracts.identity import Identity, Role
from launcher import lock
from tests.launcher.processes import Running, appeared, run, started

LINKS = {
    "reception": (Role.RECEPTIONIST, frozenset({1})),
    "doctor": (Role.DOCTOR, frozenset({1})),
    "cashier": (Role.CASHIER, frozenset({1})),
    "board": (Role.DISPLAY, frozenset({1})),
    "admin": (Role.ADMIN, "*"),
}


async def ready(running: Running) -> str:
    """Where it is, once it says that it is ready."""
    await running.line("ready")
    return (await running.line("Clinicwire on ")).partition(",")[0]


async def client(running: Running, link: str = "admin") -> httpx.AsyncClient:
    """A client with the token of this link."""
    base = await ready(running)
    token = (await running.line(f"{link} ")).partition("#token=")[2]
    return httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"})


def bearer(data: Path, link: str) -> Identity:
    token = urlsplit(link).fragment.removeprefix("token=")
    return Verifier(SharedSecret((data / "jwt.secret").read_text())).verify(token, datetime.now(UTC))


async def test_it_prints_a_sign_in_link_for_each_role_and_is_ready(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        base = await ready(running)
        for name, (role, clinics) in LINKS.items():
            link = await running.line(f"{name} ")
            assert link.startswith(f"{base}/#token=")
            assert (bearer(tmp_path, link).role, bearer(tmp_path, link).clinics) == (role, clinics)
        assert bearer(tmp_path, await running.line("doctor ")).doctor_id == 1
        async with httpx.AsyncClient(base_url=base) as http:
            answer = await http.get("/health/ready")
            assert (answer.status_code, answer.json()["waiting_for"]) == (200, {})
            assert "text/html" in (await http.get("/")).headers["content-type"]
            metrics = (await http.get("/metrics")).text
            assert all(f'service="{process}"' in metrics for process in Process)


async def test_the_demo_is_the_one_that_was_promised(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running, await client(running) as http:
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


async def test_without_the_demo_nobody_is_there(tmp_path: Path) -> None:
    command = ("up", "--port", "0", "--data", tmp_path, "--no-demo")
    async with started(*command) as running, await client(running) as http:
        assert (await http.get("/clinics")).json() == {"clinics": []}
        assert (await http.get("/patients")).json()["total"] == 0


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_it_stops_cleanly_and_starts_again_with_the_same_data(
    tmp_path: Path, how: signal.Signals
) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        async with await client(running, "reception") as http:
            token = http.headers["Authorization"]
            made = await http.post("/patients", json={"name": "Wanda Waitwell", "phone": "+0005551234"})
            assert made.status_code == 201, made.text
        assert await running.stop(how) == 0
        assert "Traceback" not in running.err
    with lock.held(tmp_path):
        pass  # nothing of it is left, the broker included
    async with started("up", "--port", "0", "--data", tmp_path) as running, await client(running) as http:
        found = await http.get("/patients", params={"name": "Wanda"}, headers={"Authorization": token})
        assert found.json()["total"] == 1
        assert (await http.get("/patients")).json()["total"] == 41


async def test_a_second_instance_on_the_same_data_is_refused(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        await ready(running)
        second = await run("up", "--port", "0", "--data", tmp_path)
        assert second.code == 1
        assert f"already runs on {tmp_path} (process {running.pid})" in second.err
        assert "--data" in second.err
        assert second.out == ""


async def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        refused = await run("up", "--port", str(port), "--data", tmp_path)
    assert refused.code == 1
    assert f"port {port} of 127.0.0.1 is in use" in refused.err
    assert "--port" in refused.err
    assert "Traceback" not in refused.err


async def test_a_start_after_a_kill_copes(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        await ready(running)
        os.kill(running.pid, signal.SIGKILL)
        async with started("up", "--port", "0", "--data", tmp_path) as again, await client(again) as http:
            assert (await http.get("/patients")).json()["total"] == 40


async def test_a_stop_in_the_middle_of_starting_is_clean(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        await appeared(tmp_path / "broker" / "nats.conf")
        assert await running.stop(signal.SIGTERM) == 0
    with lock.held(tmp_path):
        pass


async def test_the_broker_that_died_is_replaced_under_the_running_clinic(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running, await client(running) as http:
        os.kill(int((tmp_path / "broker.lock").read_text()), signal.SIGKILL)
        made = await http.post("/patients", json={"name": "Ina Interval", "phone": "+0005554321"})
        assert made.status_code == 201
        async with started("tail", "--base", str(http.base_url), "--data", tmp_path) as tail:
            await tail.line("listening")
            after = await http.post("/patients", json={"name": "Otto Outage", "phone": "+0005554322"})
            assert after.status_code == 201
            while "Otto Outage" not in await tail.next():
                pass


async def test_tail_prints_a_line_for_each_event(tmp_path: Path) -> None:
    async with (
        started("up", "--port", "0", "--data", tmp_path) as running,
        await client(running) as http,
        started("tail", "--base", str(http.base_url), "--data", tmp_path, "--clinic", "1") as tail,
    ):
        await tail.line("listening on")
        assert "queue_updated" in await tail.next()
        wanted = {"patient_id": 3, "clinic_id": 1, "doctor_id": 1, "service_id": 1}
        made = await http.post("/queue/walkin", json=wanted)
        assert made.status_code == 201, made.text
        line = ""
        while "walkin_added" not in line:
            line = await tail.next()
        assert f"ticket {made.json()['queue_number']} is waiting, doctor 1" in line
        assert await tail.stop(signal.SIGINT) == 0
        assert tail.err == ""


async def test_tail_says_what_is_wrong(tmp_path: Path) -> None:
    away = await run("tail", "--base", "http://127.0.0.1:9", "--data", tmp_path)
    assert (away.code, "nothing answers at http://127.0.0.1:9" in away.err) == (1, True)
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        base = await ready(running)
        refused = await run("tail", "--base", base, "--clinic", "1", "--token", "no.such.token")
        assert (refused.code, "does not let us in" in refused.err) == (1, True)
