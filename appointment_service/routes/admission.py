"""Whose clinic it is."""

from chassis.errors import Forbidden
from contracts.identity import Identity


def refuse_other_clinic(caller: Identity, clinic_id: int) -> None:
    """Raise `Forbidden` unless the clinic is one of the caller's."""
    if not caller.works_in(clinic_id):
        raise Forbidden("This clinic is not one of yours")
