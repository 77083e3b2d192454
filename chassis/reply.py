"""What a route answers: a typed body, encoded once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fastapi import Response
from pydantic import BaseModel

from contracts.encoding import encode


@dataclass(frozen=True)
class Reply:
    """An answer in the making: its body, its status, its headers."""

    body: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """As it goes out."""
        return json_response(encode(self.body), self.status, self.headers)


def json_response(body: bytes, status: int, headers: Mapping[str, str] | None = None) -> Response:
    """An answer whose body is JSON already."""
    return Response(body, status, headers or None, media_type="application/json")
