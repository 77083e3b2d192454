"""What a screen and the bridge say to one another beside the events themselves."""

from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from contracts import EVENTS
from contracts.event import Event, Shape
from contracts.shapes import Id, Moment


class Stamp(Shape):
    """The second argument of an event, for screens that connect with `cursor: true`.

    `seq` is the event's place in the stream, `rev` its clinic's revision, `at` when it was made, `id` its
    own; what there is none of is left out.
    """

    seq: int
    rev: int | None = None
    at: Moment | None = None
    id: str | None = None


class Credentials(Shape):
    """The handshake's `auth`; `since` and `epoch` say where the stream stood when the connection was lost.

    A token may come in the query instead (`?token=`).
    """

    token: str | None = None
    cursor: bool = False
    since: int | None = None
    epoch: str | None = None


class Connected(Shape):
    """The connection is open; with a cursor also where the stream stands.

    `recovered` says whether what the staff and the desk missed follows.
    """

    message: str
    epoch: str | None = None
    seq: int | None = None
    recovered: bool | None = None


class Refused(Shape):
    """Something asked for is refused; the message says what to do."""

    message: str


class BridgeStatus(Shape):
    """Whether what a screen sees is what is so now, or `lag_ms` milliseconds old and more."""

    state: Literal["live", "catching_up"]
    lag_ms: int


class EnterClinic(Shape):
    """Asks for a clinic's events, and for those missed after `since` of that epoch."""

    clinic_id: Id
    token: str | None = None
    since: int | None = None
    epoch: str | None = None


class EnterDoctor(Shape):
    """Asks for a doctor's events, and for those missed after `since` of that epoch."""

    doctor_id: Id
    token: str | None = None
    since: int | None = None
    epoch: str | None = None


class LeaveClinic(Shape):
    """Asks for no more of a clinic's events."""

    clinic_id: Id


class LeaveDoctor(Shape):
    """Asks for no more of a doctor's events."""

    doctor_id: Id


class Entered(Shape):
    """The acknowledgement of a join: where the stream stood, and whether everything missed follows."""

    ok: Literal[True]
    epoch: str
    seq: int
    recovered: bool


class Left(Shape):
    """The acknowledgement of a leave."""

    ok: Literal[True]


class NotEntered(Shape):
    """The acknowledgement of a request that was refused; an `error` says the same."""

    ok: Literal[False]
    message: str


SAID: dict[str, type[Shape]] = {"connected": Connected, "error": Refused, "bridge_status": BridgeStatus}
"""What the bridge says to a screen, by name, beside the events."""

HEARD: dict[str, type[Shape]] = {
    "join_queue_room": EnterClinic,
    "join_doctor_room": EnterDoctor,
    "join_board_room": EnterClinic,
    "leave_queue_room": LeaveClinic,
    "leave_doctor_room": LeaveDoctor,
    "leave_board_room": LeaveClinic,
}
"""What a screen says to the bridge, by name."""

ANSWERS: dict[str, tuple[type[Shape], ...]] = {
    name: (Entered if message in (EnterClinic, EnterDoctor) else Left, NotEntered)
    for name, message in HEARD.items()
}
"""How the bridge acknowledges what a screen said, by the same name."""

MESSAGES: tuple[type[Shape], ...] = (
    *SAID.values(),
    *dict.fromkeys(HEARD.values()),
    *(Entered, Left, NotEntered),
    Credentials,
    Stamp,
)
"""All that is said, each once."""


@dataclass(frozen=True)
class Room:
    """A room of the bridge, and the message that asks for it."""

    name: str
    join: str
    field: str
    number: Id

    @classmethod
    def of_clinic(cls, number: Id) -> "Room":
        """What the staff of a clinic hear."""
        return cls(f"clinic_{number}", "join_queue_room", "clinic_id", number)

    @classmethod
    def of_doctor(cls, number: Id) -> "Room":
        """What a doctor hears."""
        return cls(f"doctor_{number}", "join_doctor_room", "doctor_id", number)

    @classmethod
    def of_board(cls, number: Id) -> "Room":
        """What a waiting room hears."""
        return cls(f"board_{number}", "join_board_room", "clinic_id", number)


def read(name: str, payload: object) -> Event | None:
    """The event of this name with this payload; None when our contracts don't know it so."""
    for kind in EVENTS:
        if kind.name() == name:
            try:
                # As JSON has it: times and amounts come as text and numbers.
                return kind.model_validate(payload, strict=False)
            except ValidationError:
                # Two events share the name queue_updated; the other may be it.
                continue
    return None
