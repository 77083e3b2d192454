"""The cashier: takes what each patient pays, in full, in parts, with something let off, or not at all."""

from collections import deque
from decimal import ROUND_HALF_UP, Decimal

from contracts.shapes import PaymentStatus, Service
from launcher.day.book import Book, Entry, named
from launcher.day.clock import Clock
from launcher.day.member import Member, NotUnderstood, Refused
from launcher.day.plan import MINUTE, Paying, Second
from payment_service.shapes import NewPayment, PaymentMade

LOOK: Second = 20
"""How often an idle cashier looks whether somebody has come to pay."""

TAKES: Second = MINUTE
"""How long it takes to pay."""

REST_AFTER: Second = 30 * MINUTE
"""After which who paid in parts comes back with the rest."""

CENT = Decimal("0.01")


class Cashier:
    """Takes money until the last patient has left."""

    def __init__(self, member: Member, service: Service, book: Book, clock: Clock) -> None:
        self._member = member
        self._service = service
        self._book = book
        self._clock = clock
        self._owing: deque[tuple[Second, Entry]] = deque()

    async def work(self) -> None:
        """The cashier's day."""
        # Everybody begins at the opening: let the doctors be at work before asking whether they are.
        await self._clock.until(LOOK)
        while self._book.at_work or self._book.leaving or self._owing:
            entry = self._next()
            if entry is None:
                await self._clock.after(LOOK)
                continue
            try:
                await self._bill(entry)
            except (Refused, NotUnderstood) as trouble:
                self._book.note_trouble(trouble)
            await self._clock.after(TAKES)

    def _next(self) -> Entry | None:
        if self._book.leaving:
            return self._book.leaving.pop(0)
        if self._owing and self._owing[0][0] <= self._clock.now:
            return self._owing.popleft()[1]
        return None

    async def _bill(self, entry: Entry) -> None:
        price = self._service.price if entry.payment is None else entry.payment.total_amount
        open_still = price - entry.taken - entry.let_off
        amount, let_off = paid_now(entry.coming.paying, entry.coming.share, open_still, entry.taken > 0)
        if amount or let_off:
            await self._take(entry, amount, let_off)
            if entry.coming.paying is Paying.IN_PARTS and amount < open_still:
                self._owing.append((self._clock.now + REST_AFTER, entry))

    async def _take(self, entry: Entry, amount: Decimal, let_off: Decimal) -> None:
        given = NewPayment(
            visit_id=entry.visit.id,
            payment_method=entry.coming.method,
            amount_paid=amount,
            discount_amount=let_off,
        )
        made = (await self._member.post("/payments", given, PaymentMade)).payment
        entry.payment = made
        entry.taken += amount
        entry.let_off += let_off
        # An answer with a wrong sum is known at once, not at the end of the day only.
        if trouble := misstated(entry, made.amount_paid, made.discount_amount, made.status):
            self._book.wrong.append(trouble)


def paid_now(paying: Paying, share: Decimal, due: Decimal, came_before: bool) -> tuple[Decimal, Decimal]:
    """What somebody pays of what is due, and what they are let off.

    `share` is the part let off, or the part that is paid at first.
    """
    part = (due * share).quantize(CENT, ROUND_HALF_UP)
    match paying:
        case Paying.NOT_TODAY:
            return Decimal(0), Decimal(0)
        case Paying.WITH_DISCOUNT:
            return due - part, part
        case Paying.IN_PARTS | Paying.A_PART if not came_before:
            return part, Decimal(0)
        case _:
            return due, Decimal(0)


def misstated(entry: Entry, paid: Decimal, let_off: Decimal, status: PaymentStatus) -> str | None:
    """How these amounts differ from what the cashier took, None when they don't."""
    expected = expected_status(entry)
    if (paid, let_off, status) == (entry.taken, entry.let_off, expected):
        return None
    return (
        f"{named(entry.visit)} has paid {entry.taken:.2f} and was let off {entry.let_off:.2f} ({expected}), "
        f"but the payment says {paid:.2f} and {let_off:.2f} ({status})"
    )


def expected_status(entry: Entry) -> PaymentStatus:
    """Where the payment of this visit stands, by what the cashier took."""
    if not entry.taken and not entry.let_off:
        return PaymentStatus.PENDING
    assert entry.payment is not None  # noqa: S101  # what was taken was answered
    due = entry.payment.total_amount - entry.taken - entry.let_off
    return PaymentStatus.PARTIALLY_PAID if due else PaymentStatus.PAID
