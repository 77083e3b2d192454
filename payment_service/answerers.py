"""What payment_service answers to other services: the rest keep what payment_recorded tells."""

from chassis.errors import BadInput
from chassis.questions import Answerers
from chassis.service import Service
from contracts.questions import AskPaymentDeeds, PaymentDeeds
from payment_service import queries


def answerers(service: Service) -> Answerers:
    """The answers of this running service."""

    async def payment_deeds(question: AskPaymentDeeds) -> PaymentDeeds:
        if (question.payment_id is None) == (question.visit_id is None):
            raise BadInput("Name the payment or the visit")
        async with service.database.reading() as session:
            return await queries.deeds_of(session, question.payment_id, question.visit_id)

    return {AskPaymentDeeds: payment_deeds}
