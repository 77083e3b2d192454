"""Schemathesis over each service's OpenAPI document, with every check on."""

import asyncio
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from chassis.settings import Settings
from contracts.event import Process
from contracts.identity import Role
from contracts.permissions import SERVICES
from launcher import services
from tests.fuzz.clinic import Clinic
from tests.parts import SECRET

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")

CALLERS: dict[Process, tuple[Role, ...]] = {
    Process.QUEUE: (Role.RECEPTIONIST, Role.DOCTOR, Role.ADMIN),
    Process.APPOINTMENT: (Role.ADMIN, Role.RECEPTIONIST, Role.DOCTOR),
    Process.PATIENT: (Role.RECEPTIONIST, Role.CASHIER, Role.DOCTOR),
    Process.PAYMENT: (Role.CASHIER, Role.ADMIN, Role.DISPLAY),
}
"""Whose tokens a service is tried with, the one with the most rights first."""


@dataclass(frozen=True)
class Run:
    """What became of one run of schemathesis."""

    what: str
    cases: int
    links: int
    failed: bool
    report: str


async def document(process: Process) -> str:
    """The service's OpenAPI document, as the service itself gives it."""
    settings = Settings(database_url="sqlite:///never-opened", jwt_secret=SECRET)
    app = services.service(process, settings).app
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://clinic") as client:
        told = (await client.get("/openapi.json")).json()
    return json.dumps(told)


async def attack(clinic: Clinic, process: Process, role: Role, seed: int, examples: int, phases: str) -> Run:
    """One run: this service, with a token of this role."""
    folder = clinic.data / "schemathesis"
    folder.mkdir(exist_ok=True)
    file = folder / f"{process}.json"
    file.write_text(await document(process))
    clinics = () if role is Role.ADMIN else (1, 2)
    bearer = clinic.token(role, *clinics, doctor=1 if role is Role.DOCTOR else None)
    running = await asyncio.create_subprocess_exec(
        SCHEMATHESIS,
        *("--config-file", str(CONFIGURATION), "--no-color"),
        *("run", str(file), "--url", clinic.base, "--checks", "all", "--continue-on-failure"),
        # What is closed, offered no longer or cancelled is told of as before: only a patient's file is gone.
        *(() if process is Process.PATIENT else ("--exclude-checks", "use_after_free")),
        *("--phases", phases, "--max-examples", str(examples), "--seed", str(seed), "--warnings", "off"),
        *("--header", f"Authorization: Bearer {bearer}"),
        env=os.environ | {"FUZZ_VISITS": " ".join(map(str, clinic.visits))},
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await running.communicate()
    report = out.decode()
    what = f"{process} as {role}, seed {seed}"
    cases, links = _number(r"(\d+) generated", report), _number(r"(\d+) covered", report)
    return Run(what, cases, links, running.returncode != 0, report)


def _number(pattern: str, report: str) -> int:
    found = re.search(pattern, report)
    return int(found[1]) if found else 0


def callers() -> list[tuple[Process, Role]]:
    """Every service with each of its callers, the services in turn."""
    return [(process, CALLERS[process][number]) for number in range(3) for process in SERVICES]
