"""Words that people type: bounded, trimmed, and without the characters that databases refuse."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema


def _printable(text: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t\r" for character in text):
        raise ValueError("control characters are not allowed")
    return text


def _nothing_is_none(given: object) -> object:
    # A form's empty field means that there is nothing.
    return None if isinstance(given, str) and not given.strip() else given


# The same for who reads the OpenAPI document: anything but control characters, and something to see among it.
_FREE = r"[^\x00-\x08\x0b\x0c\x0e-\x1f]*"
_SEEN = r"[^\x00-\x20\s]"


def _required(shortest: int, longest: int) -> WithJsonSchema:
    pattern = f"^{_FREE}{shortest * (_SEEN + _FREE)}$"
    return WithJsonSchema({"type": "string", "minLength": shortest, "maxLength": longest, "pattern": pattern})


def _optional(longest: int) -> WithJsonSchema:
    text = {"type": "string", "maxLength": longest, "pattern": f"^{_FREE}$"}
    return WithJsonSchema({"anyOf": [text, {"type": "null"}]})


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
    _required(1, 200),
]
"""A name, a reason: one line, never empty."""

SearchWords = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=2, max_length=100),
    AfterValidator(_printable),
    _required(2, 100),
]
"""What is looked for: two letters or more."""

OptionalLine = Annotated[Line | None, BeforeValidator(_nothing_is_none), _optional(200)]
"""A line that may be left out; an empty one counts as left out."""

OptionalText = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_printable)]
    | None,
    BeforeValidator(_nothing_is_none),
    _optional(20_000),
]
"""Notes of any sensible length; empty counts as left out."""

Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9]{5,20}$")]
"""A phone number: an optional +, then 5 to 20 digits; no national plan."""
