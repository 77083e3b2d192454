"""What the bodies of every route are made of."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from contracts.event import Shape

YEARS = range(2000, 2101)
"""Years that a clinic can mean; beyond them a time zone's arithmetic overflows."""


class Request(BaseModel):
    """A body as the clients in the field send it; they send more than is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def _of_our_time(given: date) -> date:
    if given.year not in YEARS:
        raise ValueError(f"the year must be between {YEARS[0]} and {YEARS[-1]}")
    return given


Day = Annotated[date, AfterValidator(_of_our_time)]
"""A clinic's own day."""

When = Annotated[datetime, AfterValidator(_of_our_time)]
"""A time, ISO 8601; without an offset it is the clinic's local time."""


class Done(Shape):
    """What a deletion answers."""

    message: str
