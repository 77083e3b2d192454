"""Taking stock: what the installation says of the day, held against what the staff did."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts.shapes import Id, Payment, PaymentStatus, Phase, PhaseItem, Phases, QueueItem, VisitStatus
from launcher.day.book import Book, Entry, named
from launcher.day.cashier import misstated
from launcher.day.member import Member, Query
from launcher.provision import ACK_WAIT_SECONDS
from payment_service.shapes import PaymentList
from queue_service.shapes import DashboardStats, PhasesOfDay, Queue

S = VisitStatus

SETTLING = ACK_WAIT_SECONDS + 10.0
"""Seconds until a difference counts: what a service was told when it crashed, the broker tells it again only
after the time in which it could have acknowledged it."""

KNOWN_WRONG = 1.0
"""The same for an installation in which a difference has counted before."""

LOOK = 0.1
"""Seconds from one look to the next."""

GONE = (S.CANCELLED, S.NO_SHOW)

COLUMNS: Mapping[VisitStatus, Phase] = {
    S.SCHEDULED: Phase.APPOINTMENTS_TODAY,
    S.WAITING: Phase.WAITING,
    S.CALLED: Phase.WAITING,
    S.IN_PROGRESS: Phase.WITH_DOCTOR,
    S.COMPLETED: Phase.COMPLETED,
}
"""Where on the reception's board a visit of each status belongs (design: "The visit")."""


@dataclass(frozen=True)
class Picture:
    """The whole day as the installation shows it."""

    queue: Queue
    phases: Phases
    stats: DashboardStats
    payments: tuple[Payment, ...]


class Stock:
    """Takes stock while nobody acts."""

    def __init__(self, desk: Member, cashier: Member, clinic_id: Id, today: date, book: Book) -> None:
        self._desk = desk
        self._cashier = cashier
        self._clinic_id = clinic_id
        self._today = today.isoformat()
        self._book = book
        self._settling = SETTLING

    async def differences(self) -> list[str]:
        """What is not as the staff left it, once what happened last had time to get round."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settling
        while found := differences(self._book, await self._picture()):
            if loop.time() > until:
                self._settling = KNOWN_WRONG
                break
            await asyncio.sleep(LOOK)
        return found

    async def _picture(self) -> Picture:
        clinic, today = self._clinic_id, self._today
        days: Query = {"start_date": today, "end_date": today}
        queue = await self._desk.get(f"/queue/clinic/{clinic}", Queue, days)
        board = await self._desk.get(f"/queue/phases/{clinic}", PhasesOfDay, {"date": today})
        stats = await self._desk.get("/dashboard/stats", DashboardStats, {"clinic_id": clinic, "date": today})
        payments = await self._payments({item.visit_id for item in _cards(board.phases) if item.visit_id})
        return Picture(queue, board.phases, stats, payments)

    async def _payments(self, visits: set[Id]) -> tuple[Payment, ...]:
        """The payments of today's visits, which may be older than today."""
        found: dict[Id, Payment] = {}
        page = pages = 1
        while page <= pages:
            query: Query = {"clinic_id": self._clinic_id, "page": page, "per_page": 100}
            query |= {"start_date": self._today, "end_date": self._today}
            listed = await self._cashier.get("/payments", PaymentList, query)
            found |= {
                one.visit_id: one for one in listed.payments if one.visit_id in visits or self._is_ours(one)
            }
            page, pages = page + 1, listed.pages
        for visit_id in visits - set(found) - set(self._book.entries):
            older = await self._cashier.get("/payments", PaymentList, {"visit_id": visit_id})
            found |= {one.visit_id: one for one in older.payments}
        return tuple(found.values())

    def _is_ours(self, payment: Payment) -> bool:
        return payment.visit_id in self._book.entries


def differences(book: Book, picture: Picture) -> list[str]:
    """Everything in which the picture is not what the staff did; other people's visits may be in it too."""
    return [
        *_of_lists(book, picture.queue),
        *_of_order(book, picture.queue),
        *_of_columns(book, picture.phases),
        *_of_counts(picture),
        *_of_payments(book, picture.payments),
    ]


def _of_lists(book: Book, queue: Queue) -> Iterator[str]:
    lists = {
        S.WAITING: queue.waiting,
        S.CALLED: queue.called,
        S.IN_PROGRESS: queue.in_progress,
        S.COMPLETED: queue.completed,
    }
    shown = {item.id: (status, item) for status, items in lists.items() for item in items}
    for entry in book.entries.values():
        found = shown.get(entry.visit.id)
        listed = found[0] if found else None
        expected = entry.status if entry.status in lists else None
        if listed is not expected:
            where = f"among the {listed}" if listed else "nowhere"
            yield f"{named(entry.visit)} is {entry.status}, and stands {where} in the queue"
        elif found and _line(found[1]) != (entry.visit.queue_number, entry.visit.version):
            yield f"{named(entry.visit)} has another ticket or version in the queue: {_line(found[1])}"
    everyone = [item for items in lists.values() for item in items]
    yield from _twice("visit", Counter(item.id for item in everyone))
    yield from _twice("ticket", Counter(item.queue_number for item in everyone if item.queue_number))


def _line(item: QueueItem) -> tuple[int | None, int]:
    return item.queue_number, item.version


def _twice(what: str, counts: Counter[int]) -> Iterator[str]:
    return (f"{what} {number} is in the queue {times} times" for number, times in counts.items() if times > 1)


def _of_order(book: Book, queue: Queue) -> Iterator[str]:
    entries = (book.entries.get(item.id) for item in queue.waiting)
    line = [entry for entry in entries if entry and entry.status is S.WAITING and not entry.by_hand]
    right = sorted(line, key=lambda entry: entry.place)
    if line != right:
        yield f"the line is {_tickets(line)}, and should be {_tickets(right)}"


def _tickets(line: list[Entry]) -> str:
    return ", ".join(str(entry.visit.queue_number) for entry in line)


def _of_columns(book: Book, phases: Phases) -> Iterator[str]:
    shown = {item.visit_id: item.queue_phase for item in _cards(phases)}
    for entry in book.entries.values():
        expected, found = COLUMNS.get(entry.status), shown.get(entry.visit.id)
        if expected is not found:
            yield f"{named(entry.visit)} is {entry.status}, and the board has it under {found or 'nothing'}"


def _cards(phases: Phases) -> tuple[PhaseItem, ...]:
    return (*phases.appointments_today, *phases.waiting, *phases.with_doctor, *phases.completed)


def _of_counts(picture: Picture) -> Iterator[str]:
    queue, counted, billed = picture.queue, picture.stats.visits, picture.stats.payments
    paid = {p.visit_id for p in picture.payments if p.status in (PaymentStatus.PAID, PaymentStatus.REFUNDED)}
    kept = [p for p in picture.payments if p.status is not PaymentStatus.REFUNDED]
    pairs = {
        "visits in the queue's total": (queue.total, len(_cards(picture.phases))),
        "visits on the dashboard": (counted.total, queue.total),
        "waiting": (counted.waiting, len(queue.waiting)),
        "called": (counted.called, len(queue.called)),
        "with a doctor": (counted.in_progress, len(queue.in_progress)),
        "completed": (counted.completed, len(queue.completed)),
        "completed and not paid": (
            counted.pending_payment,
            sum(item.id not in paid for item in queue.completed),
        ),
        "payments": (billed.total, len(picture.payments)),
        "paid": (billed.paid, sum(p.status is PaymentStatus.PAID for p in picture.payments)),
        "revenue": (billed.revenue, sum(p.amount_paid for p in kept)),
    }
    for what, (told, listed) in pairs.items():
        if told != listed:
            yield f"{what}: {told} are counted, {listed} are listed"


def _of_payments(book: Book, payments: tuple[Payment, ...]) -> Iterator[str]:
    listed = {payment.visit_id: payment for payment in payments}
    for entry in book.entries.values():
        if not entry.brought:
            continue
        payment = listed.get(entry.visit.id)
        if entry.status in GONE:
            if payment is not None:
                yield f"{named(entry.visit)} is {entry.status}, and its payment is still listed"
        elif payment is None:
            yield f"{named(entry.visit)} has no payment"
        elif trouble := misstated(entry, payment.amount_paid, payment.discount_amount, payment.status):
            yield trouble
