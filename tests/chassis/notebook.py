"""A service as small as one can be: notes, each told on the stream; what the chassis does shows on it.

It runs as queue_service, whose events (of a clinic, snapshots too) it borrows; it hears of deleted patients.
"""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict
from sqlalchemy import BigInteger, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col

from chassis import bookkeeping
from chassis.access import Access
from chassis.columns import Number
from chassis.command import Commanded
from chassis.consumers import Delivery
from chassis.errors import NotFound, Stale
from chassis.outbox import stage
from chassis.questions import Answerers
from chassis.reply import Reply
from chassis.revision import advance
from chassis.service import Parts, Service, Serving
from chassis.texts import Line
from chassis.transaction import Transaction
from contracts import PatientDeleted, QueueUpdated, VisitCancelled
from contracts.event import Process, Shape
from contracts.identity import STAFF, Reach, everyone
from contracts.shapes import Id

CLINIC = 1


class Table(SQLModel, registry=registry()):
    """A table of the notebook."""


bookkeeping.add_to(Table.metadata)


class Note(Table, table=True):
    """What somebody wrote."""

    __tablename__ = "note"

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    text: str
    version: int = 1


class Heard(Table, table=True):
    """A deleted patient that was heard of: one row each time it had its effect."""

    __tablename__ = "heard"

    id: int | None = Field(default=None, primary_key=True, sa_type=Number)
    patient_id: int = Field(sa_type=BigInteger)


class NewNote(BaseModel):
    """POST and PUT /notes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Line


class Written(Shape):
    """A note as it was answered."""

    id: Id
    text: str
    version: int


class Notes(Shape):
    """GET /notes: the texts, in the order of their writing."""

    notes: tuple[str, ...]


def told(text: str, note_id: int = 1, clinic: int = CLINIC) -> VisitCancelled:
    """What the stream hears of a note."""
    return VisitCancelled(visit_id=note_id, reason=text, clinic_id=clinic)


def picture(total: int, clinic: int = CLINIC) -> QueueUpdated:
    """A snapshot; its total tells one from another."""
    return QueueUpdated(clinic_id=clinic, waiting=(), called=(), in_progress=(), completed=(), total=total)


async def write(change: Transaction, text: str) -> Note:
    """Write a note and say so."""
    await advance(change, CLINIC)
    note = Note(id=change.mint(), text=text, version=1)
    change.session.add(note)
    stage(change, told(text, note.id), version=1)
    return note


async def texts(session: AsyncSession) -> list[str]:
    """Every note, in the order of its writing."""
    return list((await session.execute(select(col(Note.text)).order_by(col(Note.id)))).scalars())


async def heard_of(session: AsyncSession) -> list[int]:
    """Every deleted patient, as often as and in the order in which that had its effect."""
    return list((await session.execute(select(col(Heard.patient_id)).order_by(col(Heard.id)))).scalars())


async def hear(change: Transaction, event: PatientDeleted, _: Delivery) -> None:
    """Note that this was heard."""
    change.session.add(Heard(patient_id=event.patient_id))


router = APIRouter()


@router.post("/notes", status_code=201, response_model=Written)
async def post(given: NewNote, command: Commanded) -> Response:
    """Write a note."""

    async def change(transaction: Transaction) -> Reply:
        return Reply(_shown(await write(transaction, given.text)), 201)

    return await command.run(change)


@router.post("/notes/failing")
async def fail(command: Commanded) -> Response:
    """Write a note, say so, and then fail."""

    async def change(transaction: Transaction) -> Reply:
        await write(transaction, "never kept")
        raise RuntimeError("a secret of the inside")

    return await command.run(change)


@router.put("/notes/{note_id}", response_model=Written)
async def put(note_id: Annotated[Id, InPath()], given: NewNote, command: Commanded) -> Response:
    """Write over a note."""

    async def change(transaction: Transaction) -> Reply:
        note = await transaction.session.get(Note, note_id)
        if note is None:
            raise NotFound("There is no such note; look at the list")
        if command.expected_version not in (None, note.version):
            raise Stale("The note is another by now; look at it and repeat", note=_shown(note))
        note.text, note.version = given.text, note.version + 1
        return Reply(_shown(note))

    return await command.run(change)


@router.get("/notes", response_model=Notes)
async def listed(serving: Serving) -> Response:
    """Every note."""
    async with serving.database.reading() as session:
        return Reply(Notes(notes=tuple(await texts(session)))).response()


def _shown(note: Note) -> Written:
    return Written(id=note.id, text=note.text, version=note.version)


_STAFF = everyone(STAFF, Reach.ALL)

ACCESS: Access = {
    "POST /notes": _STAFF,
    "POST /notes/failing": _STAFF,
    "PUT /notes/{note_id}": _STAFF,
    "GET /notes": _STAFF,
}


def no_answers(_: Service) -> Answerers:
    """The notebook answers nothing."""
    return {}


PARTS = Parts(
    process=Process.QUEUE,
    metadata=Table.metadata,
    migrations=Path(__file__).parent / "migrations",
    router=router,
    access=ACCESS,
    handlers={PatientDeleted: hear},
    answerers=no_answers,
)
