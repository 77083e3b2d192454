"""How far the day is, while it is played."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from contracts.shapes import VisitStatus
from launcher.day.book import Book
from launcher.day.plan import HOUR, MINUTE, Second

OPENS = 9 * HOUR
"""The day is shown as if it began at nine, whatever the clock says."""


class DayProgress:
    """A bar from opening to closing, and who is where."""

    def __init__(self, progress: Progress, book: Book, closes: Second) -> None:
        self._progress = progress
        self._book = book
        self._closes = closes
        self._task = progress.add_task("", total=closes, clock=time_of_day(0), state="")

    def at(self, now: Second) -> None:
        """It is so late."""
        self._progress.update(
            self._task, completed=min(now, self._closes), clock=time_of_day(now), state=state(self._book)
        )


def time_of_day(now: Second) -> str:
    """A time of play as a clock in the clinic shows it."""
    return f"{(OPENS + now) // HOUR:02}:{(OPENS + now) % HOUR // MINUTE:02}"


def state(book: Book) -> str:
    """Who is where."""
    waiting, called, inside, seen = (
        len(book.standing(status))
        for status in (
            VisitStatus.WAITING,
            VisitStatus.CALLED,
            VisitStatus.IN_PROGRESS,
            VisitStatus.COMPLETED,
        )
    )
    return f"{waiting:>2} waiting  {called} called  {inside} with a doctor  {seen:>2} seen"


@contextmanager
def shown(console: Console, book: Book, closes: Second) -> Iterator[DayProgress]:
    """The bar, while the block lasts."""
    columns = (
        TextColumn("[bold]{task.fields[clock]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[state]}", style="cyan"),
    )
    with Progress(*columns, console=console) as progress:
        yield DayProgress(progress, book, closes)
