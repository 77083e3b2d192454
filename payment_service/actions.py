"""What can be done with payments, a function a verb."""

from datetime import datetime

from chassis import revision
from chassis.errors import Conflict, Forbidden, Unavailable
from chassis.outbox import stage
from chassis.replicas import find, forget, keep
from chassis.transaction import Transaction
from contracts.identity import Identity
from contracts.shapes import (
    Appointment,
    Clinic,
    Doctor,
    PatientCard,
    PaymentStatus,
    Service,
    Visit,
    VisitStatus,
)
from payment_service import events, queries, rules
from payment_service.shapes import Processing
from payment_service.tables import (
    KnownClinic,
    KnownDoctor,
    KnownPatient,
    KnownService,
    KnownVisit,
    Payment,
    Receipt,
)

HEARSAY = 0
"""The version of what somebody else than its owner tells: anything the owner tells is newer."""


async def follow(change: Transaction, visit: Visit, version: int, planned_at: datetime | None = None) -> None:
    """Keep what is news of a visit and let its payment follow it: made, moved, void, or no longer void."""
    await revision.advance(change, visit.clinic_id)
    # Only an appointment knows its time: what is told of the visit without it leaves it as it is.
    plan = {} if planned_at is None else {"planned_at": planned_at}
    if await keep(change, KnownVisit, visit.id, version, visit, service_id=visit.service_id, **plan):
        await _let_follow(change, visit)


async def learn_price(change: Transaction, service: Service, version: int) -> None:
    """Keep what is news of a service, and bill the visits that waited for its price.

    What was billed before stays at the price it was billed at.
    """
    await revision.advance(change, service.clinic_id)
    if await keep(change, KnownService, service.id, version, service, name=service.name):
        for visit in await queries.unpriced(change.session, service.id):
            await _let_follow(change, visit)


async def follow_plan(change: Transaction, appointment: Appointment, visit: Visit, version: int) -> None:
    """Follow the visit of an appointment, whose version this is, as it is planned or as it is by now."""
    await revision.advance(change, appointment.clinic_id)
    # What an appointment says of the catalogue is without a version: good until we hear it from the source.
    if appointment.clinic is not None:
        await learn_clinic(change, appointment.clinic, HEARSAY)
    if appointment.doctor is not None:
        await learn_doctor(change, appointment.doctor, HEARSAY)
    if appointment.service is not None:
        await learn_price(change, appointment.service, HEARSAY)
    if visit.status == VisitStatus.SCHEDULED:
        plan = rules.planned(appointment, visit)
        await follow(change, plan, rules.version_of_plan(version), appointment.start_time)
    else:
        await follow(change, visit, visit.version, appointment.start_time)


async def learn_clinic(change: Transaction, clinic: Clinic, version: int) -> None:
    """Keep what is news of a clinic."""
    await revision.advance(change, clinic.id)
    await keep(change, KnownClinic, clinic.id, version, clinic, name=clinic.name, time_zone=clinic.time_zone)


async def learn_doctor(change: Transaction, doctor: Doctor, version: int) -> None:
    """Keep what is news of a doctor."""
    await revision.advance(change, doctor.clinic_id)
    await keep(change, KnownDoctor, doctor.id, version, doctor, name=doctor.name)


async def learn_patient(change: Transaction, patient: PatientCard, version: int) -> None:
    """Keep what is news of a patient."""
    await keep(change, KnownPatient, patient.id, version, patient, name=patient.name)


async def forget_patient(change: Transaction, patient_id: int) -> None:
    """Forget who a deleted patient was; the payments stay."""
    await forget(change, KnownPatient, patient_id)


async def process(change: Transaction, payment_id: int, given: Processing, caller: Identity) -> Payment:
    """Take money for a payment, for the whole or a part of it.

    Raises `NotFound`, `Forbidden`, `Conflict` (already paid, refunded or void), `Unprocessable` (more than
    what remains), and `Unavailable` while the doctor, whose share it is, is not known.
    """
    payment = await _locked(change, payment_id, caller)
    closed = rules.why_closed(payment.status, payment.void)
    if closed:
        raise Conflict(closed, payment=events.payment(payment))
    amount, discount = rules.minor(given.amount_paid), rules.minor(given.discount_amount)
    account = rules.take(rules.Account(payment.total, payment.paid, payment.discount), amount, discount)
    doctor = await find(change.session, KnownDoctor, payment.doctor_id, Doctor)
    if doctor is None:
        raise Unavailable("The doctor's share is not known yet; try again in a moment")
    payment.paid, payment.discount, payment.status = account.paid, account.discount, account.status
    payment.doctor_share = rules.doctor_share(account.paid, doctor.share_percentage)
    payment.method = given.payment_method
    payment.paid_at = change.now if account.status is PaymentStatus.PAID else None
    payment.version += 1
    _receive(change, payment, amount, discount)
    visit = await queries.visit(change.session, payment.visit_id)
    stage(change, events.payment_processed(payment, visit), version=payment.version)
    stage(change, events.payment_recorded(payment), version=payment.version)
    return payment


async def process_visit(change: Transaction, visit_id: int, given: Processing, caller: Identity) -> Payment:
    """Take money for a visit's payment; raises as `process`, and `Conflict` when there is nothing to pay."""
    payment_id = await queries.id_of_visit(change.session, visit_id)
    if payment_id is None:
        visit = await queries.visit(change.session, visit_id)
        _refuse_strangers(caller, visit.clinic_id)
        raise Conflict("Nothing is to be paid for this visit: it does not take place")
    return await process(change, payment_id, given, caller)


async def refund(change: Transaction, payment_id: int, caller: Identity) -> Payment:
    """Give back what was paid; its amounts stay on record and no longer count as revenue.

    Raises `NotFound`, `Forbidden`, and `Conflict` when nothing was paid or it was given back already.
    """
    payment = await _locked(change, payment_id, caller)
    if payment.status not in rules.TAKEN:
        raise Conflict("Only what was paid can be refunded", payment=events.payment(payment))
    payment.status = PaymentStatus.REFUNDED
    payment.version += 1
    _receive(change, payment, -payment.paid, 0)
    stage(change, events.payment_recorded(payment), version=payment.version)
    return payment


async def _let_follow(change: Transaction, visit: Visit) -> None:
    gone = visit.status in rules.GONE
    # Nearly every event of a visit leaves its payment as it is: it is loaded where it is changed.
    bill = await queries.billed(change.session, visit.id)
    if bill is None:
        service = await find(change.session, KnownService, visit.service_id, Service)
        # Without a price there is no bill yet: it is made when the price is heard of.
        if service is not None and not gone:
            await _bill(change, visit, service)
        return
    facts: dict[str, object] = {
        "clinic_id": visit.clinic_id,
        "doctor_id": visit.doctor_id,
        "patient_id": visit.patient_id,
    }
    if bill.status == PaymentStatus.PENDING:
        facts["void"] = gone
        if visit.service_id != bill.service_id:
            service = await find(change.session, KnownService, visit.service_id, Service)
            if service is not None:
                facts |= {"service_id": visit.service_id, "total": rules.minor(service.price)}
    news = {name: fact for name, fact in facts.items() if getattr(bill, name) != fact}
    if not news:
        return
    payment = await queries.locked(change.session, bill.payment_id)
    for name, fact in news.items():
        setattr(payment, name, fact)
    if "doctor_id" in news:
        await _share_anew(change, payment)
    payment.version += 1
    await change.session.flush()
    stage(change, events.payment_recorded(payment), version=payment.version)


async def _bill(change: Transaction, visit: Visit, service: Service) -> None:
    payment = Payment(
        id=change.mint(),
        visit_id=visit.id,
        clinic_id=visit.clinic_id,
        doctor_id=visit.doctor_id,
        patient_id=visit.patient_id,
        service_id=visit.service_id,
        total=rules.minor(service.price),
        created_at=change.now,
    )
    change.session.add(payment)
    await change.session.flush()
    stage(change, events.payment_recorded(payment), version=payment.version)


async def _share_anew(change: Transaction, payment: Payment) -> None:
    # Paid in advance, then booked with another doctor: the share is that of who treats the patient.
    doctor = await find(change.session, KnownDoctor, payment.doctor_id, Doctor)
    if doctor is not None:
        payment.doctor_share = rules.doctor_share(payment.paid, doctor.share_percentage)


def _receive(change: Transaction, payment: Payment, amount: int, discount: int) -> None:
    receipt = Receipt(
        id=change.mint(),
        payment_id=payment.id,
        amount=amount,
        discount=discount,
        method=payment.method,
        taken_by=change.actor,
        at=change.now,
    )
    change.session.add(receipt)


async def _locked(change: Transaction, payment_id: int, caller: Identity) -> Payment:
    clinic_id, _ = await queries.place(change.session, payment_id)
    _refuse_strangers(caller, clinic_id)
    await revision.advance(change, clinic_id)
    return await queries.locked(change.session, payment_id)


def _refuse_strangers(caller: Identity, clinic_id: int) -> None:
    if not rules.may_take_money(caller, clinic_id):
        raise Forbidden("This payment is another clinic's; ask that clinic's desk")
