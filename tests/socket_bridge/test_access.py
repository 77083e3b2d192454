"""Every role, room and event on real sockets, by the table: in one's own clinic and in another one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
import pytest

from contracts import EVENTS, Event, PatientUpdated, PaymentProcessed, encode
from contracts.event import Process
from contracts.identity import Reach, Role
from contracts.questions import KnownDoctor
from socket_bridge import access
from tests.builders import appointment, doctor, example, patient_card, visit
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, served

OWN, OTHER = 1, 3
DOCTORS = {OWN: 2, OTHER: 8}
"""Who works in each of the two clinics."""

FENCE = 999
"""A patient of whom everybody hears when everything before has been sent."""


@dataclass(frozen=True)
class Person:
    """Somebody with a socket."""

    role: Role
    clinics: int | str

    def token(self) -> str:
        """This person's token."""
        clinics = self.clinics if isinstance(self.clinics, str) else (self.clinics,)
        return token(self.role, clinics=clinics, doctor_id=self.doctor_id)

    @property
    def doctor_id(self) -> int | None:
        """Which doctor this is."""
        return DOCTORS[int(self.clinics)] if self.role is Role.DOCTOR else None

    def belongs_in(self, room: str) -> bool:
        """Whether the table lets this person into the room."""
        kind, _, number = room.partition("_")
        lines = [line for line in access.ROOMS if line == room or line.startswith(f"{kind}_{{")]
        match access.ROOMS[lines[0]].get(self.role):
            case Reach.ALL:
                return True
            case Reach.EVERY_CLINIC:
                return self.clinics == "*"
            case Reach.OWN:
                return self.doctor_id == int(number)
            case Reach.CLINIC:
                clinic = (
                    next(c for c, d in DOCTORS.items() if d == int(number)) if kind == "doctor" else number
                )
                return self.clinics in ("*", int(clinic))
            case _:
                return False


PEOPLE = [*(Person(role, clinic) for role in Role for clinic in DOCTORS), Person(Role.ADMIN, "*")]
ROOMS = [
    "staff",
    "desk_all",
    *(f"{kind}_{clinic}" for kind in ("clinic", "board", "desk") for clinic in DOCTORS),
    *(f"doctor_{doctor}" for doctor in DOCTORS.values()),
]
MESSAGES = {
    "clinic": ("join_queue_room", "clinic_id"),
    "board": ("join_board_room", "clinic_id"),
    "doctor": ("join_doctor_room", "doctor_id"),
}


def happening(event: type[Event], clinic: int) -> Event:
    """This event in this clinic, to its doctor's patient."""
    ids = {"clinic_id": clinic, "doctor_id": DOCTORS[clinic]}
    there = {
        "visit": visit(**ids),
        "appointment": appointment(**ids),
        "patient": patient_card(id=clinic),
        "doctor": doctor(id=DOCTORS[clinic], clinic_id=clinic),
        **ids,
    }
    return example(event, **{name: value for name, value in there.items() if name in event.model_fields})


@pytest.fixture
async def house(stage: Stage) -> AsyncIterator[House]:
    """A bridge that knows both doctors."""
    stage.doctors = {
        number: KnownDoctor(doctor=doctor(id=number, clinic_id=clinic), version=1)
        for clinic, number in DOCTORS.items()
    }
    await stage.answer()
    async with served(stage.settings("bridge")) as one:
        yield one


@asynccontextmanager
async def connected(house: House) -> AsyncIterator[dict[Person, Raw]]:
    """Everybody, in the rooms of their role."""
    async with AsyncExitStack() as stack:
        sockets = {}
        for person in PEOPLE:
            client = Raw(house.url, {"token": person.token()})
            sockets[person] = await stack.enter_async_context(client)
            await client.event("connected")
        yield sockets


async def join_everything(client: Raw) -> dict[str, Any]:
    """What the bridge answers to a request for each room there is."""
    answers = {}
    for room in ROOMS:
        kind, _, number = room.partition("_")
        if kind in MESSAGES:
            message, field = MESSAGES[kind]
            answers[room] = await client.call(message, {field: int(number)})
    # The `error` of a refusal comes after its acknowledgement, and before the next one.
    await client.call("leave_board_room", {"clinic_id": 1000})
    return answers


def unsaid(client: Raw) -> list[tuple[str, Any]]:
    """The events that came, up to the fence."""
    heard = [(name, given[0]) for name, given in client.events()]
    return heard[: next(i for i, (_, payload) in enumerate(heard) if _is_fence(payload))]


def _is_fence(payload: Any) -> bool:
    return bool(payload.get("patient", {}).get("id") == FENCE)


async def test_every_role_enters_the_rooms_of_its_line_and_no_others(house: House) -> None:
    async with connected(house) as sockets:
        for person, client in sockets.items():
            answers = await join_everything(client)
            for room, answer in answers.items():
                assert answer["ok"] is person.belongs_in(room), f"{person} {room}: {answer}"
            # Whether there is such a room is not told.
            refused = [{"message": "You may not join this room"} for one in answers.values() if not one["ok"]]
            assert [given[0] for name, given in client.events() if name == "error"] == refused, person


async def test_every_role_hears_the_events_of_its_rooms_and_no_others(stage: Stage, house: House) -> None:
    async with connected(house) as sockets:
        for client in sockets.values():
            await join_everything(client)
            client.forget()
        said = [happening(event, clinic) for event in EVENTS for clinic in DOCTORS]
        for event in said:
            await stage.publish(event)
        fence = example(PatientUpdated, patient=patient_card(id=FENCE))
        await stage.publish(fence, rooms=("staff", *(f"board_{clinic}" for clinic in DOCTORS)))
        for person, client in sockets.items():
            await client.until(lambda packet: f'"id":{FENCE}' in packet)
            due = [event for event in said if any(person.belongs_in(room) for room in event.audience())]
            assert unsaid(client) == [(event.name(), orjson.loads(encode(event))) for event in due], person
            assert {type(event).__name__ for event in due} == {
                name for name, roles in access.EVENTS.items() if person.role in roles
            }, person


def test_an_event_without_a_line_is_refused() -> None:
    class Whispered(PatientUpdated):
        """Nobody wrote down who may hear this."""

    with pytest.raises(ValueError, match="Whispered"):
        access.check([*EVENTS, Whispered])
    with pytest.raises(ValueError, match="TokenRevoked"):
        access.check(EVENTS[:-1])


def test_an_event_that_goes_further_than_its_line_is_refused() -> None:
    class Widened(PaymentProcessed):
        """A payment for every wall."""

        rooms: ClassVar[tuple[str, ...]] = (*PaymentProcessed.rooms, "board_{visit.clinic_id}")

    class Astray(PaymentProcessed):
        """A payment for a room that nobody knows."""

        rooms: ClassVar[tuple[str, ...]] = ("ward_{visit.clinic_id}",)

    for wrong, told in ((Widened, "reaches .*display"), (Astray, "no line")):
        wrong.__name__ = "PaymentProcessed"
        events = [wrong if event is PaymentProcessed else event for event in EVENTS]
        with pytest.raises(ValueError, match=told):
            access.check(events)


async def test_a_bridge_does_not_start_with_an_event_that_has_no_line(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shortened = {name: roles for name, roles in access.EVENTS.items() if name != "QueueUpdated"}
    monkeypatch.setattr(access, "EVENTS", shortened)
    with pytest.raises(ValueError, match="QueueUpdated"):
        async with served(stage.settings(Process.BRIDGE)):
            pass
