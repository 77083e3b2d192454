"""A day from its opening to its end."""

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import httpx
from rich.console import Console
from rich.text import Text

from contracts.identity import Role
from contracts.shapes import Clinic, Doctor, Id, Service
from launcher.day import opening
from launcher.day.book import Book
from launcher.day.cashier import Cashier
from launcher.day.clock import Clock
from launcher.day.doctor import Doctor as DoctorAtWork
from launcher.day.ending import tell
from launcher.day.member import Calls, Member, NotUnderstood, Refused
from launcher.day.people import People
from launcher.day.plan import HOUR, OPEN, Plan, Second, plan
from launcher.day.progress import shown, time_of_day
from launcher.day.reception import Reception
from launcher.day.stock import Stock
from launcher.day.tokens import Tokens
from launcher.refusal import CannotGoOn

AFTER: Second = 2 * HOUR
"""How long, at most, those are still seen after closing who have come by then."""

FULL_SPEED = timedelta(minutes=2)
"""What a day takes, at most, when nothing is waited for."""

WORTH_WAITING = timedelta(minutes=15)
"""How long before the clinic's midnight it is better to begin after it."""

BETWEEN: Second = 5
"""Half a step, so that nobody acts at the moment."""


@dataclass(frozen=True)
class Wanted:
    """Which day is played, and where: `speed` seconds of play in a real one, 0 for as fast as it goes.

    `closes` is how long the clinic is open.
    """

    base: str
    clinic_id: Id | None
    speed: float
    seed: int
    closes: Second = OPEN


@dataclass(frozen=True)
class Staffed:
    """A clinic and who works there, each with a token of their own."""

    clinic: Clinic
    doctors: tuple[Doctor, ...]
    service: Service
    desk: Member
    cashier: Member
    consulting: Sequence[Member]


async def play(wanted: Wanted, tokens: Tokens, console: Console, now: Callable[[], datetime]) -> None:
    """Play the day, and tell how it ended.

    Raises CannotGoOn when it can't begin or go on, DayWentWrong when the installation shows another day than
    the staff had.
    """
    calls = Calls()
    # A command is answered in milliseconds; one that is not within this is asked again.
    async with httpx.AsyncClient(base_url=wanted.base, timeout=10) as client:

        def member(token: str) -> Member:
            return Member(client, token, calls)

        await _reachable(client, wanted.base)
        try:
            clinic = await opening.choose(member(tokens.anyone()), wanted.clinic_id)
            desk = member(tokens.of(Role.RECEPTIONIST, clinic.id))
            doctors, service = await opening.staffed(desk, clinic)
            staffed = Staffed(
                clinic=clinic,
                doctors=doctors,
                service=service,
                desk=desk,
                cashier=member(tokens.of(Role.CASHIER, clinic.id)),
                consulting=[member(tokens.of(Role.DOCTOR, clinic.id, doctor.id)) for doctor in doctors],
            )
            await _past_midnight(clinic, wanted, now, console)
            await _play(staffed, wanted, calls, console, now())
        except (Refused, NotUnderstood) as trouble:
            raise CannotGoOn(f"no day can be played at {wanted.base}: {trouble}") from trouble


async def _play(staffed: Staffed, wanted: Wanted, calls: Calls, console: Console, now: datetime) -> None:
    clinic, doctors, desk = staffed.clinic, staffed.doctors, staffed.desk
    today = now.astimezone(ZoneInfo(clinic.time_zone)).date()
    planned = plan(wanted.seed, len(doctors), wanted.closes)
    book = Book(to_come=_by_doctor(planned, doctors), calls=calls)
    for visit in await opening.left_over(desk, clinic, doctors):
        book.take_over(visit)
    people = People(desk, clinic.id, wanted.seed)
    await people.look_up(await opening.seen_today(desk, clinic, today))
    house = await opening.furnished(desk, clinic, doctors, staffed.service, planned, now)
    console.print(Text(_heading(wanted, clinic, doctors, planned), "dim"), soft_wrap=True)
    stock = Stock(desk, staffed.cashier, clinic.id, today, book)
    with shown(console, book, wanted.closes) as progress:
        clock = Clock(wanted.speed or math.inf, progress.at)
        reception = Reception(desk, people, house, book, clock)
        consulting = zip(staffed.consulting, doctors, planned.late, strict=True)
        await clock.play(
            [
                *(reception.receive(one) for one in planned.coming),
                *(
                    DoctorAtWork(member, doctor, reception, book, clock).work(late)
                    for member, doctor, late in consulting
                ),
                Cashier(staffed.cashier, staffed.service, book, clock).work(),
                _take_stock(stock, book, clock, wanted.closes),
            ]
        )
        progress.at(max(clock.now, wanted.closes))
    book.wrong.extend(await stock.differences())
    tell(book, console)


async def _take_stock(stock: Stock, book: Book, clock: Clock, closes: Second) -> None:
    """Every hour, between two moments at which the staff act: what the installation shows must be so."""
    for hour in range(HOUR, closes + HOUR, HOUR):
        await clock.until(hour + BETWEEN)
        try:
            found = await stock.differences()
        except (Refused, NotUnderstood) as trouble:
            book.note_trouble(trouble)
        else:
            book.wrong.extend(f"at {time_of_day(hour)}: {difference}" for difference in found)


async def _reachable(client: httpx.AsyncClient, base: str) -> None:
    try:
        await client.get("/health/live")
    except httpx.HTTPError as failure:
        raise CannotGoOn(
            f"nothing answers at {base}; start it with: make run, or name another: --base URL"
        ) from failure


async def _past_midnight(
    clinic: Clinic, wanted: Wanted, now: Callable[[], datetime], console: Console
) -> None:
    """Wait for the clinic's midnight when the day would not be over before it: a queue is of one day."""
    left = until_midnight(now(), clinic.time_zone)
    at_most = wanted.closes + AFTER
    needed = timedelta(seconds=at_most / wanted.speed) if wanted.speed else FULL_SPEED
    if needed < left:
        return
    if left > WORTH_WAITING:
        raise CannotGoOn(
            f"{clinic.name}'s day is over in {left.seconds // 60} min, and at this speed it takes "
            f"{needed.seconds // 60} min to play one; play it faster: --speed {at_most // left.seconds + 1}"
        )
    console.print(f"it is midnight at {clinic.name} in {left.seconds} s; the day begins then")
    await asyncio.sleep(left.total_seconds() + 1)


def until_midnight(now: datetime, time_zone: str) -> timedelta:
    """How long this day of the clinic's still lasts."""
    zone = ZoneInfo(time_zone)
    tomorrow: date = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone) - now


def _by_doctor(planned: Plan, doctors: Sequence[Doctor]) -> dict[Id, set[int]]:
    return {
        doctor.id: {one.number for one in planned.coming if one.doctor == index}
        for index, doctor in enumerate(doctors)
    }


def _heading(wanted: Wanted, clinic: Clinic, doctors: Sequence[Doctor], planned: Plan) -> str:
    booked = sum(one.slot is not None for one in planned.coming)
    speed = f"{wanted.speed:g} times as fast as a real one" if wanted.speed else "as fast as it goes"
    return (
        f"a day at {clinic.name} ({wanted.base}): {_count(len(doctors), 'doctor')}, {booked} booked, "
        f"{_count(len(planned.coming) - booked, 'walk-in')}\n{speed}; the same again: --seed {wanted.seed}"
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
