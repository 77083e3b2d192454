"""Who comes on a day and what becomes of them: made purely from a seed."""

import math
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from random import Random

from contracts.shapes import BookingSource, PaymentMethod

Second = int
"""A time of play, counted from the clinic's opening."""

MINUTE: Second = 60
HOUR: Second = 60 * MINUTE
OPEN: Second = 8 * HOUR
"""How long the clinic is open, unless it is said otherwise; who has come by then is still seen."""

STEP: Second = 10
"""Everything happens at a multiple of this, so that there are moments in between at which nobody acts."""

SLOT: Second = 15 * MINUTE
"""From one booked time to the next."""

BOOKED = 0.85
"""How many of a doctor's slots are booked; the rest are left for whoever walks in."""

WALK_INS = 0.2
"""Of all who come: between a clinic of appointments only and one that lives from its street."""

NO_SHOWS = 0.15
"""Of the booked; 5 to 30 in 100 in the clinics that Cayirli and Veral review (2003, "Outpatient scheduling
in health care")."""

CANCELLED = 0.07
"""Of the booked, on the very day."""

CONSULTATION = 11 * MINUTE
"""A consultation's mean: with the walk-ins, a doctor is busy for some three quarters of the day."""

VARIATION = 0.5
"""A consultation's standard deviation by its mean; 0.35 to 0.85 in the same review."""

NEW = 0.2
"""Of all who come: never been here, registered on the spot."""

GRACE: Second = 30 * MINUTE
"""How long after the booked time a patient who has not come counts as a no-show."""


class Answer(StrEnum):
    """What a patient does when called."""

    COMES = "comes"
    COMES_ON_RECALL = "comes on recall"
    IS_AWAY = "is away for a moment, and waits again"
    HAS_LEFT = "has left"


class Paying(StrEnum):
    """How a patient pays."""

    IN_FULL = "in full"
    WITH_DISCOUNT = "with a discount"
    IN_PARTS = "in parts"
    A_PART = "a part, and the rest another day"
    NOT_TODAY = "not today"


@dataclass(frozen=True)
class Coming:
    """A patient of the day.

    `slot` is the booked time, None for a walk-in; `arrives` is None for who does not come; `patience` is how
    long a patient waits before giving up, None for ever; `goes_first` is let to the front by the desk.
    """

    number: int
    doctor: int
    new: bool
    slot: Second | None
    source: BookingSource
    books: Second
    cancels: Second | None
    arrives: Second | None
    priority: int
    goes_first: bool
    patience: Second | None
    answer: Answer
    walks: Second
    consultation: Second
    paying: Paying
    method: PaymentMethod
    share: Decimal


@dataclass(frozen=True)
class Plan:
    """A day: everyone in the order of their booked times and arrivals, and how late each doctor begins."""

    coming: tuple[Coming, ...]
    late: tuple[Second, ...]


SOMEBODY = Coming(
    number=-1,
    doctor=0,
    new=False,
    slot=None,
    source=BookingSource.SYSTEM,
    books=0,
    cancels=None,
    arrives=0,
    priority=0,
    goes_first=False,
    patience=None,
    answer=Answer.COMES,
    walks=30,
    consultation=10 * MINUTE,
    paying=Paying.NOT_TODAY,
    method=PaymentMethod.CASH,
    share=Decimal(0),
)
"""Whom nobody planned: left waiting by an earlier day, or brought by somebody else."""


def plan(seed: int, doctors: int, closes: Second = OPEN) -> Plan:
    """The day of this seed for so many doctors; the same seed gives the same day."""
    random = Random(seed)  # noqa: S311  # a day is to be repeatable, not secret
    coming: list[Coming] = []
    for doctor in range(doctors):
        slots = [slot for slot in range(0, closes, SLOT) if random.random() < BOOKED]
        coming += [_booked(random, doctor, slot) for slot in slots]
        walk_ins = round(len(slots) * WALK_INS / (1 - WALK_INS))
        coming += [_walk_in(random, doctor, closes) for _ in range(walk_ins)]
    coming.sort(key=lambda one: (one.arrives if one.slot is None else one.slot, one.doctor))
    late = tuple(_steps(max(0.0, random.gauss(2, 5)) * MINUTE) for _ in range(doctors))
    return Plan(tuple(_numbered(one, number) for number, one in enumerate(coming)), late)


def _booked(random: Random, doctor: int, slot: Second) -> Coming:
    # Most were booked before today; who calls today does so an hour ahead at least.
    today = slot > HOUR and random.random() < 0.2
    books = _steps(random.uniform(0, slot - HOUR)) if today else 0
    cancels = arrives = None
    fate = random.random()
    if fate < CANCELLED:
        cancels = _steps(random.uniform(books, max(slot, books)))
    elif fate >= CANCELLED + NO_SHOWS:
        # Patients come early more often than late.
        arrives = max(books, _steps(slot - random.gauss(8, 10) * MINUTE))
    source = random.choices((BookingSource.PHONE, BookingSource.ONLINE), (7, 3))[0]
    return _with_fortune(random, doctor, slot, source, books, cancels, arrives, priority=0)


def _walk_in(random: Random, doctor: int, closes: Second) -> Coming:
    arrives = _steps(random.uniform(0, closes - 30 * MINUTE))
    priority = 5 if random.random() < 0.06 else 0
    return _with_fortune(random, doctor, None, BookingSource.WALK_IN, arrives, None, arrives, priority)


def _with_fortune(
    random: Random,
    doctor: int,
    slot: Second | None,
    source: BookingSource,
    books: Second,
    cancels: Second | None,
    arrives: Second | None,
    priority: int,
) -> Coming:
    impatient = slot is None and random.random() < 0.15
    return Coming(
        number=0,
        doctor=doctor,
        new=random.random() < NEW,
        slot=slot,
        source=source,
        books=books,
        cancels=cancels,
        arrives=arrives,
        priority=priority,
        goes_first=random.random() < 0.03,
        patience=_steps(random.uniform(20, 60) * MINUTE) if impatient else None,
        answer=random.choices(tuple(Answer), (88, 6, 4, 2))[0],
        walks=_steps(random.uniform(20, 70)),
        consultation=_consultation(random),
        paying=random.choices(tuple(Paying), (80, 8, 6, 3, 3))[0],
        method=random.choices(tuple(PaymentMethod), (60, 30, 10))[0],
        share=Decimal(random.choice((5, 10, 20, 25, 50))) / 100,
    )


def _consultation(random: Random) -> Second:
    # Log-normal: few are much shorter than the mean, some are much longer.
    sigma = math.sqrt(math.log(1 + VARIATION**2))
    mean = math.log(CONSULTATION) - sigma**2 / 2
    return max(2 * MINUTE, min(45 * MINUTE, _steps(random.lognormvariate(mean, sigma))))


def _steps(seconds: float) -> Second:
    return max(0, round(seconds / STEP) * STEP)


def _numbered(one: Coming, number: int) -> Coming:
    return Coming(**{**vars(one), "number": number})
