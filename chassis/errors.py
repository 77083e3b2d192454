"""Refusals: what a person may have done wrong, what is so instead, and what to do next.

Raised anywhere below a route, mapped to an HTTP answer (or a micro error) once, in `chassis.service`.
"""

from typing import ClassVar

from pydantic import BaseModel


class Refusal(Exception):
    """A request that is understood and not done; `current` names what is true now, added to the answer."""

    status: ClassVar[int] = 400

    def __init__(self, message: str, detail: str | None = None, **current: BaseModel) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.current = current


class BadInput(Refusal):
    """The request itself is at fault."""


class Unauthenticated(Refusal):
    """No valid token came with the request."""

    status = 401


class Forbidden(Refusal):
    """The caller may not do this."""

    status = 403


class NotFound(Refusal):
    """There is no such thing."""

    status = 404


class Conflict(Refusal):
    """Not from this state."""

    status = 409


class Stale(Refusal):
    """The caller has seen an older version."""

    status = 412


class Unprocessable(Refusal):
    """Well-formed, but it contradicts itself or an earlier request."""

    status = 422


class TooMany(Refusal):
    """More than one caller may ask at a time; the same request goes through in a moment (Retry-After)."""

    status = 429


class Unavailable(Refusal):
    """Something this needs is away; the same request may go through in a moment (Retry-After)."""

    status = 503


def of_status(status: int, message: str) -> Refusal:
    """The refusal that another process answered with, as our own."""
    for kind in Refusal.__subclasses__():
        if kind.status == status:
            return kind(message)
    return Refusal(message)
