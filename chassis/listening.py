"""Hears what screens hear: events through a bridge, from where the line was lost, and honest about gaps."""

import asyncio
import inspect
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import aiohttp
import socketio  # type: ignore[import-untyped]  # it ships no types

from chassis.cursor import Cursor
from contracts import Event
from contracts.screen import BridgeStatus, Connected, Entered, Refused, Room, Stamp, read

Token = str | Callable[[], str | Awaitable[str]]
"""A token, or who is asked for a fresh one at each connection."""

WAITING = 10_000
"""Events that wait for a slow consumer; with more the line is let go until they are read."""

PAUSE = 0.5
"""Seconds before the first try to come back; later ones wait longer."""

LONGEST = 10.0
"""The most seconds between tries."""

ANSWER = 20.0
"""Seconds after which a bridge that does not answer a connection is as good as gone."""


@dataclass(frozen=True)
class Heard:
    """An event; `event` is None when our contracts don't know it, as from a newer version."""

    name: str
    event: Event | None
    stamp: Stamp


@dataclass(frozen=True)
class Gap:
    """Something may have been missed for good: fetch anew what events were kept up to date."""


State = Literal["live", "catching_up", "offline"]


class Line:
    """A line to the bridge: iterate to hear."""

    def __init__(
        self, url: str, token: Token, rooms: tuple[Room, ...], session: aiohttp.ClientSession
    ) -> None:
        self._url = url
        self._token = token
        self._rooms = rooms
        self._session = session
        self._cursor = Cursor()
        self._client = self._new_client()
        self._resume: dict[str, object] = {}
        self._waiting: asyncio.Queue[Heard | Gap | Refused | BaseException] = asyncio.Queue()
        self._read = asyncio.Event()
        self._full = False
        self._over = asyncio.Event()
        self._known: set[Room] = set()
        self._unanswered: set[Room] = set()
        self._gap = False
        self._ready = asyncio.Event()
        self._behind = False
        self._refusal = ""

    @property
    def state(self) -> State:
        """Whether what is heard is what is so now."""
        if self._ready.is_set():
            return "catching_up" if self._behind else "live"
        return "offline"

    def __aiter__(self) -> AsyncIterator[Heard | Gap | Refused]:
        return self

    async def __anext__(self) -> Heard | Gap | Refused:
        one = await self._waiting.get()
        if self._waiting.empty():
            self._read.set()
        if isinstance(one, BaseException):
            raise one
        return one

    def ended(self, keeping: "asyncio.Task[None]") -> None:
        """Who hears is told why nothing more comes."""
        if not keeping.cancelled() and (error := keeping.exception()) is not None:
            self._waiting.put_nowait(error)

    async def keep(self) -> None:
        """Come back whenever the line is lost, until cancelled; raises ConnectionError where it never was."""
        tries = 0
        while True:
            try:
                await self._once()
                tries = 0
            except socketio.exceptions.ConnectionError as failure:
                if self._cursor.place() is None:
                    raise ConnectionError(self._refusal or str(failure)) from failure
                tries += 1
            if self._full:
                await self._read.wait()
                self._full = False
            await asyncio.sleep(min(LONGEST, PAUSE * 2**tries) * random.uniform(0.5, 1))  # noqa: S311

    async def ready(self) -> None:
        """Wait until the bridge has answered for every room."""
        await self._ready.wait()

    async def _once(self) -> None:
        place = self._cursor.place()
        self._resume = {} if place is None else vars(place)
        self._refusal = ""
        self._over.clear()
        self._client = client = self._new_client()
        try:
            auth = {"token": await self._fresh(), "cursor": True, **self._resume}
            await client.connect(self._url, auth=auth, transports=["websocket"], wait_timeout=ANSWER)
            if client.eio.state == "connected":
                await self._over.wait()
        finally:
            self._ready.clear()
            self._cursor.lost()
            await client.disconnect()

    def _new_client(self) -> socketio.AsyncClient:
        # Not its own way of coming back: it takes a refusal for the last word, and would bring an old cursor.
        client = socketio.AsyncClient(http_session=self._session, reconnection=False, handle_sigint=False)
        client.on("connected", self._welcome)
        client.on("bridge_status", self._status)
        client.on("auth_expiring", self._refresh)
        client.on("connect_error", self._refused)
        client.on("disconnect", lambda *_: self._over.set())
        client.on("*", self._hear)
        return client

    async def _fresh(self) -> str:
        if isinstance(self._token, str):
            return self._token
        given = self._token()
        return await given if inspect.isawaitable(given) else given

    async def _refresh(self, *_: object) -> None:
        await self._client.emit("auth_refresh", {"token": await self._fresh()})

    async def _welcome(self, given: object) -> None:
        told = Connected.model_validate(given)
        self._behind = False
        same = self._cursor.opened(told.epoch or "", told.seq or 0)
        if self._resume and not (same and told.recovered):
            self._gap = True
        self._unanswered = set(self._rooms)
        if not self._rooms:
            self._settle()
        for room in self._rooms:
            since = self._resume if same and room in self._known else {}
            asked = {room.field: room.number, **since}
            await self._client.emit(room.join, asked, callback=partial(self._answered, room))

    def _answered(self, room: Room, answer: dict[str, object]) -> None:
        self._unanswered.discard(room)
        if answer["ok"]:
            entered = Entered.model_validate(answer)
            self._cursor.entered(room.name, entered.seq, entered.recovered)
            if room in self._known and not entered.recovered:
                self._gap = True
            self._known.add(room)
        else:
            self._waiting.put_nowait(Refused(message=str(answer["message"])))
        if not self._unanswered:
            self._settle()

    def _settle(self) -> None:
        self._cursor.settle()
        if self._gap:
            self._gap = False
            self._waiting.put_nowait(Gap())
        self._ready.set()

    def _status(self, told: object) -> None:
        self._behind = BridgeStatus.model_validate(told).state != "live"

    def _refused(self, told: object) -> None:
        self._refusal = str(told.get("message") if isinstance(told, dict) else told)

    async def _hear(self, name: str, payload: object, stamp: object = None) -> None:
        if stamp is None or self._full:
            return
        event, place = read(name, payload), Stamp.model_validate(stamp)
        if event is not None and event.snapshot:
            new = self._cursor.is_newer(event.address(), event.audience(), place.seq)
        else:
            new = self._cursor.is_new(place.seq)
        if not new:
            return
        self._read.clear()
        self._waiting.put_nowait(Heard(name, event, place))
        if self._waiting.qsize() >= WAITING:
            # Nothing is lost: what comes from here on is asked for again when there is room.
            self._full = True
            self._over.set()


@asynccontextmanager
async def listening(url: str, token: Token, *rooms: Room) -> AsyncIterator[Line]:
    """A line that is in these rooms, and comes back to them.

    What is fetched once it is open misses nothing that is heard. Raises ConnectionError when the bridge can't
    be reached or does not take the token at first; later it is tried again.
    """
    # A session of ours, because the client does not close its own.
    async with aiohttp.ClientSession() as session:
        line = Line(url, token, rooms, session)
        keeping = asyncio.create_task(line.keep())
        keeping.add_done_callback(line.ended)
        opening = asyncio.create_task(line.ready())
        try:
            await asyncio.wait((keeping, opening), return_when=asyncio.FIRST_COMPLETED)
            if keeping.done():
                keeping.result()
            yield line
        finally:
            keeping.cancel()
            opening.cancel()
            await asyncio.wait((keeping, opening))
