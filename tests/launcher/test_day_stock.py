"""What the staff did against what an installation shows: every difference is noticed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from rich.console import Console

from contracts.shapes import Id, Payment, PhaseItem, Phases, QueueItem, VisitStatus, VisitType
from launcher.day.book import Book, Entry
from launcher.day.ending import DayWentWrong, tell
from launcher.day.plan import SOMEBODY, Answer, Coming, Paying, plan
from launcher.day.stock import COLUMNS, Picture, differences
from queue_service.shapes import AppointmentCounts, DashboardStats, PaymentCounts, Queue, VisitCounts
from tests import builders

S = VisitStatus
TODAY = date(2026, 3, 2)
COMING: Coming = replace(SOMEBODY, number=1, answer=Answer.COMES, paying=Paying.IN_FULL)
DAY = (S.SCHEDULED, S.WAITING, S.WAITING, S.CALLED, S.IN_PROGRESS, S.COMPLETED, S.CANCELLED, S.NO_SHOW)
LISTED = (S.WAITING, S.CALLED, S.IN_PROGRESS, S.COMPLETED)


def entered(book: Book, number: Id, status: VisitStatus) -> Entry:
    ticket = None if status is S.SCHEDULED else number
    came = builders.NOW + timedelta(minutes=number)
    visit = builders.visit(id=number, status=status, queue_number=ticket, check_in_time=came, version=number)
    return book.enter(COMING, visit)


@pytest.fixture
def book() -> Book:
    """A day with visits 1 to 8, one or two in each status; the completed one has paid."""
    book = Book(to_come={2: set()})
    for number, status in enumerate(DAY, 1):
        entry = entered(book, number, status)
        if status is S.COMPLETED:
            entry.taken = Decimal(200)
            entry.payment = paid(number)
    return book


def paid(visit_id: Id, **changes: object) -> Payment:
    whole: dict[str, object] = {"amount_paid": "200.00", "remaining_amount": "0.00", "status": "paid"}
    return builders.payment(**{"id": 100 + visit_id, "visit_id": visit_id} | whole | changes)


def line(entry: Entry, **changes: object) -> QueueItem:
    visit = entry.visit
    told = {"id": visit.id, "queue_number": visit.queue_number, "status": visit.status}
    return builders.queue_item(**{**told, "version": visit.version, **changes})


def card(entry: Entry) -> PhaseItem:
    status = entry.status
    return builders.phase_item(visit_id=entry.visit.id, visit_status=status, queue_phase=COLUMNS[status])


def right(book: Book) -> Picture:
    """The picture of an installation that has it right."""
    lists = {status: tuple(line(entry) for entry in book.standing(status)) for status in LISTED}
    shown = [entry for entry in book.entries.values() if entry.status in COLUMNS]
    columns = {
        phase: tuple(card(entry) for entry in shown if COLUMNS[entry.status] is phase)
        for phase in COLUMNS.values()
    }
    nothing: dict[str, object] = {"amount_paid": "0.00", "remaining_amount": "200.00", "status": "pending"}
    payments = tuple(e.payment or paid(e.visit.id, **nothing) for e in shown)
    return Picture(
        queue=Queue(
            clinic_id=1,
            waiting=lists[S.WAITING],
            called=lists[S.CALLED],
            in_progress=lists[S.IN_PROGRESS],
            completed=lists[S.COMPLETED],
            total=len(shown),
        ),
        phases=Phases.model_validate({phase.value: items for phase, items in columns.items()}),
        stats=DashboardStats(
            appointments=AppointmentCounts(total=8, confirmed=1, checked_in=4, completed=1),
            visits=VisitCounts(total=6, waiting=2, called=1, in_progress=1, pending_payment=0, completed=1),
            payments=PaymentCounts(total=6, paid=1, revenue=Decimal(200)),
            alerts=(),
            date=TODAY,
        ),
        payments=payments,
    )


def queue(picture: Picture, **changes: object) -> Picture:
    return replace(picture, queue=picture.queue.model_copy(update=changes))


def stats(picture: Picture, part: str, **changes: object) -> Picture:
    counts = getattr(picture.stats, part).model_copy(update=changes)
    return replace(picture, stats=picture.stats.model_copy(update={part: counts}))


def payment(picture: Picture, index: int, **changes: object) -> Picture:
    payments = list(picture.payments)
    payments[index] = payments[index].model_copy(update=changes)
    return replace(picture, payments=tuple(payments))


def test_an_installation_that_has_it_right_differs_in_nothing(book: Book) -> None:
    assert differences(book, right(book)) == []


def test_other_peoples_visits_may_be_there_too(book: Book) -> None:
    stranger = entered(book, 9, S.WAITING)
    picture = stats(stats(right(book), "visits", total=7, waiting=3), "payments", total=7)
    del book.entries[stranger.visit.id]
    assert differences(book, picture) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda p: queue(p, waiting=p.queue.waiting[::-1]), "the line is 3, 2, and should be 2, 3"),
        (lambda p: queue(p, called=()), "ticket 4 (visit 4) is called, and stands nowhere in the queue"),
        (
            lambda p: queue(p, waiting=(*p.queue.waiting, *p.queue.called), called=()),
            "ticket 4 (visit 4) is called, and stands among the waiting in the queue",
        ),
        (lambda p: queue(p, completed=p.queue.completed * 2), "visit 6 is in the queue 2 times"),
        (
            lambda p: queue(p, in_progress=(p.queue.in_progress[0].model_copy(update={"queue_number": 4}),)),
            "ticket 4 is in the queue 2 times",
        ),
        (
            lambda p: queue(p, completed=(p.queue.completed[0].model_copy(update={"version": 1}),)),
            "ticket 6 (visit 6) has another ticket or version in the queue: (6, 1)",
        ),
        (lambda p: queue(p, total=8), "visits in the queue's total: 8 are counted, 6 are listed"),
        (
            lambda p: replace(p, phases=p.phases.model_copy(update={"appointments_today": ()})),
            "visit 1 is scheduled, and the board has it under nothing",
        ),
        (lambda p: stats(p, "visits", waiting=1), "waiting: 1 are counted, 2 are listed"),
        (lambda p: stats(p, "visits", called=0), "called: 0 are counted, 1 are listed"),
        (lambda p: stats(p, "visits", in_progress=2), "with a doctor: 2 are counted, 1 are listed"),
        (lambda p: stats(p, "visits", completed=0), "completed: 0 are counted, 1 are listed"),
        (lambda p: stats(p, "visits", total=5), "visits on the dashboard: 5 are counted, 6 are listed"),
        (
            lambda p: stats(p, "visits", pending_payment=1),
            "completed and not paid: 1 are counted, 0 are listed",
        ),
        (lambda p: stats(p, "payments", paid=2), "paid: 2 are counted, 1 are listed"),
        (
            lambda p: stats(p, "payments", revenue=Decimal("199.99")),
            "revenue: 199.99 are counted, 200.00 are listed",
        ),
        (lambda p: replace(p, payments=p.payments[:-1]), "ticket 6 (visit 6) has no payment"),
        (
            lambda p: payment(p, -1, amount_paid=Decimal("150.00")),
            "ticket 6 (visit 6) has paid 200.00 and was let off 0.00 (paid), "
            "but the payment says 150.00 and 0.00 (paid)",
        ),
        (
            lambda p: replace(p, payments=(*p.payments, paid(7))),
            "ticket 7 (visit 7) is cancelled, and its payment is still listed",
        ),
    ],
)
def test_every_difference_is_noticed(book: Book, spoil: Callable[[Picture], Picture], said: str) -> None:
    assert said in differences(book, spoil(right(book)))


def test_who_was_put_at_a_place_by_hand_may_stand_anywhere(book: Book) -> None:
    book.entries[3].by_hand = True
    picture = right(book)
    assert differences(book, queue(picture, waiting=picture.queue.waiting[::-1])) == []


def test_priority_goes_before_who_came_first(book: Book) -> None:
    book.entries[3].coming = replace(COMING, priority=5)
    assert [entry.visit.id for entry in book.line(2)] == [3, 2]


def test_an_appointment_stands_in_line_from_its_booked_time_on(book: Book) -> None:
    book.entries[2].booked_for = builders.NOW + timedelta(hours=1)
    assert [entry.visit.id for entry in book.line(2)] == [3, 2]


def test_the_end_says_what_differs_and_fails() -> None:
    book = Book(to_come={})
    entered(book, 1, S.CALLED)
    console = Console(file=StringIO(), record=True, width=200)
    with pytest.raises(DayWentWrong, match="1 difference,"):
        tell(book, console)
    assert "ticket 1 (visit 1) is still called at the end of the day" in console.export_text()


def test_the_end_of_a_right_day_says_so() -> None:
    book = Book(to_come={})
    entry = entered(book, 1, S.COMPLETED)
    entry.visit = entry.visit.model_copy(update={"visit_type": VisitType.WALK_IN})
    entry.arrived, entry.started, entry.ended = 0, 300, 900
    console = Console(file=StringIO(), record=True, width=200)
    tell(book, console)
    text = console.export_text()
    assert "1: 0 of 0 booked, 1 walk-ins" in text
    assert "5 min (median)" in text
    assert "10 min (median)" in text
    assert "The queue is right" in text


def test_everyone_of_the_plan_is_expected_until_settled() -> None:
    made = plan(1, 1)
    book = Book(to_come={2: {one.number for one in made.coming}})
    assert book.is_expecting(2)
    book.to_come[2].clear()
    assert not book.is_expecting(2)
    entered(book, 1, S.WAITING)
    assert book.is_expecting(2)
