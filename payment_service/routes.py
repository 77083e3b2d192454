"""HTTP in and out."""

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BeforeValidator, Field

from chassis.access import Caller
from chassis.command import Commanded
from chassis.errors import Forbidden
from chassis.forms import AsWritten, day_schema, or_empty
from chassis.links import Link, leads, to
from chassis.pages import Paged
from chassis.reply import Reply
from chassis.service import Serving
from chassis.spreadsheet import Cell, spreadsheet
from chassis.transaction import Transaction
from contracts.identity import Identity
from contracts.shapes import Id, PaymentStatus
from payment_service import actions, events, known, queries, rules
from payment_service.queries import Found, Named, Wanted
from payment_service.shapes import (
    Invoice,
    InvoiceFound,
    NewPayment,
    PaymentFound,
    PaymentList,
    PaymentMade,
    PaymentOfVisit,
    PaymentSaved,
    PaymentStatistics,
    Processing,
    VisitPaidFor,
)
from payment_service.tables import Payment as PaymentRow

router = APIRouter(tags=["payments"])

PaymentId = Annotated[Id, Path()]
VisitId = Annotated[Id, Path()]

_EmptyIsNone = BeforeValidator(lambda given: None if given == "" else given)
OptionalId = Annotated[
    Id | None, _EmptyIsNone, or_empty({"type": "integer", "minimum": 1, "exclusiveMaximum": 2**53}), Query()
]
OptionalStatus = Annotated[
    PaymentStatus | None, _EmptyIsNone, or_empty({"type": "string", "enum": list(PaymentStatus)}), Query()
]
# Between these a day has a begin and an end in every time zone.
_Calendar = Annotated[date, AsWritten, Field(ge=date(1900, 1, 1), le=date(2999, 12, 31))]
OptionalDay = Annotated[_Calendar | None, _EmptyIsNone, or_empty(day_schema(r"19\d\d|2\d\d\d")), Query()]


def _of(place: str) -> dict[str, Link]:
    """Where a payment leads whose id is there in the answer."""
    return {
        "payment": to("GET /payments/{payment_id}", payment_id=place),
        "process": to("PUT /payments/{payment_id}/process", payment_id=place),
        "refund": to("POST /payments/refund/{payment_id}", payment_id=place),
    }


def wanted(
    caller: Caller,
    patient_id: OptionalId = None,
    visit_id: OptionalId = None,
    clinic_id: OptionalId = None,
    status: OptionalStatus = None,
    start_date: OptionalDay = None,
    end_date: OptionalDay = None,
    day: OptionalDay = None,
) -> Wanted:
    """Which payments a request asks for; raises `Forbidden` when it is another clinic's."""
    if clinic_id is not None and not caller.works_in(clinic_id):
        raise Forbidden("You do not work in this clinic; leave clinic_id out for your own")
    return Wanted(patient_id, visit_id, clinic_id, status, start_date, end_date, day)


Asked = Annotated[Wanted, Depends(wanted)]


@router.get("/payments", response_model=PaymentList, responses=leads(_of("payments/0/id")))
async def listed(serving: Serving, caller: Caller, asked: Asked, page: Paged) -> Response:
    """Payments, newest first, a page at a time."""
    async with serving.database.reading() as session:
        rows, total = await queries.page_of(session, caller, asked, page)
    answer = PaymentList(
        payments=tuple(_shown(row) for row in rows),
        total=total,
        pages=page.pages(total),
        current_page=page.page,
        per_page=page.per_page,
    )
    return Reply(answer).response()


@router.get("/payments/statistics", response_model=PaymentStatistics)
async def statistics(serving: Serving, caller: Caller, asked: Asked) -> Response:
    """How many payments stand where, and what they come to."""
    async with serving.database.reading() as session:
        return Reply(await queries.statistics(session, caller, asked)).response()


@router.get("/payments/export", response_class=Response)
async def export(serving: Serving, caller: Caller, asked: Asked) -> Response:
    """Payments as a spreadsheet."""
    async with serving.database.reading() as session:
        rows = await queries.named(session, caller, asked)
    # A year of payments takes seconds to write; others are answered meanwhile.
    return await asyncio.to_thread(_spreadsheet, rows)


@router.get("/payments/invoice/{visit_id}", response_model=InvoiceFound)
async def invoice(visit_id: VisitId, serving: Serving, caller: Caller) -> Response:
    """A visit's invoice."""
    async with serving.database.reading() as session:
        first = await queries.found_of_visit(session, visit_id)
    _check_reader(caller, first)
    await known.concerned(serving, first.visit)
    async with serving.database.reading() as session:
        row = await queries.found_of_visit(session, visit_id)
    return Reply(InvoiceFound(invoice=_invoice(row))).response()


@router.get("/payments/{payment_id}", response_model=PaymentFound, responses=leads(_of("payment/id")))
async def found(payment_id: PaymentId, serving: Serving, caller: Caller) -> Response:
    """A payment."""
    async with serving.database.reading() as session:
        row = await queries.found(session, payment_id)
    _check_reader(caller, row)
    return Reply(PaymentFound(payment=_shown(row))).response()


@router.post(
    "/payments", status_code=201, response_model=PaymentMade, responses=leads(_of("payment/id"), 201)
)
async def pay(given: NewPayment, serving: Serving, command: Commanded) -> Response:
    """Take money for a visit."""
    # What its payment is made of, when no event has told us yet.
    visit = await known.visit(serving, given.visit_id)
    await known.service(serving, visit.service_id)
    await known.doctor(serving, visit.doctor_id)
    await known.concerned(serving, visit)

    async def change(transaction: Transaction) -> Reply:
        payment = await actions.process_visit(transaction, given.visit_id, given, command.caller)
        row = await queries.found(transaction.session, payment.id)
        made = PaymentMade(message=_said(payment), payment=_shown(row), invoice=_invoice(row))
        return Reply(made, 201)

    return await command.run(change)


@router.put("/payments/{payment_id}/process", response_model=PaymentSaved, responses=leads(_of("payment/id")))
async def process(payment_id: PaymentId, given: Processing, serving: Serving, command: Commanded) -> Response:
    """Take money for a payment, for the whole or a part of it."""
    async with serving.database.reading() as session:
        _, doctor_id = await queries.place(session, payment_id)
    await known.doctor(serving, doctor_id)

    async def change(transaction: Transaction) -> Reply:
        payment = await actions.process(transaction, payment_id, given, command.caller)
        row = await queries.found(transaction.session, payment_id)
        return Reply(PaymentSaved(message=_said(payment), payment=_shown(row)))

    return await command.run(change)


@router.post("/payments/refund/{payment_id}", response_model=PaymentSaved, responses=leads(_of("payment/id")))
async def refund(payment_id: PaymentId, command: Commanded) -> Response:
    """Give back what was paid."""

    async def change(transaction: Transaction) -> Reply:
        await actions.refund(transaction, payment_id, command.caller)
        row = await queries.found(transaction.session, payment_id)
        return Reply(PaymentSaved(message="The payment is refunded", payment=_shown(row)))

    return await command.run(change)


def _check_reader(reader: Identity, row: Found) -> None:
    if not rules.may_read(reader, row.payment.clinic_id, row.payment.doctor_id):
        raise Forbidden("This payment is not yours to see; ask the desk of its clinic")


def _said(payment: PaymentRow) -> str:
    if payment.status == PaymentStatus.PAID:
        return "The visit is paid"
    return "A part is paid; the rest is still to come"


def _shown(row: Found) -> PaymentOfVisit:
    visit = VisitPaidFor(
        id=row.visit.id, patient=row.patient, doctor=row.doctor, clinic=row.clinic, service=row.service
    )
    return PaymentOfVisit(**events.payment(row.payment).model_dump(), visit=visit)


def _invoice(row: Found) -> Invoice:
    return Invoice(
        invoice_number=f"INV-{row.payment.id}",
        date=row.payment.paid_at or row.payment.created_at,
        patient=row.patient,
        doctor=row.doctor,
        clinic=row.clinic,
        service=row.service,
        payment=events.payment(row.payment),
        visit=row.visit,
    )


_SUMS = (
    "total_amount",
    "amount_paid",
    "discount_amount",
    "remaining_amount",
    "doctor_share",
    "center_share",
)


_REST = ("payment_method", "status", "paid_at", "created_at")


def _spreadsheet(rows: Sequence[Named]) -> Response:
    heads = ("id", "visit_id", "patient", "doctor", "clinic", "service", *_SUMS, *_REST)
    return spreadsheet("payments", heads, (_line(row) for row in rows))


def _line(row: Named) -> Sequence[Cell]:
    payment = events.payment(row.payment)
    sums = (float(getattr(payment, name)) for name in _SUMS)
    rest = (getattr(payment, name) for name in _REST)
    return (payment.id, payment.visit_id, row.patient, row.doctor, row.clinic, row.service, *sums, *rest)
