"""What is allowed with appointments and which times can be had, decided without a database."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from contracts.identity import Identity, Role
from contracts.shapes import AppointmentStatus, VisitStatus, Weekday

SLOT_MINUTES = 15
SLOT = timedelta(minutes=SLOT_MINUTES)
"""A doctor's day is divided into slots of this length, from the beginning of the working hours."""

SUGGESTED = 5
"""How many free times a refusal names."""

STATUS_OF_VISIT: dict[VisitStatus, AppointmentStatus] = {
    VisitStatus.SCHEDULED: AppointmentStatus.CONFIRMED,
    VisitStatus.WAITING: AppointmentStatus.CHECKED_IN,
    VisitStatus.CALLED: AppointmentStatus.CHECKED_IN,
    VisitStatus.IN_PROGRESS: AppointmentStatus.CHECKED_IN,
    VisitStatus.COMPLETED: AppointmentStatus.COMPLETED,
    VisitStatus.CANCELLED: AppointmentStatus.CANCELLED,
    VisitStatus.NO_SHOW: AppointmentStatus.NO_SHOW,
}
"""An appointment's status follows its visit's (http.md, "Owners")."""

VISIT_FOR_STATUS: dict[AppointmentStatus, VisitStatus] = {
    AppointmentStatus.CHECKED_IN: VisitStatus.WAITING,
    AppointmentStatus.COMPLETED: VisitStatus.COMPLETED,
    AppointmentStatus.NO_SHOW: VisitStatus.NO_SHOW,
    AppointmentStatus.CANCELLED: VisitStatus.CANCELLED,
}
"""Where the visit has to go for an appointment to get this status; nothing leads back to confirmed."""


@dataclass(frozen=True)
class Shift:
    """A doctor's working hours on one day, as points in time (UTC)."""

    start: datetime
    end: datetime

    def grid(self) -> list[datetime]:
        """When its slots begin."""
        return [self.start + SLOT * number for number in range((self.end - self.start) // SLOT)]


def shift(
    working_days: Collection[str], day_start: str, day_end: str, day: date, zone: ZoneInfo
) -> Shift | None:
    """The hours of a doctor on this day of the clinic's, None when it is no working day."""
    if tuple(Weekday)[day.weekday()] not in working_days:
        return None
    start = datetime.combine(day, time.fromisoformat(day_start))
    end = datetime.combine(day, time.fromisoformat(day_end))
    return Shift(moment(start, zone), moment(end, zone))


def moment(given: datetime, zone: tzinfo) -> datetime:
    """This time in UTC; without an offset it is the clinic's local time."""
    return (given.replace(tzinfo=zone) if given.tzinfo is None else given).astimezone(UTC)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The clinic's own day at this moment."""
    return at.astimezone(zone).date()


def day_bounds(day: date, zone: ZoneInfo, days: int = 1) -> tuple[datetime, datetime]:
    """When this day of the clinic's begins, and when it (or the last of `days`) is over, in UTC."""
    midnight = datetime.combine(day, time())
    return moment(midnight, zone), moment(midnight + timedelta(days=days), zone)


def slots(start: datetime, duration: int) -> tuple[datetime, ...]:
    """When the slots begin that an appointment of `duration` minutes takes."""
    return tuple(start + SLOT * number for number in range(-(-duration // SLOT_MINUTES)))


def can_be_had(start: datetime, duration: int, hours: Shift, taken: Collection[datetime]) -> bool:
    """Whether an appointment may begin then: on the grid, within the hours, over no slot that is taken.

    Working hours that were changed shift the grid, so a taken slot may lie across two of today's.
    """
    on_grid = (start - hours.start) % SLOT == timedelta()
    within = hours.start <= start and start + timedelta(minutes=duration) <= hours.end
    if not (on_grid and within):
        return False
    end = slots(start, duration)[-1] + SLOT
    return not any(slot < end and start < slot + SLOT for slot in taken)


def free_starts(duration: int, hours: Shift, taken: Collection[datetime]) -> list[datetime]:
    """When an appointment of `duration` minutes could begin."""
    return [start for start in hours.grid() if can_be_had(start, duration, hours, taken)]


def nearest(starts: Iterable[datetime], wanted: datetime) -> Sequence[datetime]:
    """The few starts that are closest to the one wanted, in order."""
    return sorted(sorted(starts, key=lambda start: abs(start - wanted))[:SUGGESTED])


def may_see(caller: Identity, clinic_id: int, doctor_id: int) -> bool:
    """Whether an appointment concerns the caller: of an own clinic, and for a doctor an own one."""
    own = caller.role is not Role.DOCTOR or caller.doctor_id == doctor_id
    return own and caller.works_in(clinic_id)


def may_read_history(caller: Identity) -> bool:
    """Whether who sees an appointment sees its patient's history too; a doctor sees only own ones."""
    return caller.role in (Role.RECEPTIONIST, Role.ADMIN, Role.DOCTOR)


def may_update(caller: Identity, status: AppointmentStatus | None, now: AppointmentStatus) -> bool:
    """Whether the caller may change an appointment they see, from status `now` to `status` if one is given.

    Completing is the doctor's or an admin's, the rest the desk's (design.md, "The visit").
    """
    desk = caller.role in (Role.RECEPTIONIST, Role.ADMIN)
    if status is AppointmentStatus.COMPLETED and not (desk and status is now):
        return caller.role in (Role.DOCTOR, Role.ADMIN)
    return desk


_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def booking_id(appointment_id: int) -> str:
    """The number a patient is told: the id in base 32, without the letters that are misheard for digits."""
    digits = ""
    while appointment_id:
        appointment_id, digit = divmod(appointment_id, 32)
        digits = _ALPHABET[digit] + digits
    return f"BK-{digits}"


def minor(amount: Decimal) -> int:
    """An amount in minor units."""
    return int(amount * 100)


def amount(minor_units: int) -> Decimal:
    """Minor units as an amount with its two decimals."""
    return Decimal(minor_units).scaleb(-2)
