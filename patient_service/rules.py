"""What is allowed with patients, decided without a database."""

from contracts.identity import Identity, Role

ACTIVE_VISITS = ("waiting", "called", "in_progress")
"""Statuses of a visit that is going on."""

BOOKED = "confirmed"
"""The status of an appointment that is still to come."""


def may_read_history(reader: Identity, treats: bool) -> bool:
    """Whether this reader sees the medical history; `treats`: it is a patient of the reading doctor."""
    match reader.role:
        case Role.RECEPTIONIST | Role.ADMIN:
            return True
        case Role.DOCTOR:
            return treats
        case _:
            return False
