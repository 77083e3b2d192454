"""Who did what to a visit or a payment, and when."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, Response

from chassis.access import Caller
from chassis.audit import deeds
from chassis.errors import NotFound, Unprocessable
from chassis.reply import Reply
from chassis.service import Service, Serving
from contracts.audit import Deed
from contracts.questions import AppointmentDeeds, AskAppointmentDeeds, AskPaymentDeeds, PaymentDeeds
from contracts.shapes import Id
from queue_service import known, shapes
from queue_service.routes.reading import check_clinic
from queue_service.tables import Visit

router = APIRouter(tags=["audit"])


@router.get("/audit", response_model=shapes.Audit)
async def audit(
    serving: Serving,
    caller: Caller,
    visit_id: Annotated[Id | None, Query()] = None,
    payment_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """Who did what to a visit, with its appointment and its payment, or to a payment alone; oldest first."""
    if (visit_id is None) == (payment_id is None):
        raise Unprocessable("Give visit_id or payment_id")
    if visit_id is not None:
        row = await known.visit(serving, visit_id=visit_id)
        check_clinic(caller, row.clinic_id)
        done = await _of_visit(serving, row)
    else:
        # Asked of their owners in the moment: nobody else keeps what they did, and it is rarely wanted.
        payment = await serving.ask(AskPaymentDeeds(payment_id=payment_id), PaymentDeeds)
        check_clinic(caller, payment.clinic_id)
        done = payment.deeds
    ordered = tuple(sorted(done, key=lambda deed: (deed.at, deed.id)))
    return Reply(shapes.Audit(visit_id=visit_id, payment_id=payment_id, deeds=ordered)).response()


async def _of_visit(serving: Service, row: Visit) -> tuple[Deed, ...]:
    async with serving.database.reading() as session:
        done = await deeds(session, f"visit_{row.id}")
    if row.appointment_id is not None:
        booked = AskAppointmentDeeds(appointment_id=row.appointment_id)
        done += (await serving.ask(booked, AppointmentDeeds)).deeds
    with suppress(NotFound):  # a payment comes to be a moment after the visit
        done += (await serving.ask(AskPaymentDeeds(visit_id=row.id), PaymentDeeds)).deeds
    return done
