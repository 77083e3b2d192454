"""One run: a house, its people, its screens, what goes wrong, and what the checker says of it."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from contracts.identity import Role
from tests.faults import checker
from tests.faults.checker import Verdict
from tests.faults.driver import Driver
from tests.faults.house import ADMIN, House, opened
from tests.faults.injector import Injector, come_and_go, faults
from tests.faults.screens import Screen
from tests.parts import token

SETTLING = 60.0
"""Seconds until what has not come to a screen after the last change counts as lost."""


@dataclass(frozen=True)
class Wanted:
    """What a run is to be; the same seed makes the same changes and faults."""

    seed: int
    changes: int
    faults: int
    database: str
    nodes: int = 1
    settling: float = SETTLING
    only: tuple[str, ...] = ()
    away: float = 0.7
    """Seconds between two screens that go away, roughly."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with a process all the time: for the checker to find."""


@dataclass(frozen=True)
class Outcome:
    """How it went."""

    wanted: Wanted
    verdict: Verdict
    happened: Counter[str]
    refused: Counter[str]
    retried: int
    seconds: float

    def told(self) -> str:
        """The figures, in a line or a few."""
        verdict, wanted = self.verdict, self.wanted
        lines = [
            f"seed {wanted.seed}, {wanted.database}, {wanted.nodes} broker(s): {wanted.changes} changes, "
            f"{self.happened.total()} faults in {self.seconds:.0f} s; {verdict.committed} events committed, "
            f"{verdict.received} received; {self.retried} requests asked again; screens came back "
            f"{verdict.recovered} times without a gap, {verdict.gaps} with one",
            f"{len(verdict.lost)} lost, {len(verdict.doubled)} doubled, {len(verdict.reordered)} reordered, "
            f"{len(verdict.invented)} invented, {len(verdict.stale)} stale pictures",
        ]
        if self.refused:
            lines.append(f"refused: {dict(self.refused)}")
        for kind, found in verdict.faults.items():
            lines += [f"{kind}: {one}" for one in found[:5]]
        return "\n".join(lines)


async def run(wanted: Wanted, say: Callable[[str], None]) -> Outcome:
    """Do it."""
    began = time.monotonic()
    with TemporaryDirectory(prefix="clinicwire-faults-") as folder:
        async with opened(Path(folder), wanted.database, wanted.nodes) as house:
            await house.start(wanted.wrong)
            driver = Driver(house, wanted.seed, wanted.changes)
            await driver.open_clinics()
            known = faults(wanted.database, wanted.nodes)
            if wanted.only:
                known = {name: known[name] for name in wanted.only}
            injector = Injector(house, driver, known, wanted.seed, wanted.faults)
            async with watching(_screens(house, driver), wanted.seed) as screens:
                baseline = {row.service: row.position for row in await house.rows()}
                leaving = asyncio.create_task(
                    come_and_go(screens, random.Random(f"{wanted.seed} screens"), wanted.away)
                )
                try:
                    async with asyncio.TaskGroup() as tasks:
                        tasks.create_task(driver.run())
                        tasks.create_task(injector.run(say))
                finally:
                    leaving.cancel()
                verdict = await _settled(house, driver, screens, baseline, wanted.settling)
            return Outcome(
                wanted, verdict, injector.happened, driver.refused, driver.retried, time.monotonic() - began
            )


@asynccontextmanager
async def watching(screens: list[Screen], seed: int) -> AsyncIterator[list[Screen]]:
    """The screens, all of them in their rooms at the beginning."""
    tasks = [asyncio.create_task(screen.run(random.Random(f"{seed} {screen.name}"))) for screen in screens]
    try:
        async with asyncio.timeout(SETTLING):
            for screen in screens:
                await screen.whole.wait()
        yield screens
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _screens(house: House, driver: Driver) -> list[Screen]:
    """A screen of each kind; what it joins, in the order in which it does."""
    url = house.url("bridge")
    clinic, _, doctor = driver.lines[0]
    other = driver.lines[-1][0]
    doctors = [line[2] for line in driver.lines if line[0] == clinic]

    def screen(
        name: str,
        role: Role,
        clinics: tuple[int, ...] | str,
        at_connect: set[str],
        *joins: tuple[str, dict[str, int], str],
        doctor_id: int | None = None,
    ) -> Screen:
        bearer = token(role, sub=name, clinics=clinics, doctor_id=doctor_id, ttl=24 * 3600)
        return Screen(name, url, bearer, frozenset(at_connect), joins)

    def queue(number: int) -> tuple[str, dict[str, int], str]:
        return "join_queue_room", {"clinic_id": number}, f"clinic_{number}"

    def own(number: int) -> tuple[str, dict[str, int], str]:
        return "join_doctor_room", {"doctor_id": number}, f"doctor_{number}"

    def board(number: int) -> tuple[str, dict[str, int], str]:
        return "join_board_room", {"clinic_id": number}, f"board_{number}"

    desk, reception = f"desk_{clinic}", Role.RECEPTIONIST
    return [
        screen(f"reception {clinic}", reception, (clinic,), {"staff", desk}, queue(clinic)),
        screen(f"second reception {clinic}", reception, (clinic,), {"staff", desk}, queue(clinic)),
        screen(f"reception {other}", reception, (other,), {"staff", f"desk_{other}"}, queue(other)),
        screen(f"doctor {doctor}", Role.DOCTOR, (clinic,), {"staff"}, own(doctor), doctor_id=doctor),
        screen("two rooms", reception, (clinic,), {"staff", desk}, queue(clinic), own(doctors[1])),
        screen("cashier", Role.CASHIER, (clinic,), {"staff", desk}),
        screen("admin", Role.ADMIN, "*", {"staff", "desk_all"}, queue(clinic), queue(other)),
        screen(f"board {clinic}", Role.DISPLAY, (clinic,), set(), board(clinic)),
        screen(f"board {other}", Role.DISPLAY, (other,), set(), board(other)),
    ]


async def _settled(
    house: House, driver: Driver, screens: list[Screen], baseline: Mapping[str, int], limit: float
) -> Verdict:
    """The verdict once nothing is wrong any more, or what can't become right is, or time is up."""
    deadline = time.monotonic() + limit
    while True:
        rows, truth = await house.rows(), await _truth(house, screens)
        verdict = checker.judge(rows, screens, driver.promised, baseline, truth)
        for_good = verdict.doubled or verdict.reordered
        if not verdict.faults or for_good or time.monotonic() > deadline:
            return verdict
        await asyncio.sleep(0.5)


async def _truth(house: House, screens: list[Screen]) -> dict[str, dict[str, Any]]:
    """What each screen shows when it is right, by GET."""
    found: dict[str, dict[str, Any]] = {}
    headers = {"Authorization": f"Bearer {ADMIN}"}
    async with httpx.AsyncClient(base_url=house.url("queue"), headers=headers, timeout=30) as http:
        for screen in screens:
            right = found[screen.name] = {}
            # A second clinic's picture takes the first one's place: such a screen is held to its events.
            if len(screen.joins) != 1:
                continue
            for message, named, _ in screen.joins:
                if message == "join_doctor_room":
                    number = named["doctor_id"]
                    path, name = f"/queue/doctor/{number}", f"queue_updated doctor {number}"
                else:
                    path, name = f"/queue/clinic/{named['clinic_id']}", "queue_updated clinic"
                there = (await http.get(path)).raise_for_status().json()
                if message == "join_board_room":
                    there, name = _board(there), "board_updated clinic"
                right[name] = there
    return found


def _board(queue: dict[str, Any]) -> dict[str, Any]:
    """The waiting-room screen of this queue; our clinics have no room number."""
    shown: dict[str, Any] = {"clinic_id": queue["clinic_id"]}
    for status in ("waiting", "called", "in_progress"):
        shown[status] = [
            {"queue_number": item["queue_number"], "room_number": None, "status": status}
            for item in queue[status]
        ]
    return shown
