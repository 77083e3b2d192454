"""Who may enter a room."""

import re

from contracts.identity import Identity, Reach
from socket_bridge import access

ID = re.compile(r"[1-9][0-9]{0,15}")
"""A number as our rooms are named by: no leading zero, which would be a second name of the same room."""


def may_enter(identity: Identity, room: str, doctor_clinic: int | None = None) -> bool:
    """Whether the bearer may be in this room; what the table of access does not allow is refused.

    `doctor_clinic` is where the doctor of a doctor's room works, None when that is not known.
    """
    line = access.line(room)
    reach = access.ROOMS[line].get(identity.role) if line is not None else None
    if reach is None or line is None:
        return False
    if line == room:
        return reach is Reach.ALL or (reach is Reach.EVERY_CLINIC and identity.clinics == "*")
    number = room.partition("_")[2]
    if not ID.fullmatch(number):
        return False
    if reach is Reach.OWN:
        return identity.doctor_id == int(number)
    clinic = doctor_clinic if line == "doctor_{doctor_id}" else int(number)
    return reach is Reach.CLINIC and clinic is not None and identity.works_in(clinic)


def rooms_at_connect(identity: Identity) -> tuple[str, ...]:
    """The rooms that a bearer is put in without asking: staff, and the desks of the token's clinics."""
    desks = ("all",) if identity.clinics == "*" else tuple(sorted(identity.clinics))
    wished = ("staff", *(f"desk_{clinic}" for clinic in desks))
    return tuple(room for room in wished if may_enter(identity, room))
