"""What the bodies of every route are made of."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from chassis.forms import AsWritten, day_of_years
from contracts.event import Shape

YEARS = range(2000, 2101)
"""Years that a clinic can mean; beyond them a time zone's arithmetic overflows."""


def _of_our_time(given: date) -> date:
    if given.year not in YEARS:
        raise ValueError(f"the year must be between {YEARS[0]} and {YEARS[-1]}")
    return given


_YEARS = r"20\d\d|2100"
"""`YEARS`, as the OpenAPI document says them."""

Day = Annotated[date, AsWritten, AfterValidator(_of_our_time), day_of_years(_YEARS)]
"""A clinic's own day."""

When = Annotated[
    datetime,
    AsWritten,
    AfterValidator(_of_our_time),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": f"^({_YEARS})-"}),
]
"""A time, ISO 8601; without an offset it is the clinic's local time."""


class Done(Shape):
    """What a deletion answers."""

    message: str
