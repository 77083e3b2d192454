"""Whole days, played against the real installation as a person would start it."""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import httpx
from rich.console import Console

from launcher.day.ending import DayWentWrong
from launcher.day.plan import HOUR
from launcher.day.play import Wanted, play
from launcher.day.tokens import GivenTokens
from tests.launcher.processes import run, started

A_DAY = 240.0
"""Seconds until a day at full speed counts as stuck; alone on two cores it takes some ten."""

SHORT = 3 * HOUR
"""As long as some of them are open: enough for everything that happens."""

HILLSIDE = 2
"""The demo's clinic with one doctor: half the work."""


@asynccontextmanager
async def installation(data: Path) -> AsyncIterator[tuple[str, str]]:
    """A fresh one with the demo: where it is, and an admin's token."""
    async with started("up", "--port", "0", "--data", data) as running:
        base = (await running.line("Clinicwire on ")).partition(",")[0]
        token = (await running.line("admin ")).partition("#token=")[2]
        await running.line("ready")
        yield base, token


async def played(base: str, token: str, seed: int) -> str:
    """A short day at full speed; what it printed."""
    console = Console(file=StringIO(), record=True, width=150)
    wanted = Wanted(base, HILLSIDE, 0, seed, SHORT)
    async with asyncio.timeout(A_DAY):
        try:
            await play(wanted, GivenTokens([token]), console, lambda: datetime.now(UTC))
        except DayWentWrong as wrong:
            raise AssertionError(console.export_text()) from wrong
    return console.export_text()


async def test_two_days_on_one_day_end_well_with_patients_of_their_own(tmp_path: Path) -> None:
    async with installation(tmp_path) as (base, token):
        command = ("day", "--base", base, "--clinic", str(HILLSIDE), "--data", tmp_path)
        first = await run(*command, "--seed", "1", "--speed", "0", limit=A_DAY)
        assert (first.code, first.err) == (0, "")
        lines = first.out.splitlines()
        assert "a day at Hillside Test Clinic" in lines[0]
        assert lines[1].endswith("the same again: --seed 1")
        assert {"came", "became", "waited", "paid", "requests"} <= {line.partition(" ")[0] for line in lines}
        assert "The queue is right" in lines[-1]
        assert "The queue is right" in await played(base, token, 2)
        async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"}) as http:
            visits, page = [], 1
            while True:
                query = {"clinic_id": HILLSIDE, "per_page": 100, "page": page}
                listed = (await http.get("/visits", params=query)).json()
                visits += listed["visits"]
                page += 1
                if not listed["pagination"]["has_next"]:
                    break
            came = Counter(visit["patient_id"] for visit in visits)
            assert len(came) > 40
            assert max(came.values()) == 1
            statuses = {visit["status"] for visit in visits}
            assert statuses == {"completed", "cancelled", "no_show"}
            patients = (await http.get("/patients", params={"per_page": 100})).json()["patients"]
            assert all(patient["phone"].startswith("+000555") for patient in patients)


async def test_who_a_day_that_was_stopped_left_behind_is_seen_by_the_next(tmp_path: Path) -> None:
    async with installation(tmp_path) as (base, token):
        command = ("day", "--base", base, "--clinic", str(HILLSIDE), "--data", tmp_path)
        async with (
            started("tail", "--base", base, "--clinic", str(HILLSIDE), "--data", tmp_path) as tail,
            started(*command, "--seed", "3", "--speed", "1200") as first,
        ):
            await tail.line("listening")
            while "is in_progress" not in await tail.next():
                pass
            assert await first.stop(signal.SIGINT) == 0
            assert "Traceback" not in first.err
        text = await played(base, token, 4)
        assert "besides" in text
        assert "The queue is right" in text


async def test_a_day_goes_on_over_a_crash_of_the_installation(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        base = (await running.line("Clinicwire on ")).partition(",")[0]
        token = (await running.line("admin ")).partition("#token=")[2]
        await running.line("ready")
        async with started("tail", "--base", base, "--clinic", str(HILLSIDE), "--data", tmp_path) as tail:
            await tail.line("listening")
            day = asyncio.create_task(played(base, token, 5))
            while "payment_processed" not in await tail.next():
                pass
            os.kill(running.pid, signal.SIGKILL)
        async with started("up", "--port", base.rpartition(":")[2], "--data", tmp_path):
            text = await day
        assert "repeated" in text
        assert "The queue is right" in text


async def test_a_day_that_can_not_be_played_says_why(tmp_path: Path) -> None:
    away = await run("day", "--base", "http://127.0.0.1:9", "--data", tmp_path)
    assert (away.code, "nothing answers at http://127.0.0.1:9" in away.err) == (1, True)
    async with installation(tmp_path) as (base, token):
        unknown = await run("day", "--base", base, "--data", tmp_path, "--clinic", "77")
        assert (unknown.code, "there are: 1 (Harbour Test Clinic), 2" in unknown.err) == (1, True)
        strange = await run("day", "--base", base, "--token", "no.such.token")
        assert (strange.code, "see: clinicwire token" in strange.err) == (1, True)
        slow = await run("day", "--base", base, "--data", tmp_path, "--speed", "0.1")
        assert (slow.code, "play it faster: --speed" in slow.err) == (1, True)
        async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"}) as http:
            person = {"name": "Robin Realperson", "phone": "+100000000001"}
            patient = (await http.post("/patients", json=person)).json()["patient"]["id"]
            coming = {"patient_id": patient, "clinic_id": 1, "doctor_id": 1, "service_id": 1}
            assert (await http.post("/queue/walkin", json=coming)).status_code == 201
            refused = await run("day", "--base", base, "--data", tmp_path, "--clinic", "1")
            assert (refused.code, "has not invented" in refused.err) == (1, True)
            # Nothing was done to the person who waits.
            assert len((await http.get("/queue/clinic/1")).json()["waiting"]) == 1
