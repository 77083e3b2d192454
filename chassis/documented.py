"""What the OpenAPI document says of every route alike: the bearer, and how a request is refused."""

from typing import Any

from fastapi.security import HTTPBearer
from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """Why a request was not done."""

    # What is true now comes beside it where that helps: the visit as it is.
    model_config = ConfigDict(extra="allow")

    message: str = Field(description="what is wrong, and what to do next")
    detail: str | None = Field(default=None, description="the field at fault")


BEARER = HTTPBearer(auto_error=False, description="The issuer's token; `chassis.access` looks at it.")
"""Tells the reader of the document; whoever comes without one is refused elsewhere."""

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in {
        400: "The request is at fault",
        401: "No valid token",
        403: "Not yours",
        404: "There is no such thing",
        409: "Not from this state, or somebody else was faster",
        412: "Changed since the version in If-Match",
        413: "Too large",
        422: "Some of the input is not valid, or contradicts itself",
        429: "Too often; try again after Retry-After",
        503: "Something this needs is away; try again after Retry-After",
    }.items()
}
"""The answers that any route may give instead of its own."""

NOT_CHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "As it was: If-None-Match is its ETag"}}
"""Of a route whose answer has an ETag."""
