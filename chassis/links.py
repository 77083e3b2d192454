"""Where an answer leads, in the OpenAPI document: what it names is what other routes ask for."""

from collections.abc import Mapping
from typing import Any

Link = dict[str, Any]


def to(route: str, *, body: dict[str, str] | None = None, **parameters: str) -> Link:
    """A link to a route, as in "PUT /payments/{payment_id}/process".

    Each value is where it is found in the answer, as in "payment/id".
    """
    method, _, path = route.partition(" ")
    link: Link = {"operationRef": f"#/paths/{path.replace('/', '~1')}/{method.lower()}"}
    if parameters:
        link["parameters"] = {name: _found(place) for name, place in parameters.items()}
    if body is not None:
        link["requestBody"] = {name: _found(place) for name, place in body.items()}
    return link


def leads(links: Mapping[str, Link], status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route whose answer of this status has these links."""
    return {status: {"links": dict(links)}}


def _found(place: str) -> str:
    return f"$response.body#/{place}"
