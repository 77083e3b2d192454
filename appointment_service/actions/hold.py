"""How every action on an appointment begins."""

from appointment_service.queries import bookings
from appointment_service.tables import Appointment
from chassis import revision
from chassis.transaction import Transaction


async def hold(change: Transaction, appointment_id: int, clinic_id: int | None = None) -> Appointment:
    """Lock the appointment's clinic and read it as it is then; raises `NotFound`.

    `clinic_id` is a clinic it may be moved to: locked too, in the order of their ids, so that no two
    moves wait for each other.
    """
    row = await bookings.appointment(change.session, appointment_id)
    while row.clinic_id not in change.revisions:
        for clinic in sorted({row.clinic_id, clinic_id or row.clinic_id}):
            await revision.advance(change, clinic)
        # It may have changed, or been moved, while the lock was waited for.
        row = await bookings.appointment(change.session, appointment_id)
    return row
