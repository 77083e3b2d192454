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


def may_see(reader: Identity, clinic_id: int, doctor_id: int) -> bool:
    """Whether an appointment or a visit is the reader's: of an own clinic, a doctor's own ones only."""
    own = reader.role is not Role.DOCTOR or reader.doctor_id == doctor_id
    return own and reader.works_in(clinic_id)
