"""The screens of the house: a real python-socketio client in each room, and one in none."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import socketio  # type: ignore[import-untyped]  # it has no types
from socketio.packet import Packet  # type: ignore[import-untyped]  # it has no types

from contracts.identity import Role
from tests.flows.installation import LIMIT
from tests.flows.log import Entry, Log
from tests.others import until
from tests.parts import token


@dataclass(frozen=True)
class Seat:
    """Who sits before a screen, what it joins, and the rooms it is in then (design.md, "Delivery")."""

    role: Role
    clinics: tuple[int, ...] | str
    rooms: frozenset[str]
    joins: tuple[tuple[str, Mapping[str, int]], ...] = ()
    doctor_id: int | None = None
    cursor: bool = False
    transport: str = "websocket"

    def token(self, **claims: Any) -> str:
        """A token of this seat."""
        sub = str(self.doctor_id or self.role)
        return token(self.role, clinics=self.clinics, doctor_id=self.doctor_id, **({"sub": sub} | claims))


def _clinic(number: int) -> tuple[str, Mapping[str, int]]:
    return "join_queue_room", {"clinic_id": number}


def _doctor(number: int) -> tuple[str, Mapping[str, int]]:
    return "join_doctor_room", {"doctor_id": number}


def _board(number: int) -> tuple[str, Mapping[str, int]]:
    return "join_board_room", {"clinic_id": number}


def _in(*rooms: str) -> frozenset[str]:
    return frozenset(rooms)


SEATS: Mapping[str, Seat] = {
    "reception": Seat(Role.RECEPTIONIST, (1,), _in("staff", "desk_1", "clinic_1"), (_clinic(1),)),
    "doctor 1": Seat(Role.DOCTOR, (1,), _in("staff", "doctor_1"), (_doctor(1),), 1),
    "doctor 2": Seat(Role.DOCTOR, (1,), _in("staff", "doctor_2"), (_doctor(2),), 2, cursor=True),
    "cashier": Seat(Role.CASHIER, (1,), _in("staff", "desk_1"), transport="polling"),
    "admin": Seat(Role.ADMIN, "*", _in("staff", "desk_all"), cursor=True),
    "other clinic": Seat(Role.RECEPTIONIST, (2,), _in("staff", "desk_2", "clinic_2"), (_clinic(2),)),
    "board": Seat(Role.DISPLAY, (1,), _in("board_1"), (_board(1),), cursor=True),
    "other board": Seat(Role.DISPLAY, (2,), _in("board_2"), (_board(2),), cursor=True),
    "in no room": Seat(Role.DOCTOR, (1,), _in("staff"), doctor_id=1),
    "in two rooms": Seat(
        Role.RECEPTIONIST,
        (1,),
        _in("staff", "desk_1", "clinic_1", "doctor_1"),
        (_clinic(1), _doctor(1)),
    ),
}
"""Every kind of audience, and who must not be in it."""


@dataclass(frozen=True)
class Heard:
    """An event as a screen got it: its payload's very text, and where in the stream if it asked for that."""

    name: str
    text: str
    seq: int | None


class _Verbatim(Packet):  # type: ignore[misc]  # its base has no types
    """A packet whose event arguments keep the text that they were sent as."""

    class json:  # noqa: N801  # python-socketio looks for a module of this name
        dumps = staticmethod(json.dumps)

        @staticmethod
        def loads(text: str) -> Any:
            """The value; of an event `[name, text, ...]`."""
            value = json.loads(text)
            if not (isinstance(value, list) and value and isinstance(value[0], str)):
                return value
            parts, place, decoder = [value[0]], len(json.dumps(value[0])) + 1, json.JSONDecoder()
            while text[place] == ",":
                _, end = decoder.raw_decode(text, place + 1)
                parts.append(text[place + 1 : end])
                place = end
            return parts


class Screen:
    """A client at work."""

    def __init__(self, seat: Seat, bearer: str | None = None) -> None:
        self.seat = seat
        self.token = bearer or seat.token()
        self.heard: list[Heard] = []
        self.miscounted = False
        self.why = ""
        self.ended = asyncio.Event()
        self._begins = 0
        self._after = 0
        self._more = asyncio.Condition()
        self._client = socketio.AsyncClient(reconnection=False, serializer=_Verbatim)
        self._client.on("*", self._hear)
        self._client.on("disconnect", self._end)

    async def open(self, url: str) -> None:
        """Connect and join."""
        auth = {"token": self.token, "cursor": self.seat.cursor}
        await self._client.connect(url, auth=auth, transports=[self.seat.transport])
        for message, room in self.seat.joins:
            answer = await self._client.call(message, dict(room), timeout=LIMIT)
            assert answer["ok"] is True, answer

    async def close(self) -> None:
        """Leave."""
        await self._client.disconnect()

    async def until(self, name: str, text: str) -> int:
        """Wait for this very event; how many there are up to it."""
        async with asyncio.timeout(LIMIT), self._more:
            while True:
                for place, heard in enumerate(self.heard):
                    if (heard.name, heard.text) == (name, text):
                        return place + 1
                await self._more.wait()

    async def begin(self, marker: Entry) -> None:
        """What counts comes after this event, which all staff hear."""
        self._after = marker.seq
        if "staff" in self.seat.rooms:
            self._begins = await self.until(marker.event.name(), marker.text)

    def due(self, log: Log) -> list[Heard]:
        """What the stream holds for this screen: each event once, whichever of its rooms it is for."""
        return [
            self._heard_as(one)
            for one in log.entries
            if one.seq > self._after and one.rooms & self.seat.rooms
        ]

    def got(self) -> list[Heard]:
        """What came since it counts."""
        return [one for one in self.heard[self._begins :] if one.seq is None or one.seq > self._after]

    async def agrees(self, log: Log, seq: int) -> None:
        """Wait until it got what the stream holds for it, up to `seq` at least, and nothing else."""

        async def look() -> bool:
            return self.has(log, seq)

        await until(look)

    def has(self, log: Log, seq: int) -> bool:
        """Whether what came is what the stream holds for it up to `seq` or further: each once, in order.

        A picture that the next one of its subject replaced in the stream may have been passed over.
        """
        due = [one for one in log.entries if one.seq > self._after and one.rooms & self.seat.rooms]
        needed = sum(one.seq <= seq for one in due)
        return any(self._came(due[:count]) for count in range(needed, len(due) + 1))

    def _came(self, due: list[Entry]) -> bool:
        got = self.got()
        newer: set[str] = set()
        # From the end: of two pictures that look alike it is the first that was passed over.
        for one in reversed(due):
            if got and got[-1] == self._heard_as(one):
                got.pop()
            elif not (one.event.snapshot and one.event.address() in newer):
                return False
            newer.add(one.event.address())
        return not got

    def _heard_as(self, one: Entry) -> Heard:
        return Heard(one.event.name(), one.text, one.seq if self.seat.cursor else None)

    async def turn(self) -> None:
        """Whatever was sent to it before has come when this returns."""
        answer = await self._client.call("leave_board_room", {"clinic_id": 999}, timeout=LIMIT)
        assert answer["ok"] is True, answer

    async def _hear(self, name: str, *given: str) -> None:
        if name in ("connected", "error"):
            return
        # Only who asked for it gets a second argument: a handler of one parameter would fail on it.
        self.miscounted |= len(given) != 1 + self.seat.cursor
        seq = json.loads(given[1])["seq"] if self.seat.cursor else None
        self.heard.append(Heard(name, given[0], seq))
        async with self._more:
            self._more.notify_all()

    async def _end(self, reason: str) -> None:
        self.why = reason
        self.ended.set()


@asynccontextmanager
async def screens(url: str, seats: Mapping[str, Seat] = SEATS) -> AsyncIterator[dict[str, Screen]]:
    """A screen on every one of these seats."""
    async with AsyncExitStack() as stack:
        opened = {}
        for name, seat in seats.items():
            opened[name] = Screen(seat)
            await opened[name].open(url)
            stack.push_async_callback(opened[name].close)
        yield opened
