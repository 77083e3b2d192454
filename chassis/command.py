"""A command: who asks, when, and the one transaction in which it is done; asked twice, it is done once."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from sqlalchemy import bindparam, select, update

from chassis.bookkeeping import IDEMPOTENCY
from chassis.database import Database
from chassis.errors import BadInput, Unprocessable
from chassis.reply import Reply, json_response
from chassis.statement import Statement
from chassis.transaction import Transaction
from chassis.upsert import inserting
from contracts.encoding import encode
from contracts.identity import Identity

HEADERS = {b"idempotency-key": 200, b"if-match": 40}
"""What a command reads of a request's headers, in the order of its parameters, and how long each may be."""

_VERSION = r'^\s*(\*|(W/)?"*[0-9]{1,15}"*)\s*$'
"""As the document shows If-Match; what is not so is refused with an example (`_version`)."""

_C = IDEMPOTENCY.c
_IS_IT = (_C.key == bindparam("key")) & (_C.caller == bindparam("caller")) & (_C.route == bindparam("route"))
_CLAIM = Statement(
    inserting(IDEMPOTENCY, lambda insert: insert.on_conflict_do_nothing().returning(_C.key)),
    ("key", "caller", "route", "body_hash", "at"),
)
_SEEN = Statement(lambda _: select(_C.body_hash, _C.status, _C.answer).where(_IS_IT))
_REMEMBER = Statement(lambda _: update(IDEMPOTENCY).where(_IS_IT), ("status", "answer"))


@dataclass(frozen=True)
class Command:
    """What a route needs to change something: `await command.run(change)`.

    `expected_version` is what the caller has seen (If-Match), None when nothing is asked for.
    """

    caller: Identity
    now: datetime
    expected_version: int | None
    _database: Database
    _key: str | None
    _route: str
    _body_hash: str

    async def run(self, change: Callable[[Transaction], Awaitable[Reply]]) -> Response:
        """Make the change and answer after its commit; a key seen before gets the answer it got before."""
        async with self._database.transaction(self.now, self.caller.sub) as transaction:
            if self._key is None:
                return (await change(transaction)).response()
            before = await self._claim(transaction, self._key)
            if before is not None:
                return before
            reply = await change(transaction)
            await self._remember(transaction, self._key, reply)
        return reply.response()

    async def _claim(self, transaction: Transaction, key: str) -> Response | None:
        # First of all: a second request with the key waits here until the first one has committed.
        row = {**self._named(key), "body_hash": self._body_hash, "at": self.now}
        if await _CLAIM.value(transaction.session, row) is not None:
            return None
        ((body_hash, status, answer),) = await _SEEN.rows(transaction.session, self._named(key))
        if body_hash != self._body_hash:
            raise Unprocessable("This Idempotency-Key came with another body before; use a new key")
        return json_response(answer, status, {"Idempotency-Replayed": "true"})

    async def _remember(self, transaction: Transaction, key: str, reply: Reply) -> None:
        answered = {"status": reply.status, "answer": encode(reply.body)}
        await _REMEMBER.run(transaction.session, {**self._named(key), **answered})

    def _named(self, key: str) -> dict[str, object]:
        return {"key": key, "caller": self.caller.sub, "route": self._route}


async def command(
    request: Request,
    idempotency_key: Annotated[str | None, Header(max_length=HEADERS[b"idempotency-key"])] = None,
    if_match: Annotated[
        str | None, Header(max_length=HEADERS[b"if-match"], json_schema_extra={"pattern": _VERSION})
    ] = None,
) -> Command:
    """The command that a request carries; raises `BadInput` when If-Match is no version."""
    service = request.app.state.service
    # On POST only: the other methods change nothing when they are repeated.
    key = idempotency_key if request.method == "POST" else None
    return Command(
        caller=request.state.caller,
        now=service.now(),
        expected_version=_version(if_match),
        _database=service.database,
        _key=key,
        # A path is as long as its caller likes; the column is not.
        _route=f"{request.method} {request.scope['path']}"[:200],
        _body_hash="" if key is None else hashlib.sha256(await request.body()).hexdigest(),
    )


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    digits = if_match.strip().removeprefix("W/").strip('"')
    if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
        raise BadInput('If-Match is the version you have seen, as in If-Match: "3"')
    return int(digits)


Commanded = Annotated[Command, Depends(command)]
"""A route's parameter that is its command."""
