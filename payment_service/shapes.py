"""What comes in and goes out over payment_service's routes."""

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from chassis.forms import AMOUNT, Amount, Request, or_empty
from contracts.event import Shape
from contracts.shapes import (
    Clinic,
    Doctor,
    Id,
    Moment,
    PatientCard,
    Payment,
    PaymentMethod,
    Service,
    Visit,
)

Sum = Annotated[
    Decimal,
    Field(ge=0),
    PlainSerializer(float, return_type=float, when_used="json-unless-none"),
]
"""Many amounts together: no limit to its digits."""

Balance = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json-unless-none")]
"""What came in less what went back: it may be less than nothing."""

Discount = Annotated[
    Amount,
    BeforeValidator(lambda given: 0 if given in (None, "") else given),
    or_empty(AMOUNT),
]
"""An amount let off; a form's empty field is none."""


class Processing(Request):
    """PUT /payments/{id}/process: what came in now, added to what came before."""

    amount_paid: Amount
    payment_method: PaymentMethod
    discount_amount: Discount = Decimal(0)


class NewPayment(Processing):
    """POST /payments."""

    visit_id: Id


class VisitPaidFor(Shape):
    """Which visit a payment is of, and whom and what it concerns; null is what nobody told us yet."""

    id: Id
    patient: PatientCard | None
    doctor: Doctor | None
    clinic: Clinic | None
    service: Service | None


class PaymentOfVisit(Payment):
    """A payment as the routes show it."""

    visit: VisitPaidFor


class PaymentSaved(Shape):
    """PUT /payments/{id}/process and POST /payments/refund/{id}."""

    message: str
    payment: PaymentOfVisit


class Invoice(Shape):
    """What the patient is handed; `date` is when the whole was paid, until then when it was billed."""

    invoice_number: str
    date: Moment
    patient: PatientCard | None
    doctor: Doctor | None
    clinic: Clinic | None
    service: Service | None
    payment: Payment
    visit: Visit


class PaymentMade(Shape):
    """POST /payments."""

    message: str
    payment: PaymentOfVisit
    invoice: Invoice


class PaymentFound(Shape):
    """GET /payments/{id}."""

    payment: PaymentOfVisit


class InvoiceFound(Shape):
    """GET /payments/invoice/{visit_id}."""

    invoice: Invoice


class PaymentList(Shape):
    """GET /payments."""

    payments: tuple[PaymentOfVisit, ...]
    total: int
    pages: int
    current_page: int
    per_page: int


class StatusCount(Shape):
    """How many payments stand where."""

    pending: int = 0
    partially_paid: int = 0
    paid: int = 0
    refunded: int = 0


class Totals(Shape):
    """`revenue` came in and was not given back; `pending_amount` is still to come.

    `taken` changed hands on the `day` asked for (on all days without one), whenever the visit was: what came
    in less what went back.
    """

    revenue: Sum
    pending_amount: Sum
    taken: Balance


class PaymentStatistics(Shape):
    """GET /payments/statistics."""

    total: int
    by_status: StatusCount
    totals: Totals
    total_revenue: Sum
    pending_count: int
    paid_count: int
