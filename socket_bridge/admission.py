"""Who may enter a room."""

import re

from contracts.identity import DESK, STAFF, Identity, Role

ID = re.compile(r"[1-9][0-9]{0,15}")
"""A number as our rooms are named by: no leading zero, which would be a second name of the same room."""

COUNTER = frozenset({Role.RECEPTIONIST, Role.ADMIN})
"""Who watches over the queue of a doctor of their clinic."""


def may_enter(identity: Identity, room: str, doctor_clinic: int | None = None) -> bool:
    """Whether the bearer may be in this room; everything not named here is refused.

    `doctor_clinic` is where the doctor of a doctor's room works, None when that is not known.
    """
    kind, _, number = room.partition("_")
    if room == "staff":
        return identity.role in STAFF
    if room == "desk_all":
        return identity.role is Role.ADMIN and identity.clinics == "*"
    if not ID.fullmatch(number):
        return False
    subject = int(number)
    match kind:
        case "clinic":
            return identity.role in STAFF and identity.works_in(subject)
        case "board":
            return identity.works_in(subject)
        case "desk":
            return identity.role in DESK and identity.works_in(subject)
        case "doctor":
            if identity.role is Role.DOCTOR:
                return identity.doctor_id == subject
            return identity.role in COUNTER and doctor_clinic is not None and identity.works_in(doctor_clinic)
        case _:
            return False


def rooms_at_connect(identity: Identity) -> tuple[str, ...]:
    """The rooms that a bearer is put in without asking: staff, and the desks of the token's clinics."""
    desks = ("all",) if identity.clinics == "*" else tuple(sorted(identity.clinics))
    wished = ("staff", *(f"desk_{clinic}" for clinic in desks))
    return tuple(room for room in wished if may_enter(identity, room))
