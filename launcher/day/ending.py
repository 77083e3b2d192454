"""The end of the day: what happened, and whether the queue is right."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table
from rich.text import Text

from contracts.shapes import VisitStatus, VisitType
from launcher.day.book import Book, Entry, named
from launcher.day.cashier import expected_status
from launcher.day.plan import MINUTE
from launcher.refusal import CannotGoOn

S = VisitStatus


class DayWentWrong(CannotGoOn):
    """The installation does not show what the staff did."""


def tell(book: Book, console: Console) -> None:
    """Print what happened; raises DayWentWrong, after saying what differs, when anything does."""
    book.wrong.extend(unfinished(book))
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    for name, value in summary(book):
        table.add_row(name, value)
    console.print(table)
    if not book.wrong:
        console.print(
            Text("The queue is right: every list, count and payment is what the staff did.", "green")
        )
        return
    for difference in book.wrong:
        console.print(Text(f"  {difference}", "red"), soft_wrap=True)
    many = "1 difference" if len(book.wrong) == 1 else f"{len(book.wrong)} differences"
    raise DayWentWrong(f"the day is not what the staff did: {many}, listed above")


def unfinished(book: Book) -> Iterator[str]:
    """Who is still there when everybody has gone home."""
    for entry in book.entries.values():
        if entry.status not in (S.COMPLETED, S.CANCELLED, S.NO_SHOW):
            yield f"{named(entry.visit)} is still {entry.status} at the end of the day"


def summary(book: Book) -> Iterator[tuple[str, str]]:
    """The day in a few lines, a name and what to say of it; times are of play."""
    ours = [entry for entry in book.entries.values() if entry.brought]
    booked = [entry for entry in ours if entry.visit.visit_type is VisitType.SCHEDULED]
    ended = Counter(entry.status for entry in ours)
    came = [entry for entry in ours if entry.arrived is not None]
    yield (
        "came",
        f"{len(came)}: {len(came) - len(ours) + len(booked)} of {len(booked)} booked, {_walked_in(ours)}",
    )
    yield (
        "became",
        f"{ended[S.COMPLETED]} seen, {ended[S.CANCELLED]} cancelled, {ended[S.NO_SHOW]} no-shows, "
        f"{sum(entry.requeued for entry in ours)} requeued, {book.recalls} recalled",
    )
    others = len(book.entries) - len(ours)
    if others:
        yield "besides", f"{others} whom somebody else had brought"
    waits = [e.started - e.arrived for e in came if e.started is not None and e.arrived is not None]
    stays = [e.ended - e.started for e in came if e.ended is not None and e.started is not None]
    yield "waited", _spread(waits)
    yield "with the doctor", _spread(stays)
    yield "paid", _money(ours)
    yield "requests", _calls(book)


def _walked_in(ours: Sequence[Entry]) -> str:
    walk_ins = sum(entry.visit.visit_type is VisitType.WALK_IN for entry in ours)
    return f"{walk_ins} walk-ins"


def _spread(seconds: Sequence[int]) -> str:
    if not seconds:
        return "nobody"
    minutes = [one / MINUTE for one in seconds]
    return f"{median(minutes):.0f} min (median), {_nine_in_ten(minutes):.0f} min or less for 9 in 10"


def _nine_in_ten(values: Sequence[float]) -> float:
    return quantiles(values, n=10, method="inclusive")[-1] if len(values) > 1 else values[0]


def _money(ours: Sequence[Entry]) -> str:
    taken = sum((entry.taken for entry in ours), Decimal(0))
    let_off = sum((entry.let_off for entry in ours), Decimal(0))
    status = Counter(expected_status(entry) for entry in ours if entry.status is S.COMPLETED)
    counts = ", ".join(f"{count} {one.replace('_', ' ')}" for one, count in status.items())
    return f"{taken:.2f}, let off {let_off:.2f}" + (f": {counts}" if counts else "")


def _calls(book: Book) -> str:
    calls = book.calls
    if not calls.seconds:
        return "none"
    milliseconds = [one * 1000 for one in calls.seconds]
    repeated = f", {calls.repeated} repeated" if calls.repeated else ""
    return (
        f"{len(milliseconds)}, answered in {median(milliseconds):.0f} ms (median), "
        f"{_nine_in_ten(milliseconds):.0f} ms or less for 9 in 10{repeated}"
    )
