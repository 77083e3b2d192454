"""The whole way: changes over HTTP, all screens of the clinic watching.

`python -m bench.whole_way` starts an installation of its own, lets 16 doctors call, start and complete visits
at once while 200 sockets are in the clinic's room, on a day of 100, 200 and 500 visits, and prints changes a
second, CPU a change, the latency of an event idle and at that load, and the memory; medians of rounds.
With `--separate sqlite` or `--separate postgresql` each service is a process of its own; with `--pace 250` so
many changes a second are asked for, not as many as are answered.
"""

import argparse
import asyncio
import os
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Any, TypeVar

import aiohttp
import socketio  # type: ignore[import-untyped]

from bench.desk import DEMO, DOCTORS, MOVES, Clinic, Desk
from bench.installation import Installation, running
from bench.separate import Separate, separate

SCREENS = 200
PAUSES = (0.02, 0.1)
"""Seconds between two changes when idle: in a clinic at work, and where the machine sleeps in between."""

AnswerT = TypeVar("AnswerT")

ROUND = 10
"""Visits each doctor sees in a round."""


@dataclass(frozen=True)
class Result:
    """What a round cost."""

    changes: int
    seconds: float
    python: float
    nats: float
    deliveries: int
    size: int
    p99: float


@dataclass(frozen=True)
class Site:
    """What is measured: its processes, where its sockets are, and who works there."""

    processes: Installation | Separate
    base: str
    token: str
    desk: Desk
    doctors: Sequence[int]


@asynccontextmanager
async def watching(base: str, token: str, clinic: Clinic) -> AsyncIterator[asyncio.subprocess.Process]:
    """The screens, each in the clinic's room."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.screens",
        base,
        token,
        str(clinic.id),
        str(SCREENS),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None  # noqa: S101
    if await process.stdout.readline() != b"joined\n":
        raise RuntimeError("the screens did not all join")
    yield process
    if process.returncode is None:
        process.kill()
    await process.wait()


class Pace:
    """So many changes a second are asked for, or as many as are answered."""

    def __init__(self, rate: float | None) -> None:
        self._step = 1 / rate if rate else 0.0
        self._next = 0.0

    async def turn(self) -> None:
        """Wait until the next one is due."""
        if self._step:
            now = time.perf_counter()
            self._next = max(self._next, now) + self._step
            await asyncio.sleep(self._next - self._step - now)


async def round_of(site: Site, rate: float | None = None) -> Result:
    """All doctors see their patients at once, everyone watching."""
    desk, clinic = site.desk, site.desk.clinic
    lines = [[await desk.walk_in(doctor, number) for number in range(ROUND)] for doctor in site.doctors]
    await asyncio.sleep(0.3)  # the walk-ins' own pictures are not of this round
    async with (
        watching(site.base, site.token, clinic) as screens,
        heard(site.base, site.token, clinic) as watch,
    ):
        pace = Pace(rate)

        async def doctor(line: list[int]) -> None:
            for visit_id in line:
                for verb, status in MOVES:
                    await pace.turn()
                    watch.sent(visit_id, status)
                    await desk.move(visit_id, verb)

        python, nats = site.processes.cpu()
        began = time.perf_counter()
        await asyncio.gather(*(doctor(line) for line in lines))
        seconds = time.perf_counter() - began
        await asyncio.sleep(0.3)  # the last pictures are part of the cost
        now = site.processes.cpu()
        said, _ = await screens.communicate(b"end\n")
        deliveries, size = map(int, said.split())
    changes = sum(len(line) for line in lines) * 3
    p99 = quantiles(watch.taken, n=100)[98]
    return Result(changes, seconds, now[0] - python, now[1] - nats, deliveries, size, p99)


class Watch:
    """One client that times events: `taken` are milliseconds from the request, `since` from the change.

    The change has its time at the start of its transaction, so `since` is a little more than from its commit.
    """

    def __init__(self) -> None:
        self.taken: list[float] = []
        self.since: list[float] = []
        self.came: asyncio.Queue[None] = asyncio.Queue()
        self._sent: dict[tuple[int, str], float] = {}

    def sent(self, visit_id: int, status: str) -> None:
        """A request goes out that brings this visit there."""
        self._sent[visit_id, status] = time.perf_counter()

    def hear(self, event: dict[str, Any], stamp: dict[str, str]) -> None:
        """The event is here."""
        self.since.append((time.time() - datetime.fromisoformat(stamp["at"]).timestamp()) * 1000)
        began = self._sent.pop((event["visit"]["id"], event["visit"]["status"]), None)
        if began is not None:
            self.taken.append((time.perf_counter() - began) * 1000)
        self.came.put_nowait(None)


@asynccontextmanager
async def heard(base: str, token: str, clinic: Clinic) -> AsyncIterator[Watch]:
    """A client of the clinic's room that hears of every change."""
    client, watch = socketio.AsyncClient(), Watch()
    client.on("visit_status_changed", watch.hear)
    await client.connect(base, auth={"token": token, "cursor": True}, transports=["websocket"])
    await client.call("join_queue_room", {"clinic_id": clinic.id})
    try:
        yield watch
    finally:
        await client.disconnect()


async def idle_latency(site: Site, count: int, pause: float) -> dict[str, list[float]]:
    """Milliseconds from a request to its event at another client, one at a time, by what was asked."""
    taken = defaultdict(list)
    async with heard(site.base, site.token, site.desk.clinic) as watch:

        async def timed(what: str, request: Awaitable[AnswerT]) -> AnswerT:
            began = time.perf_counter()
            answer = await request
            await watch.came.get()
            taken[what].append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(pause)
            return answer

        for number in range(count):
            visit_id = await timed("walk-in", site.desk.walk_in(site.doctors[0], number))
            for verb, _ in MOVES:
                await timed(verb, site.desk.move(visit_id, verb))
        taken["change begun"] = watch.since
    return taken


async def fill(site: Site, visits: int) -> None:
    """Bring the day to so many visits, all but a few of them completed."""

    async def doctor(doctor_id: int, share: int) -> None:
        for number in range(share):
            await site.desk.see(await site.desk.walk_in(doctor_id, number))

    await asyncio.gather(*(doctor(id, visits // len(site.doctors)) for id in site.doctors))


@asynccontextmanager
async def sites(on: str | None) -> AsyncIterator[Site]:
    """What is measured: one process with its demo's clinic, or several with one made for it."""
    connector = aiohttp.TCPConnector(limit=DOCTORS)
    async with aiohttp.ClientSession(connector=connector) as http:
        if on is None:
            async with running() as installation:
                token = await installation.token("admin", "--clinic", str(DEMO.id))
                desk = Desk(http, installation.at, token)
                yield Site(installation, installation.base, token, desk, await desk.doctors())
        else:
            async with separate(on) as several:
                desk = Desk(http, several.at, several.token)
                await desk.open()
                yield Site(several, several.base, several.token, desk, await desk.doctors())


async def main(rounds: int, days: list[int], on: str | None, rate: float | None) -> None:
    """Measure, and print a line for each size of the day."""
    async with sites(on) as site:
        print(f"idle memory {site.processes.memory() / 2**20:.0f} MiB")  # noqa: T201
        await idle_latency(site, 5, PAUSES[0])  # the first of a kind are slower
        for pause in PAUSES:
            for what, found in (await idle_latency(site, 40, pause)).items():
                p50, p99 = median(found), quantiles(found, n=100)[98]
                print(  # noqa: T201
                    f"idle, {pause * 1000:.0f} ms after the last, {what} to event at another client: "
                    f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"
                )
        visits, first = 0, 0.0
        for size in days:
            await fill(site, size - visits)
            visits = size
            results = [await round_of(site, rate) for _ in range(rounds)]
            visits += rounds * ROUND * len(site.doctors)
            cost = median((one.python + one.nats) / one.changes * 1000 for one in results)
            first = first or cost
            say(size, results, cost / first)


def say(size: int, results: list[Result], ratio: float) -> None:
    """Print the medians of the rounds on a day of so many visits."""
    pace = median(one.changes / one.seconds for one in results)
    cost = median((one.python + one.nats) / one.changes for one in results) * 1000
    nats = median(one.nats / one.changes for one in results) * 1000
    deliveries = median(one.deliveries / one.changes for one in results)
    late = median(one.p99 for one in results)
    size_kib = median(one.size / one.changes for one in results) / 1024
    print(  # noqa: T201
        f"{size} visits of the day: {pace:.0f} changes/s, {cost:.2f} ms CPU a change (nats {nats:.2f}), "
        f"x{ratio:.2f}; event p99 {late:.0f} ms; {deliveries:.0f} deliveries and {size_kib:.0f} KiB a change"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--days", type=int, nargs="+", default=[100, 200, 500])
    parser.add_argument("--separate", choices=["sqlite", "postgresql"])
    parser.add_argument("--pace", type=float, help="changes a second that are asked for; else all at once")
    given = parser.parse_args()
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    asyncio.run(main(given.rounds, given.days, given.separate, given.pace))
