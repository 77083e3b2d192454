"""Money, and what may be done with a payment; decided without a database. Amounts are in minor units."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from chassis.errors import Unprocessable
from contracts.identity import Identity, Role
from contracts.shapes import Appointment, AppointmentStatus, PaymentStatus, Visit, VisitStatus

GONE = frozenset({VisitStatus.CANCELLED, VisitStatus.NO_SHOW})
"""The visit does not take place: a pending payment of it is void."""

OPEN = (PaymentStatus.PENDING, PaymentStatus.PARTIALLY_PAID)
"""Money is still to come."""

TAKEN = (PaymentStatus.PARTIALLY_PAID, PaymentStatus.PAID)
"""Money has come, and stayed."""

_STATUS_OF_PLAN = {
    AppointmentStatus.CANCELLED: VisitStatus.CANCELLED,
    AppointmentStatus.NO_SHOW: VisitStatus.NO_SHOW,
}


def minor(amount: Decimal) -> int:
    """An amount of two decimals in minor units: 200.00 is 20000."""
    return int(amount.scaleb(2))


def major(units: int) -> Decimal:
    """Minor units as an amount of two decimals: 20000 is 200.00."""
    return Decimal(units).scaleb(-2)


@dataclass(frozen=True)
class Account:
    """What a visit costs, and what of it was paid and let off."""

    total: int
    paid: int = 0
    discount: int = 0

    @property
    def remaining(self) -> int:
        """What is still to be paid."""
        return self.total - self.paid - self.discount

    @property
    def status(self) -> PaymentStatus:
        """Where the payment stands once something came in."""
        return PaymentStatus.PARTIALLY_PAID if self.remaining else PaymentStatus.PAID


def take(account: Account, amount: int, discount: int) -> Account:
    """The account with this amount and discount added; raises `Unprocessable` when it can't take them."""
    remaining = account.remaining
    if amount + discount > remaining:
        raise Unprocessable(
            f"Only {major(remaining)} is still to be paid; take that much or less",
            detail="amount_paid, discount_amount: together more than what remains",
        )
    if amount == 0 and discount < remaining:
        raise Unprocessable(
            "An amount of 0 pays nothing; say what was paid, or let off all that remains",
            detail="amount_paid: 0",
        )
    return Account(account.total, account.paid + amount, account.discount + discount)


def doctor_share(paid: int, share_percentage: float) -> int:
    """The doctor's part of what was paid, half a minor unit rounded up; the rest is the center's.

    `share_percentage` is 0 to 1, as in the catalogue.
    """
    return int((paid * Decimal(str(share_percentage))).quantize(Decimal(1), ROUND_HALF_UP))


def why_closed(status: str, void: bool) -> str | None:
    """Why nothing more can be paid, None when something can."""
    if void:
        return "The visit does not take place, so there is nothing to pay; check it in again first"
    if status == PaymentStatus.PAID:
        return "This visit is already paid"
    if status == PaymentStatus.REFUNDED:
        return "This payment was refunded; nothing more can be paid on it"
    return None


def may_take_money(caller: Identity, clinic_id: int) -> bool:
    """Whether this caller is at this clinic's desk (the access table has let nobody else through)."""
    return caller.works_in(clinic_id)


def may_read(reader: Identity, clinic_id: int, doctor_id: int) -> bool:
    """Whether this reader sees the payment: the desk its clinic's, a doctor those of own visits."""
    if reader.role is Role.DOCTOR:
        return reader.doctor_id == doctor_id
    return reader.works_in(clinic_id)


def planned(appointment: Appointment, visit: Visit) -> Visit:
    """The visit as its appointment plans it, while it has not begun."""
    return visit.model_copy(
        update={
            "clinic_id": appointment.clinic_id,
            "doctor_id": appointment.doctor_id,
            "patient_id": appointment.patient_id,
            "service_id": appointment.service_id,
            "status": _STATUS_OF_PLAN.get(appointment.status, visit.status),
        }
    )


def version_of_plan(appointment_version: int) -> int:
    """Where a plan stands among the versions of its visit: after older plans, before all that happened."""
    return appointment_version - (1 << 40)


def version_of(visit: Visit) -> int:
    """Where a visit stands among its versions; one that has not begun is older than any plan we hear of."""
    return version_of_plan(0) if visit.status == VisitStatus.SCHEDULED else visit.version
