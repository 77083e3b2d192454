"""What queue_service publishes: visits, and the pictures of the queue made from them."""

from typing import ClassVar, Literal

from pydantic import Field

from contracts.event import Event, Process
from contracts.shapes import (
    BoardTicket,
    Day,
    Id,
    PatientCard,
    Phases,
    QueueItem,
    Visit,
)


class QueueUpdated(Event):
    """A clinic's queue as it is now: active visits whole, of the completed the newest.

    `total` counts all of the day's visits but cancelled and no-show.
    """

    subject: ClassVar[str] = "clinic.{clinic_id}.queue_updated"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    snapshot: ClassVar[bool] = True

    clinic_id: Id
    waiting: tuple[QueueItem, ...]
    called: tuple[QueueItem, ...]
    in_progress: tuple[QueueItem, ...]
    completed: tuple[QueueItem, ...]
    total: int = Field(ge=0)


class DoctorQueueUpdated(Event):
    """A doctor's part of the clinic's queue, in the same shape."""

    subject: ClassVar[str] = "doctor.{doctor_id}.queue_updated"
    rooms: ClassVar[tuple[str, ...]] = ("doctor_{doctor_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    snapshot: ClassVar[bool] = True

    clinic_id: Id
    doctor_id: Id
    waiting: tuple[QueueItem, ...]
    called: tuple[QueueItem, ...]
    in_progress: tuple[QueueItem, ...]
    completed: tuple[QueueItem, ...]
    total: int = Field(ge=0)


class BoardUpdated(Event):
    """What the waiting-room screen shows: tickets, a room and a status; nothing about a person."""

    subject: ClassVar[str] = "clinic.{clinic_id}.board_updated"
    rooms: ClassVar[tuple[str, ...]] = ("board_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    snapshot: ClassVar[bool] = True

    clinic_id: Id
    waiting: tuple[BoardTicket, ...]
    called: tuple[BoardTicket, ...]
    in_progress: tuple[BoardTicket, ...]


class NewCheckin(Event):
    """A patient with an appointment has arrived."""

    subject: ClassVar[str] = "clinic.{clinic_id}.new_checkin"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    about: ClassVar[str | None] = "visit_{visit.id}"

    visit: Visit
    patient: PatientCard
    clinic_id: Id
    doctor_id: Id


class VisitStatusChanged(Event):
    """A visit's status is another one, whichever route changed it."""

    subject: ClassVar[str] = "clinic.{clinic_id}.visit_status_changed"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}", "doctor_{doctor_id}")
    owner: ClassVar[Process] = Process.QUEUE
    about: ClassVar[str | None] = "visit_{visit.id}"
    became: ClassVar[str | None] = "{visit.status}"

    visit: Visit
    clinic_id: Id
    doctor_id: Id


class WalkinAdded(Event):
    """A patient without an appointment has joined the queue."""

    subject: ClassVar[str] = "clinic.{clinic_id}.walkin_added"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    about: ClassVar[str | None] = "visit_{visit.id}"

    visit: Visit
    clinic_id: Id


class VisitCancelled(Event):
    """A visit will not take place: cancelled, or skipped as a no-show."""

    subject: ClassVar[str] = "clinic.{clinic_id}.visit_cancelled"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    about: ClassVar[str | None] = "visit_{visit_id}"

    visit_id: Id
    reason: str | None
    clinic_id: Id


class QueueReordered(Event):
    """A waiting visit has another place; `new_position` 1 is the first."""

    subject: ClassVar[str] = "clinic.{clinic_id}.queue_reordered"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    about: ClassVar[str | None] = "visit_{visit_id}"
    became: ClassVar[str | None] = "place {new_position}"

    visit_id: Id
    new_position: int = Field(ge=1)
    clinic_id: Id


class PhasesUpdated(Event):
    """The reception's board of a clinic as it is now."""

    subject: ClassVar[str] = "clinic.{clinic_id}.phases_updated"
    rooms: ClassVar[tuple[str, ...]] = ("clinic_{clinic_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    snapshot: ClassVar[bool] = True

    phases: Phases
    clinic_id: Id
    date: Day


class DoctorPhasesUpdated(Event):
    """A doctor's part of the reception's board."""

    subject: ClassVar[str] = "doctor.{doctor_id}.phases_updated"
    rooms: ClassVar[tuple[str, ...]] = ("doctor_{doctor_id}",)
    owner: ClassVar[Process] = Process.QUEUE
    snapshot: ClassVar[bool] = True

    phases: Phases
    clinic_id: Id
    date: Day
    doctor_id: Id


class CurrentAppointmentAvailable(Event):
    """A patient is with the doctor: the doctor's page opens that visit."""

    subject: ClassVar[str] = "doctor.{doctor_id}.current_appointment_available"
    rooms: ClassVar[tuple[str, ...]] = ("doctor_{doctor_id}",)
    owner: ClassVar[Process] = Process.QUEUE

    visit_id: Id
    appointment_id: Id | None
    doctor_id: Id
    doctor_user_id: Id | None
    clinic_id: Id
    visit: Visit
    navigate: Literal[True] = True
