"""A client's joins and leaves: what may be wrong with them, who may, and what the newcomer gets at once."""

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog

from chassis.errors import BadInput, Forbidden, Refusal, Unauthenticated
from contracts import BoardUpdated, DoctorQueueUpdated, Event, QueueUpdated, encode
from contracts.identity import Identity
from socket_bridge.access import COUNTER
from socket_bridge.admission import may_enter
from socket_bridge.doctors import Doctors
from socket_bridge.forwarder import Forwarder
from socket_bridge.members import Cursor, Member, Members
from socket_bridge.packets import Emission, Stamp, refusal
from socket_bridge.reader import Reader
from socket_bridge.replay import Replay, cursor_of
from socket_bridge.server import Acknowledge, Handler
from socket_bridge.snapshots import AWAY, Snapshots
from socket_bridge.tokens import INVALID, Tokens

log = structlog.get_logger()

NOT_YOURS = "You may not join this room"


@dataclass(frozen=True)
class Kind:
    """A kind of room: the field of the message that names one, and the event that pictures it."""

    field: str
    snapshot: type[Event]

    def room(self, number: int) -> str:
        """The room's name."""
        return self.snapshot.rooms[0].format_map({self.field: number})

    def subject(self, number: int) -> str:
        """The subject of its snapshots."""
        return self.snapshot.subject.format_map({self.field: number})


CLINIC = Kind("clinic_id", QueueUpdated)
DOCTOR = Kind("doctor_id", DoctorQueueUpdated)
BOARD = Kind("clinic_id", BoardUpdated)

KINDS = {"queue": CLINIC, "doctor": DOCTOR, "board": BOARD}
"""As the messages name them: `join_queue_room`, `leave_doctor_room` ..."""


class Rooms:
    """Handles `join_..._room` and `leave_..._room`."""

    def __init__(
        self,
        members: Members,
        tokens: Tokens,
        doctors: Doctors,
        snapshots: Snapshots,
        forwarder: Forwarder,
        replay: Replay,
        reader: Reader,
    ) -> None:
        self._members = members
        self._tokens = tokens
        self._doctors = doctors
        self._snapshots = snapshots
        self._forwarder = forwarder
        self._replay = replay
        self._reader = reader
        self._owed: set[asyncio.Task[None]] = set()

    def handlers(self) -> dict[str, Handler]:
        """The messages that this handles, by name."""
        named: dict[str, Handler] = {}
        for name, kind in KINDS.items():
            named[f"join_{name}_room"] = self._joining(kind)
            named[f"leave_{name}_room"] = self._leaving(kind)
        return named

    def moved(self, doctor_id: int, clinic_id: int | None) -> None:
        """A doctor works elsewhere now: who may no longer watch, leaves the room."""
        room = DOCTOR.room(doctor_id)
        for member in self._members.all():
            if room in member.rooms and not may_enter(member.identity, room, clinic_id):
                self._members.leave(member, room)

    async def clinic_for(self, identity: Identity, room: str) -> int | None:
        """Where the room's doctor works, if it is a doctor's and that matters; raises `Unavailable`."""
        kind, _, number = room.partition("_")
        if kind != "doctor" or identity.role not in COUNTER:
            return None
        return await self._doctors.clinic_of(int(number))

    def _joining(self, kind: Kind) -> Handler:
        async def join(member: Member, given: tuple[Any, ...], acknowledge: Acknowledge) -> None:
            try:
                number = _number(kind, given)
                await self._check_token(member, given[0].get("token"))
                clinic = await self._check_admission(member, kind, number)
            except Refusal as refused:
                log.info("join_refused", **_of(member, kind, given), why=refused.message)
                _refuse(member, refused, acknowledge)
                return
            log.info("joined", sub=member.identity.sub, room=kind.room(number))
            await self._enter(member, kind, number, clinic, cursor_of(given[0]), acknowledge)

        return join

    def _leaving(self, kind: Kind) -> Handler:
        async def leave(member: Member, given: tuple[Any, ...], acknowledge: Acknowledge) -> None:
            try:
                number = _number(kind, given)
            except Refusal as refused:
                _refuse(member, refused, acknowledge)
                return
            self._members.leave(member, kind.room(number))
            acknowledge({"ok": True})

        return leave

    async def _check_token(self, member: Member, token: object) -> None:
        """A token in a join, which old clients send, must be the same person's; without one the first
        holds."""
        if token is not None:
            bearer = await self._tokens.bearer(token)
            if bearer.sub != member.identity.sub:
                raise Unauthenticated(INVALID)

    async def _check_admission(self, member: Member, kind: Kind, number: int) -> int | None:
        """Where the room's doctor works, if that mattered; raises `Forbidden`, or `Unavailable`."""
        room = kind.room(number)
        clinic = await self.clinic_for(member.identity, room)
        if not may_enter(member.identity, room, clinic):
            raise Forbidden(NOT_YOURS)
        return clinic if kind is DOCTOR else number

    async def _enter(
        self,
        member: Member,
        kind: Kind,
        number: int,
        clinic: int | None,
        cursor: Cursor | None,
        acknowledge: Acknowledge,
    ) -> None:
        subject = kind.subject(number)
        loaded = True
        try:
            await self._snapshots.load(subject)
        except AWAY:
            loaded = False
        if kind is DOCTOR and clinic is None:
            clinic = await self._clinic_of(member, number)

        def entered(recovered: bool) -> None:
            acknowledge(
                {
                    "ok": True,
                    "epoch": self._reader.epoch,
                    "seq": self._forwarder.seq,
                    "recovered": recovered,
                }
            )
            if recovered:
                return
            if loaded and self._snapshots.remembers(subject):
                self._show(member, kind, number, clinic)
            else:
                self._owe(member, kind, number, clinic)

        await self._replay.enter(member, (kind.room(number),), cursor, clinic, entered)

    async def _clinic_of(self, member: Member, doctor_id: int) -> int | None:
        """The clinic of a doctor who joins the own room: admitted without asking, but events name it."""
        try:
            return await self._doctors.clinic_of(doctor_id)
        except Refusal:
            clinics = member.identity.clinics
            return min(clinics) if clinics and clinics != "*" else None

    def _show(self, member: Member, kind: Kind, number: int, clinic: int | None) -> None:
        """Send the room's picture; a room without one yet has an empty queue."""
        emission = self._snapshots.known(kind.subject(number))
        if emission is None and clinic is not None:
            emission = Emission(*_empty(kind, number, clinic), Stamp(self._forwarder.seq))
        if emission is not None:
            member.receive(emission)

    def _owe(self, member: Member, kind: Kind, number: int, clinic: int | None) -> None:
        """The broker is away, or the picture was forgotten meanwhile: it follows when it is loaded."""
        task = asyncio.create_task(self._pay(member, kind, number, clinic))
        self._owed.add(task)
        task.add_done_callback(self._owed.discard)

    async def _pay(self, member: Member, kind: Kind, number: int, clinic: int | None) -> None:
        while member.connected and kind.room(number) in member.rooms:
            try:
                await self._snapshots.load(kind.subject(number))
            except AWAY:
                await asyncio.sleep(0.5)
                continue
            async with self._forwarder.gate:
                if kind.room(number) in member.rooms:
                    self._show(member, kind, number, clinic)
            return


def _number(kind: Kind, given: tuple[Any, ...]) -> int:
    """The id that a message names; raises `BadInput` saying what to send."""
    if given and given[0] is not None and not isinstance(given[0], dict):
        raise BadInput(f'Send an object, as in {{"{kind.field}": 1}}')
    number = given[0].get(kind.field) if given and given[0] is not None else None
    if number is None:
        raise BadInput(f"{kind.field} is required")
    if type(number) is not int or not 0 < number < 2**53:
        raise BadInput(f"{kind.field} must be a whole number, 1 or more")
    return number


def _of(member: Member, kind: Kind, given: tuple[Any, ...]) -> dict[str, object]:
    """Who wanted to join what, as far as that is a room: what a client typed is not logged."""
    try:
        return {"sub": member.identity.sub, "room": kind.room(_number(kind, given))}
    except BadInput:
        return {"sub": member.identity.sub, "room": None}


def _refuse(member: Member, refused: Refusal, acknowledge: Acknowledge) -> None:
    acknowledge({"ok": False, "message": refused.message})
    member.line.deliver(refusal(refused.message))


@lru_cache(maxsize=1000)
def _empty(kind: Kind, number: int, clinic: int) -> tuple[str, bytes]:
    """Name and payload of a picture with nobody in it: before a clinic opens, all its screens ask for one."""
    picture: Event
    if kind is BOARD:
        picture = BoardUpdated(clinic_id=number, waiting=(), called=(), in_progress=())
    elif kind is DOCTOR:
        picture = DoctorQueueUpdated(
            clinic_id=clinic,
            doctor_id=number,
            waiting=(),
            called=(),
            in_progress=(),
            completed=(),
            total=0,
        )
    else:
        picture = QueueUpdated(clinic_id=number, waiting=(), called=(), in_progress=(), completed=(), total=0)
    return picture.name(), encode(picture)
