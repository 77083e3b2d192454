"""Rows -> contract events."""

from contracts.payments import PaymentProcessed, PaymentRecorded
from contracts.shapes import Payment as PaymentShape
from contracts.shapes import Visit
from payment_service.rules import Account, major
from payment_service.tables import Payment


def payment(row: Payment) -> PaymentShape:
    """The payment as others know it, in decimals."""
    account = Account(row.total, row.paid, row.discount)
    return PaymentShape(
        id=row.id,
        visit_id=row.visit_id,
        patient_id=row.patient_id,
        total_amount=major(row.total),
        amount_paid=major(row.paid),
        discount_amount=major(row.discount),
        remaining_amount=major(account.remaining),
        payment_method=row.method,
        status=row.status,
        doctor_share=major(row.doctor_share),
        center_share=major(row.paid - row.doctor_share),
        paid_at=row.paid_at,
        created_at=row.created_at,
    )


def payment_processed(row: Payment, visit: Visit) -> PaymentProcessed:
    """Money came in for a visit."""
    return PaymentProcessed(payment=payment(row), visit=visit)


def payment_recorded(row: Payment) -> PaymentRecorded:
    """A payment is other than it was, or new."""
    return PaymentRecorded(
        payment=payment(row), void=row.void, clinic_id=row.clinic_id, doctor_id=row.doctor_id
    )
