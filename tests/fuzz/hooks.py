"""What schemathesis checks beside its own, and what it makes days and time zones of."""

from datetime import date
from typing import Any
from zoneinfo import available_timezones

import schemathesis
from hypothesis import strategies
from schemathesis import Case, CheckContext, Response
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
