"""What comes in as a form's fields: numbers, days and amounts, and how the OpenAPI document says it."""

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StrictBool, WithJsonSchema, model_validator

from contracts.shapes import Money


class Request(BaseModel):
    """A body as the clients in the field send it; they send more than is read here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _no_switches(cls, given: Any) -> Any:
        # Texts of numbers are let through, as forms send them; but `true` is not visit 1.
        for name, value in given.items() if isinstance(given, dict) else ():
            field = cls.model_fields.get(name)
            if field is not None and isinstance(value, bool) and field.annotation is not bool:
                raise ValueError(f"{name} is neither true nor false; see the document")
        return given


_DAY = re.compile(r"\d{4}-")


def _no_stamp(given: object) -> object:
    # Seconds since 1970 would be taken for a day, "0" for the first of them.
    if isinstance(given, int | float) or (isinstance(given, str) and not _DAY.match(given.strip())):
        raise ValueError("write it as in 2026-03-02")
    return given


AsWritten = BeforeValidator(_no_stamp)
"""Of a day or a time: a number is none."""

Switch = StrictBool
"""True or false; 0 is not false."""

AMOUNT: dict[str, Any] = {
    "anyOf": [
        {"type": "number", "minimum": 0, "maximum": 9_999_999_999, "multipleOf": 0.01},
        {"type": "string", "pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"},
    ]
}
"""How the document says an amount."""

Amount = Annotated[Money, WithJsonSchema(AMOUNT)]
"""An amount that comes in: a number, or the text of one."""


def or_empty(schema: dict[str, Any]) -> WithJsonSchema:
    """Of a field that a form may send empty: this, nothing, or null."""
    return WithJsonSchema({"anyOf": [schema, {"const": ""}, {"type": "null"}]})


def day_of_years(years: str) -> WithJsonSchema:
    """Of a day whose year is like this regular expression."""
    return WithJsonSchema(day_schema(years))


def day_schema(years: str) -> dict[str, Any]:
    """How the document says it."""
    return {"type": "string", "format": "date", "pattern": f"^({years})-"}
