"""The whole way: changes over HTTP, all screens of the clinic watching.

`python -m bench.whole_way` starts an installation of its own, lets 16 doctors call, start and complete visits
at once while 200 sockets are in the clinic's room, on a day of 100, 200 and 500 visits, and prints changes a
second, CPU a change, the latency of an event idle and at that load, and the memory; medians of rounds.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from statistics import median, quantiles
from typing import Any, TypeVar

import aiohttp
import socketio  # type: ignore[import-untyped]

from bench.installation import Installation, running

DOCTORS = 16
SCREENS = 200
IDLE = 0.1
"""Seconds in which everything that a change causes is over."""

MOVES = (("call", "called"), ("start", "in_progress"), ("complete", "completed"))

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


class Desk:
    """The staff's HTTP, one connection a doctor."""

    def __init__(self, http: aiohttp.ClientSession, base: str, token: str) -> None:
        self._http, self._base = http, base
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    async def send(self, method: str, path: str, body: dict[str, object]) -> dict[str, dict[str, int]]:
        """The answer to a request that must succeed."""
        sent = self._http.request(method, self._base + path, data=json.dumps(body), headers=self._headers)
        async with sent as answer:
            text = await answer.text()
            if answer.status >= 300:
                raise RuntimeError(f"{method} {path}: {answer.status} {text}")
            said: dict[str, dict[str, int]] = json.loads(text)
            return said

    async def walk_in(self, doctor_id: int, patient_id: int) -> int:
        """A patient in the queue."""
        body: dict[str, object] = {"patient_id": patient_id, "clinic_id": 1, "service_id": 1}
        return (await self.send("POST", "/queue/walkin", body | {"doctor_id": doctor_id}))["visit"]["id"]

    async def see(self, visit_id: int, before: Callable[[int, str], None] = lambda *_: None) -> None:
        """Three changes: call, start, complete; `before` is told of each."""
        for verb, status in MOVES:
            before(visit_id, status)
            await self.move(visit_id, verb)

    async def move(self, visit_id: int, verb: str) -> None:
        """One of them."""
        await self.send("POST", f"/queue/{verb}", {"visit_id": visit_id})


async def doctors(desk: Desk) -> list[int]:
    """The doctors of clinic 1, as many as wanted."""
    ids = [1, 2]
    while len(ids) < DOCTORS:
        body: dict[str, object] = {"name": f"Dr. Bench {len(ids)}", "specialty": "general", "clinic_id": 1}
        hours = {"start": "00:00", "end": "23:30"}
        body |= {"share_percentage": 0.5, "user_id": 1000 + len(ids)}
        answer = await desk.send(
            "POST", "/doctors", body | {"working_days": ["Monday"], "working_hours": hours}
        )
        ids.append(answer["doctor"]["id"])
    return ids


@asynccontextmanager
async def watching(installation: Installation, token: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The screens, each in the clinic's room."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.screens",
        installation.base,
        token,
        "1",
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


async def round_of(desk: Desk, ids: list[int], installation: Installation, token: str) -> Result:
    """All doctors see their patients at once, everyone watching."""
    lines = [[await desk.walk_in(doctor, 1 + number) for number in range(ROUND)] for doctor in ids]
    await asyncio.sleep(0.3)  # the walk-ins' own pictures are not of this round
    async with watching(installation, token) as screens, heard(installation.base, token) as watch:

        async def doctor(line: list[int]) -> None:
            for visit_id in line:
                await desk.see(visit_id, watch.sent)

        python, nats = installation.cpu()
        began = time.perf_counter()
        await asyncio.gather(*(doctor(line) for line in lines))
        seconds = time.perf_counter() - began
        await asyncio.sleep(0.3)  # the last pictures are part of the cost
        now = installation.cpu()
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
async def heard(base: str, token: str) -> AsyncIterator[Watch]:
    """A client of the clinic's room that hears of every change."""
    client, watch = socketio.AsyncClient(), Watch()
    client.on("visit_status_changed", watch.hear)
    await client.connect(base, auth={"token": token, "cursor": True}, transports=["websocket"])
    await client.call("join_queue_room", {"clinic_id": 1})
    try:
        yield watch
    finally:
        await client.disconnect()


async def idle_latency(desk: Desk, base: str, token: str, count: int) -> dict[str, list[float]]:
    """Milliseconds from a request to its event at another client, one at a time, by what was asked."""
    taken = defaultdict(list)
    async with heard(base, token) as watch:

        async def timed(what: str, request: Awaitable[AnswerT]) -> AnswerT:
            began = time.perf_counter()
            answer = await request
            await watch.came.get()
            taken[what].append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(IDLE)
            return answer

        for number in range(count):
            visit_id = await timed("walk-in", desk.walk_in(1, 1 + number % 40))
            for verb, _ in MOVES:
                await timed(verb, desk.move(visit_id, verb))
        taken["change begun"] = watch.since
    return taken


async def fill(desk: Desk, ids: list[int], visits: int) -> None:
    """Bring the day to so many visits, all but a few of them completed."""

    async def doctor(doctor_id: int, share: int) -> None:
        for number in range(share):
            await desk.see(await desk.walk_in(doctor_id, 1 + number % 40))

    await asyncio.gather(*(doctor(id, visits // len(ids)) for id in ids))


async def main(rounds: int, days: list[int]) -> None:
    """Measure, and print a line for each size of the day."""
    async with running() as installation:
        print(f"idle memory {installation.memory() / 2**20:.0f} MiB")  # noqa: T201
        token = await installation.token("admin", "--clinic", "1")
        connector = aiohttp.TCPConnector(limit=DOCTORS)
        async with aiohttp.ClientSession(connector=connector) as http:
            desk = Desk(http, installation.base, token)
            ids = await doctors(desk)
            await idle_latency(desk, installation.base, token, 5)  # the first of a kind are slower
            for what, found in (await idle_latency(desk, installation.base, token, 40)).items():
                p50, p99 = median(found), quantiles(found, n=100)[98]
                print(f"idle, {what} to event at another client: p50 {p50:.2f} ms, p99 {p99:.2f} ms")  # noqa: T201
            visits, first = 0, 0.0
            for size in days:
                await fill(desk, ids, size - visits)
                visits = size
                results = [await round_of(desk, ids, installation, token) for _ in range(rounds)]
                visits += rounds * ROUND * len(ids)
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
    given = parser.parse_args()
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    asyncio.run(main(given.rounds, given.days))
