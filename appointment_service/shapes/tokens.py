"""What comes in and goes out: tokens that are refused."""

from typing import Self

from pydantic import ConfigDict, model_validator

from appointment_service.shapes.basics import When
from chassis.forms import Request
from chassis.texts import Line
from contracts.event import Shape
from contracts.tokens import TokenRevoked


class Revocation(Request):
    """POST /auth/revoke: a token (`jti`) or all tokens of a subject until now (`sub`)."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": [name], "properties": {name: {"type": "string"}}} for name in ("jti", "sub")
            ]
        }
    )

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
