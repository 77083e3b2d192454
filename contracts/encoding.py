"""How payloads and answers become JSON: amounts with their two decimals, times with their offset."""

from decimal import Decimal

import orjson
from pydantic import BaseModel


def encode(payload: BaseModel) -> bytes:
    """The JSON of a payload or an answer; unset optional fields that are declared stay in it."""
    return orjson.dumps(payload.model_dump(exclude_unset=False), default=_encode_other)


def _encode_other(value: object) -> orjson.Fragment | list[int]:
    if isinstance(value, Decimal):
        # A number, not a string and never a float: 200.00 stays 200.00.
        return orjson.Fragment(f"{value:.2f}".encode())
    if isinstance(value, frozenset):
        # A caller's clinics.
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is not JSON")
