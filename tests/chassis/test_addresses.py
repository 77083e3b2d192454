"""Each request at its route, a wrong method said to be one; and what a form may hold."""

import re
from datetime import date
from decimal import Decimal
from importlib import import_module
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Match, Route

from chassis.addresses import Addresses
from chassis.forms import Amount, AsWritten
from chassis.forms import Request as Body
from chassis.http import admitted
from chassis.service import Parts
from contracts.event import Process
from contracts.permissions import SERVICES

ROUTES = (
    "GET /visits",
    "POST /visits",
    "GET /visits/{id}",
    "PUT /visits/{visit_id}",
    "POST /visits/check-in",
    "GET /visits/{id}/call",
    "PUT /visits/{visit_id}/call",
)


async def reached(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"{request.method} {request.scope['route'].path}")


async def elsewhere(request: Request) -> PlainTextResponse:
    return PlainTextResponse("elsewhere")


def clinic() -> FastAPI:
    """An app with these addresses, and a route of the framework's own for everything else."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)
    routes = [APIRoute(path, reached, methods=[method]) for method, path in map(str.split, ROUTES)]
    app.router.routes[:] = [
        Addresses(routes),
        Route("/{rest:path}", elsewhere, methods=["GET", "POST", "PATCH"]),
    ]
    return app


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("DELETE /visits", "GET, POST"),
        ("HEAD /visits", "GET, POST"),
        ("GET /visits/check-in", "POST"),
        ("POST /visits/7", "GET, PUT"),
        ("POST /visits/7/call", "GET, PUT"),
    ],
)
async def test_every_method_that_an_address_takes_is_named(asked: str, allowed: str) -> None:
    answer = await answered(asked)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert asked.startswith("HEAD") or answer.json()["message"]


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ("GET /visits", "GET /visits"),
        ("POST /visits", "POST /visits"),
        ("POST /visits/check-in", "POST /visits/check-in"),
        ("GET /visits/7", "GET /visits/{id}"),
        ("PUT /visits/7", "PUT /visits/{visit_id}"),
        ("GET /visits/7/call", "GET /visits/{id}/call"),
        ("PUT /visits/7/call", "PUT /visits/{visit_id}/call"),
        ("POST /visits/7/", "elsewhere"),
        ("POST /visits//call", "elsewhere"),
        ("PATCH /elsewhere", "elsewhere"),
    ],
)
async def test_a_request_reaches_the_route_of_its_address(asked: str, by: str) -> None:
    assert (await answered(asked)).text == by


async def answered(asked: str) -> httpx.Response:
    method, path = asked.split()
    transport = httpx.ASGITransport(clinic())
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic") as client:
        return await client.request(method, path)


@pytest.mark.parametrize("process", SERVICES)
def test_every_route_of_a_service_is_found_where_the_framework_would_find_it(process: Process) -> None:
    parts: Parts = import_module(f"{process}_service.main").PARTS
    addresses = Addresses(parts.admitted)
    for line in parts.access:
        method, path = line.split()
        scope = {"type": "http", "method": method, "path": re.sub(r"\{[^}]*\}", "7", path)}
        _, found = addresses.matches(scope)
        tried = (route.matches(scope) for route in parts.admitted)
        assert found == next(child for match, child in tried if match is Match.FULL)
        assert found["route"].path == path


def test_what_is_said_of_a_route_is_said_of_it_behind_the_admission() -> None:
    within, router = APIRouter(tags=["visits"]), APIRouter()
    said: dict[str, Any] = {
        "summary": "All",
        "deprecated": True,
        "operation_id": "all",
        "openapi_extra": {"x-ours": 1},
    }
    within.add_api_route("/visits", reached, methods=["GET", "POST"], status_code=202, **said)
    router.include_router(within)
    [route] = admitted(router)
    assert {name: getattr(route, name) for name in said} == said
    assert (route.methods, route.status_code, route.tags) == ({"GET", "POST"}, 202, ["visits"])
    assert 401 in route.responses


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
