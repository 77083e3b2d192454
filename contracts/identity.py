"""Who is calling: what a token says of its bearer."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Literal

from contracts.event import Shape
from contracts.shapes import Id, Moment


class Role(StrEnum):
    """What a person, or a screen on the wall, is to the clinic."""

    RECEPTIONIST = "receptionist"
    DOCTOR = "doctor"
    CASHIER = "cashier"
    ADMIN = "admin"
    DISPLAY = "display"


STAFF = frozenset(Role) - {Role.DISPLAY}
"""Everyone but the screen on the wall."""

DESK = frozenset({Role.RECEPTIONIST, Role.CASHIER, Role.ADMIN})
"""Who sees payments as they come in."""


class Reach(StrEnum):
    """How far a right goes."""

    ALL = "all"
    """What belongs to no clinic: patients, the catalogue's names."""

    EVERY_CLINIC = "every clinic's"
    """Only whoever belongs to all clinics."""

    CLINIC = "own clinics'"
    """What is in a clinic of the bearer's."""

    OWN = "own"
    """A doctor's own visits and appointments, in a clinic of the doctor's."""


Rights = Mapping[Role, Reach]
"""Which roles may, and how far; a role that is not in it may not."""


def everyone(roles: Iterable[Role], reach: Reach) -> dict[Role, Reach]:
    """The same right for each of these roles."""
    return dict.fromkeys(sorted(roles), reach)


class Identity(Shape):
    """The bearer of a verified token; `clinics` is "*" for an admin of all of them."""

    sub: str
    name: str
    role: Role
    clinics: frozenset[Id] | Literal["*"]
    doctor_id: Id | None = None
    jti: str | None = None
    issued_at: Moment | None = None
    expires_at: Moment

    def works_in(self, clinic_id: int) -> bool:
        """Whether this clinic is one of the bearer's own."""
        return self.clinics == "*" or clinic_id in self.clinics
