"""What the verbs write, beside what the routes show of it."""

import httpx
from sqlalchemy import select
from sqlmodel import col

from chassis.bookkeeping import OUTBOX
from chassis.service import Service
from payment_service.tables import Receipt
from tests.payment_service.conftest import Bill


async def test_every_time_money_changes_hands_is_on_record(
    service: Service, desk: httpx.AsyncClient, bill: Bill
) -> None:
    payment = await bill()
    process = f"/payments/{payment.id}/process"
    await desk.put(process, json={"amount_paid": 30, "payment_method": "cash"})
    await desk.put(process, json={"amount_paid": 160, "payment_method": "visa", "discount_amount": 10})
    await desk.put(process, json={"amount_paid": 1, "payment_method": "cash"})
    await desk.post(f"/payments/refund/{payment.id}")
    async with service.database.reading() as session:
        rows = (await session.execute(select(Receipt).order_by(col(Receipt.id)))).scalars().all()
    assert [(row.amount, row.discount, row.method, row.taken_by) for row in rows] == [
        (3000, 0, "cash", "7"),
        (16000, 1000, "visa", "7"),
        (-19000, 0, "visa", "7"),
    ]


async def test_a_refused_payment_leaves_no_trace(
    service: Service, desk: httpx.AsyncClient, bill: Bill
) -> None:
    payment = await bill()
    async with service.database.reading() as session:
        before = (await session.execute(select(OUTBOX.c.id))).scalars().all()
    refused = await desk.put(
        f"/payments/{payment.id}/process", json={"amount_paid": 201, "payment_method": "cash"}
    )
    assert refused.status_code == 422
    async with service.database.reading() as session:
        assert (await session.execute(select(OUTBOX.c.id))).scalars().all() == before
        assert (await session.execute(select(col(Receipt.id)))).first() is None


async def test_a_clinics_payments_have_revisions_without_holes_and_versions_that_grow(
    service: Service, desk: httpx.AsyncClient, bill: Bill
) -> None:
    payment = await bill()
    for amount in (10, 20, 30):
        await desk.put(
            f"/payments/{payment.id}/process", json={"amount_paid": amount, "payment_method": "cash"}
        )
    c = OUTBOX.c
    async with service.database.reading() as session:
        said = (await session.execute(select(c.revision, c.version, c.actor).order_by(c.position))).all()
    billed, *processed = said
    first, _, actor = billed
    assert actor == "events"
    # Two events a change: payment_processed for screens, payment_recorded for services.
    assert [tuple(row) for row in processed] == [
        (first + step, 1 + step, "7") for step in (1, 2, 3) for _ in range(2)
    ]
