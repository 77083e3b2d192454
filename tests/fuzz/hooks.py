"""What schemathesis checks beside its own, and what it makes days and time zones of."""

import os
from datetime import date
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.generation import GenerationMode

NOT_VALID = "Some of the input is not valid; see detail"

NOT_SAYABLE = ("working hours end after they start", "no such time zone")
"""What a JSON Schema has no words for."""

# By its own means it would look for a day of these years among those of ten thousand.
_DAYS = strategies.dates(date(2000, 1, 1), date(2100, 12, 31)).map(date.isoformat)
schemathesis.openapi.format("date", _DAYS)
schemathesis.openapi.format("date-time", _DAYS.map("{}T10:15:00Z".format))
schemathesis.openapi.format("time-zone", strategies.sampled_from(sorted(available_timezones())))


@schemathesis.check
def what_the_document_allows_is_never_called_invalid(
    ctx: CheckContext, response: Response, case: Case[Any]
) -> None:
    """The OpenAPI document says of every field what the service asks of it."""
    positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if positive and response.status_code == 422:
        answer = response.json()
        detail = answer.get("detail", "")
        if not any(told in detail for told in NOT_SAYABLE):
            assert answer["message"] != NOT_VALID, detail


@schemathesis.check
def a_refusal_says_what_to_do(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every answer of 400 and above has a message for a person."""
    if response.status_code >= 400:
        assert response.json()["message"]


DEMO = {"patient_id": 40, "clinic_id": 1, "doctor_id": 1, "service_id": 1}
"""How many of each the demo has that belong together, from 1 on."""

VISITS = os.environ.get("FUZZ_VISITS", "").split()
"""The visits of today."""

LISTS = {"GET /visits", "GET /appointments", "GET /patients", "GET /payments"}


@schemathesis.hook
def map_body(ctx: HookContext, body: Any) -> Any:
    """Name the demo's people and places more often than not: only what was done leads on."""
    if isinstance(body, dict):
        for name, count in DEMO.items():
            given = body.get(name)
            if type(given) is int and given % 8:
                body[name] = 1 + given % count
        visit = body.get("visit_id")
        if VISITS and type(visit) is int and visit % 8:
            body["visit_id"] = int(VISITS[visit % len(VISITS)])
    return body


@schemathesis.hook
def map_query(ctx: HookContext, query: Any) -> Any:
    """Ask for whole lists more often than not: an empty one leads nowhere."""
    whole = ctx.operation is not None and ctx.operation.label in LISTS and len(repr(query)) % 4
    return {} if whole and isinstance(query, dict) else query
