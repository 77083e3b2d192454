"""HTTP in and out: tokens that are refused."""

from fastapi import APIRouter, Response

from appointment_service import events
from appointment_service.actions import tokens
from appointment_service.shapes import tokens as shapes
from chassis.command import Commanded
from chassis.reply import Reply
from chassis.service import Serving
from chassis.transaction import Transaction
from contracts.tokens import TokenRevoked

router = APIRouter(tags=["tokens"])


@router.post("/auth/revoke", status_code=201, response_model=shapes.TokensRevoked)
async def revoke(given: shapes.Revocation, command: Commanded, serving: Serving) -> Response:
    """Refuse a token, or all tokens of a subject that were issued until now."""
    revoked: list[TokenRevoked] = []

    async def change(transaction: Transaction) -> Reply:
        row = await tokens.revoke(transaction, given)
        revoked.append(events.token_revoked(row))
        return Reply(shapes.TokensRevoked(message="The token is refused", revocation=revoked[0]), 201)

    response = await command.run(change)
    for revocation in revoked:
        # Here at once; everywhere else as soon as the event arrives.
        serving.revocations.add(revocation, serving.now())
    return response
