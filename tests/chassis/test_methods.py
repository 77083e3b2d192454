"""A wrong method is said to be one; and what a form may hold."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import httpx
import pytest
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from chassis.forms import Amount, AsWritten
from chassis.forms import Request as Body
from chassis.methods import Methods

ROUTES = ("GET /visits", "POST /visits", "POST /visits/check-in", "GET /visits/{id}", "PUT /visits/{id}")


async def reached(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.method)


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("DELETE /visits", "GET, POST"),
        ("GET /visits/check-in", "POST"),
        ("POST /visits/7", "GET, PUT"),
        ("POST /visits/7/", None),
        ("GET /visits/7", None),
        ("POST /visits/check-in", None),
        ("PATCH /elsewhere", None),
    ],
)
async def test_every_method_that_an_address_takes_is_named(asked: str, allowed: str | None) -> None:
    within = Starlette(routes=[Route("/{rest:path}", reached, methods=["GET", "POST", "PUT", "PATCH"])])
    transport = httpx.ASGITransport(Methods(within, ROUTES))
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic") as client:
        method, path = asked.split()
        answer = await client.request(method, path)
    if allowed is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert answer.json()["message"]


@pytest.mark.parametrize("given", ["0", "1700000000", 0, 1.5, "-1", "today", ""])
def test_a_number_is_no_day(given: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Annotated[date, AsWritten]).validate_python(given)


def test_a_day_is_as_it_is_written() -> None:
    assert TypeAdapter(Annotated[date, AsWritten]).validate_python("2026-03-02") == date(2026, 3, 2)
    assert TypeAdapter(Amount).validate_python("20.50") == Decimal("20.50")


class Form(Body):
    """A number and a switch."""

    visit_id: int
    is_active: bool = True


def test_true_is_no_number() -> None:
    with pytest.raises(ValidationError, match="visit_id is neither true nor false"):
        Form.model_validate({"visit_id": True})
    assert Form.model_validate({"visit_id": "5", "is_active": False, "more": True}).visit_id == 5
