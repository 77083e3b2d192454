"""Screens that come and go, and write down all they are sent."""

import asyncio
import contextlib
import json
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import socketio  # type: ignore[import-untyped]  # it has no types

ANSWER_LIMIT = 30.0
"""Seconds until a join that is not answered counts as lost, and the screen begins anew."""

RETRY = 0.2
"""Seconds until a screen that was not let in tries again."""

_QUIET = logging.getLogger("tests.faults.screens")
"""A connection that breaks is what is tested here, not worth a line."""
_QUIET.setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Came:
    """An event that was sent: on which connection, its place in the stream, which it is."""

    connection: int
    seq: int
    id: int
    name: str


@dataclass(frozen=True)
class Began:
    """A connection begins, with this cursor: the last it has of the stream that the epoch names."""

    connection: int
    since: tuple[int, str] | None


@dataclass(frozen=True)
class Entered:
    """The bridge said that these rooms are entered: where the stream was, and whether nothing is missing."""

    connection: int
    rooms: frozenset[str]
    epoch: str
    seq: int
    recovered: bool


Entry = Began | Came | Entered


@dataclass
class Screen:
    """A client: `at_connect` are the rooms of its token, `joins` what it asks for beyond."""

    name: str
    url: str
    token: str
    at_connect: frozenset[str]
    joins: tuple[tuple[str, Mapping[str, int], str], ...]
    log: list[Entry] = field(default_factory=list)
    pictures: dict[str, Any] = field(default_factory=dict)
    connection: int = 0
    _cursor: tuple[int, str] | None = None
    _reached: int = 0
    _epoch: str = ""
    _inside: bool = False
    _leave: asyncio.Event = field(default_factory=asyncio.Event)
    whole: asyncio.Event = field(default_factory=asyncio.Event)
    _client: Any = None

    @property
    def rooms(self) -> tuple[str, ...]:
        """All of its rooms, in the order in which it enters them."""
        return (*sorted(self.at_connect), *(room for _, _, room in self.joins))

    async def run(self, chance: random.Random) -> None:
        """Be there until cancelled, coming back whenever the connection is lost."""
        while True:
            self._leave.clear()
            try:
                await self._attend()
            except (socketio.exceptions.SocketIOError, TimeoutError, OSError, ValueError):
                pass
            finally:
                self.whole.clear()
                self._settle()
                with contextlib.suppress(Exception):
                    await self._client.disconnect()
                    await self._client.shutdown()
            await asyncio.sleep(RETRY * (0.5 + chance.random()))

    def leave(self) -> None:
        """Go away, and come back."""
        self._leave.set()

    async def _attend(self) -> None:
        self.connection += 1
        number = self.connection
        self._inside = False
        self.log.append(Began(number, self._cursor))
        self._client = client = socketio.AsyncClient(
            reconnection=False, handle_sigint=False, logger=_QUIET, engineio_logger=_QUIET
        )
        welcomed = asyncio.get_running_loop().create_future()

        async def hear(name: str, *given: Any) -> None:
            if number != self.connection:
                return
            if name == "connected":
                self._entered(self.at_connect, given[0])
                if not welcomed.done():
                    welcomed.set_result(None)
            elif len(given) > 1:
                self._came(name, given[0], given[1])

        client.on("*", hear)
        client.on("disconnect", lambda *_: self._leave.set())
        auth = {"token": self.token, "cursor": True} | self._since()
        await client.connect(self.url, auth=auth, transports=["websocket"], wait_timeout=10)
        async with asyncio.timeout(ANSWER_LIMIT):
            await self._or_left(welcomed)
            for message, named, room in self.joins:
                asked = dict(named) | self._since()
                answered = asyncio.get_running_loop().create_future()
                await client.emit(message, asked, callback=partial(self._joined, number, room, answered))
                if not (await self._or_left(answered))["ok"]:
                    raise ValueError(f"{self.name} may not join {room}")
        self._inside = True
        self.whole.set()
        await self._leave.wait()

    def _joined(self, number: int, room: str, answered: asyncio.Future[Any], answer: Any) -> None:
        # Here, not where it is waited for: what comes after the answer must be written after it.
        if number == self.connection and not answered.done():
            if answer["ok"]:
                self._entered(frozenset({room}), answer)
            answered.set_result(answer)

    async def _or_left(self, work: Any) -> Any:
        task, leaving = asyncio.ensure_future(work), asyncio.ensure_future(self._leave.wait())
        try:
            await asyncio.wait((task, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise TimeoutError
            return task.result()
        finally:
            task.cancel()
            leaving.cancel()

    def _since(self) -> dict[str, object]:
        return {} if self._cursor is None else {"since": self._cursor[0], "epoch": self._cursor[1]}

    def _settle(self) -> None:
        # What comes from now on is of nobody. Only who was in all of its rooms has everything up to the last.
        self.connection += 1
        if self._inside:
            self._cursor = (self._reached, self._epoch)

    def _entered(self, rooms: frozenset[str], answer: Mapping[str, Any]) -> None:
        if answer["epoch"] != self._epoch:
            self._epoch, self._reached = answer["epoch"], 0
        self._reached = max(self._reached, answer["seq"])
        self.log.append(Entered(self.connection, rooms, answer["epoch"], answer["seq"], answer["recovered"]))

    def _came(self, name: str, payload: Any, stamp: Mapping[str, Any]) -> None:
        self._reached = max(self._reached, stamp["seq"])
        if "id" in stamp:
            self.log.append(Came(self.connection, stamp["seq"], int(stamp["id"]), name))
        if name in ("queue_updated", "board_updated"):
            whose = f"doctor {payload['doctor_id']}" if "doctor_id" in payload else "clinic"
            self.pictures[f"{name} {whose}"] = payload
        elif name in ("patient_updated", "patient_created"):
            self.pictures[f"patient {payload['patient']['id']}"] = payload["patient"]


def text(value: Any) -> str:
    """A value, to be compared."""
    return json.dumps(value, sort_keys=True)
