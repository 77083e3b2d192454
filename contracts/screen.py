"""What a screen and the bridge say to one another beside the events themselves."""

from typing import Literal

from contracts.event import Shape
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


class Expiring(Shape):
    """The token counts for a minute more: send `auth_refresh` with a new one, or the connection ends."""

    expires_at: Moment


class Renew(Shape):
    """Puts a new token of the same subject in the place of the one that the connection was opened with."""

    token: str


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


class Renewed(Shape):
    """The acknowledgement of a new token: until when it counts, and the rooms it is not let into any more."""

    ok: Literal[True]
    expires_at: Moment
    left: tuple[str, ...]


class NotEntered(Shape):
    """The acknowledgement of a request that was refused; an `error` says the same."""

    ok: Literal[False]
    message: str


SAID: dict[str, type[Shape]] = {
    "connected": Connected,
    "error": Refused,
    "auth_expiring": Expiring,
}
"""What the bridge says to a screen, by name, beside the events."""

HEARD: dict[str, type[Shape]] = {
    "join_queue_room": EnterClinic,
    "join_doctor_room": EnterDoctor,
    "join_board_room": EnterClinic,
    "leave_queue_room": LeaveClinic,
    "leave_doctor_room": LeaveDoctor,
    "leave_board_room": LeaveClinic,
    "auth_refresh": Renew,
}
"""What a screen says to the bridge, by name."""

_DONE: dict[type[Shape], type[Shape]] = {
    EnterClinic: Entered,
    EnterDoctor: Entered,
    LeaveClinic: Left,
    LeaveDoctor: Left,
    Renew: Renewed,
}

ANSWERS: dict[str, tuple[type[Shape], ...]] = {
    name: (_DONE[message], NotEntered) for name, message in HEARD.items()
}
"""How the bridge acknowledges what a screen said, by the same name."""

MESSAGES: tuple[type[Shape], ...] = (
    *SAID.values(),
    *dict.fromkeys(HEARD.values()),
    *dict.fromkeys(_DONE.values()),
    NotEntered,
    Credentials,
    Stamp,
)
"""All that is said, each once."""
