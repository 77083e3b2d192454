"""Words that people type: bounded, trimmed, and without the characters that databases refuse."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints


def _printable(text: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t\r" for character in text):
        raise ValueError("control characters are not allowed")
    return text


def _nothing_is_none(given: object) -> object:
    # A form's empty field means that there is nothing.
    return None if isinstance(given, str) and not given.strip() else given


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
]
"""A name, a reason: one line, never empty."""

OptionalLine = Annotated[Line | None, BeforeValidator(_nothing_is_none)]
"""A line that may be left out; an empty one counts as left out."""

OptionalText = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000), AfterValidator(_printable)]
    | None,
    BeforeValidator(_nothing_is_none),
]
"""Notes of any sensible length; empty counts as left out."""

Phone = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^\+?[0-9]{5,20}$")]
"""A phone number: an optional +, then 5 to 20 digits; no national plan."""
