"""What comes in and goes out: tokens that are refused."""

from typing import Self

from pydantic import model_validator

from appointment_service.shapes.basics import Request, When
from chassis.texts import Line
from contracts.event import Shape
from contracts.tokens import TokenRevoked


class Revocation(Request):
    """POST /auth/revoke: a token (`jti`) or all tokens of a subject until now (`sub`)."""

    jti: Line | None = None
    sub: Line | None = None
    expires_at: When | None = None

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.jti is None) == (self.sub is None):
            raise ValueError("name either jti or sub")
        return self


class TokensRevoked(Shape):
    """POST /auth/revoke."""

    message: str
    revocation: TokenRevoked
