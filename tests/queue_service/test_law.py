"""The law of the queue: the old queue and the events that a command caused make the new queue."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from secrets import randbelow

import httpx
import pytest

from contracts import (
    Event,
    NewCheckin,
    QueueReordered,
    QueueUpdated,
    VisitCancelled,
    VisitStatusChanged,
    WalkinAdded,
)
from contracts.shapes import Visit
from tests.queue_service.clinic import Clinic, Json

COMMANDS = 60

Command = Callable[[], Awaitable[httpx.Response]]


@dataclass(frozen=True)
class Queue:
    """The ids of a clinic's visits, by status and in their order; of the completed the newest is first."""

    waiting: tuple[int, ...] = ()
    called: tuple[int, ...] = ()
    in_progress: tuple[int, ...] = ()
    completed: tuple[int, ...] = ()

    def without(self, visit_id: int) -> "Queue":
        """The same, this visit gone."""
        lists = (self.waiting, self.called, self.in_progress, self.completed)
        return Queue(*(tuple(id for id in ids if id != visit_id) for ids in lists))

    def put(self, visit_id: int, position: int) -> "Queue":
        """The same, this visit waiting at this place."""
        rest = self.without(visit_id)
        waiting = (*rest.waiting[: position - 1], visit_id, *rest.waiting[position - 1 :])
        return Queue(waiting, rest.called, rest.in_progress, rest.completed)


def apply(queue: Queue, event: Event) -> Queue:
    """The queue after an event, as whoever reads only discrete events follows it."""
    match event:
        case NewCheckin(visit=visit) | WalkinAdded(visit=visit) | VisitStatusChanged(visit=visit):
            return _moved(queue, visit)
        case VisitCancelled(visit_id=visit_id):
            return queue.without(visit_id)
        case QueueReordered(visit_id=visit_id, new_position=position):
            return queue.put(visit_id, position)
    return queue


def _moved(queue: Queue, visit: Visit) -> Queue:
    rest = queue.without(visit.id)
    match visit.status:
        case "waiting":
            assert visit.position is not None
            return queue.put(visit.id, visit.position)
        case "called":
            return Queue(rest.waiting, (*rest.called, visit.id), rest.in_progress, rest.completed)
        case "in_progress":
            return Queue(rest.waiting, rest.called, (*rest.in_progress, visit.id), rest.completed)
        case "completed":
            return Queue(rest.waiting, rest.called, rest.in_progress, (visit.id, *rest.completed))
    return rest


def seen(answer: Json) -> Queue:
    """The queue in an answer."""
    names = ("waiting", "called", "in_progress", "completed")
    return Queue(*(tuple(item["id"] for item in answer[name]) for name in names))


class Crowd:
    """Whoever does something with the queue, at random and always the same for one seed."""

    def __init__(self, clinic: Clinic, seed: int) -> None:
        self._clinic = clinic
        self._dice = random.Random(seed)  # noqa: S311  # not for secrets
        self._visits: list[int] = []
        self._numbers = iter(range(1, 900))

    async def act(self) -> httpx.Response:
        """Do something; it may well be refused."""
        self._clinic.clock.forward(seconds=self._dice.choice((0, 0, 0.0003, 1, 200)))
        arrivals: list[Callable[[], Awaitable[httpx.Response]]] = [
            self._walk_in,
            self._walk_in,
            self._check_in,
        ]
        others = [self._verb, self._verb, self._verb, self._next, self._reorder, self._reorder, self._status]
        choices = [*arrivals, *others] if self._visits else arrivals
        answer = await self._dice.choice(choices)()
        assert answer.status_code in (200, 201, 409), answer.text
        if answer.status_code == 201:
            self._visits.append(answer.json()["visit"]["id"])
        return answer

    async def _walk_in(self) -> httpx.Response:
        body = {
            "patient_id": next(self._numbers),
            "clinic_id": 1,
            "doctor_id": self._dice.choice((2, 3)),
            "service_id": 3,
            "priority": self._dice.choice((0, 0, 0, 1, 5)),
        }
        return await self._clinic.desk.post("/queue/walkin", json=body)

    async def _check_in(self) -> httpx.Response:
        number = next(self._numbers)
        start = self._clinic.clock.at + timedelta(minutes=self._dice.choice((0, 10, 60)))
        await self._clinic.book(number, start, doctor_id=self._dice.choice((2, 3)))
        return await self._clinic.desk.post("/queue/checkin", json={"appointment_id": 1000 + number})

    async def _verb(self) -> httpx.Response:
        verbs = (
            "call",
            "call",
            "recall",
            "requeue",
            "start",
            "start",
            "complete",
            "complete",
            "skip",
            "cancel",
        )
        body = {"visit_id": self._dice.choice(self._visits)}
        return await self._clinic.admin.post(f"/queue/{self._dice.choice(verbs)}", json=body)

    async def _next(self) -> httpx.Response:
        body = {"clinic_id": 1, "doctor_id": self._dice.choice((2, 3))}
        return await self._clinic.admin.post("/queue/call", json=body)

    async def _reorder(self) -> httpx.Response:
        line = await self._clinic.line() or self._visits
        body = {"visit_id": self._dice.choice(line), "new_position": self._dice.randint(1, len(line))}
        return await self._clinic.desk.put("/queue/reorder", json=body)

    async def _status(self) -> httpx.Response:
        wanted = self._dice.choice(("waiting", "waiting", "called", "in_progress", "completed", "no_show"))
        path = f"/visits/{self._dice.choice(self._visits)}/status"
        return await self._clinic.admin.put(path, json={"status": wanted})


@pytest.mark.parametrize("seed", [1, None], ids=["known seed", "another seed"])
async def test_the_events_of_each_command_turn_the_old_queue_into_the_new_one(
    clinic: Clinic, seed: int | None
) -> None:
    seed = randbelow(10**6) if seed is None else seed
    print(f"seed {seed}")  # noqa: T201  # shown when it fails
    crowd, ear = Crowd(clinic, seed), clinic.ear
    queue, heard = Queue(), len(ear.heard)
    for number in range(COMMANDS):
        answer = await crowd.act()
        if answer.status_code != 409:
            await last_event_of(clinic, answer)
        queue, heard = reduce(apply, ear.heard[heard:], queue), len(ear.heard)
        assert queue == seen(await clinic.queue()), (seed, number, answer.request.url.path, answer.text)
    shown = await ear.wait_for(QueueUpdated, lambda event: seen(event.model_dump()) == queue)
    assert shown == QueueUpdated.model_validate(await clinic.queue())


async def last_event_of(clinic: Clinic, answer: httpx.Response) -> None:
    """Wait for the event that a command ends with."""
    visit = Visit.model_validate(answer.json()["visit"])
    if answer.request.url.path == "/queue/reorder":
        await clinic.ear.wait_for(QueueReordered, lambda event: event.visit_id == visit.id)
    else:
        await clinic.ear.wait_for(VisitStatusChanged, lambda event: event.visit == visit)
