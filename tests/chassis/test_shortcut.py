"""The short way to a route: whatever is asked, the answer is the long way's, word for word."""

import asyncio
import dataclasses
import json
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from itertools import product
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Query, Response
from fastapi import Path as InPath
from starlette.types import Message

from chassis.access import Caller
from chassis.command import Commanded
from chassis.envelope import BODY_LIMIT
from chassis.errors import Conflict
from chassis.forms import Amount, Request
from chassis.service import Parts, Service, Serving
from chassis.settings import Settings
from chassis.shortcut import Shortcut
from chassis.texts import Line
from contracts.identity import STAFF, Reach, Role, everyone
from contracts.permissions import SERVICES
from contracts.shapes import Id
from tests.builders import NOW
from tests.chassis.conftest import Logged
from tests.chassis.notebook import PARTS
from tests.chassis.stream import LIMIT
from tests.parts import SECRET, client, token

LONG_WAY = {"POST /appointments/current/complete", "DELETE /appointments/{appointment_id}"}
"""The only changes that take something else: a body that may be absent."""


class Asked(Request):
    """A body with something of each kind."""

    number: Id
    text: Line
    amount: Amount | None = None


router = APIRouter()


def told(**given: object) -> Response:
    return Response(json.dumps({name: repr(value) for name, value in given.items()}))


@router.post("/echo/{number}", status_code=201)
async def echo(
    number: Annotated[Id, InPath()], given: Asked, command: Commanded, caller: Caller, serving: Serving
) -> Response:
    """Tell what was given."""
    return told(number=number, given=given, command=_shown(command), caller=caller, serving=serving.name)


@router.put("/echo")
async def without_body(command: Commanded) -> Response:
    """Tell what the command is."""
    return told(command=_shown(command))


@router.post("/echo")
async def refusing(given: Asked) -> Response:
    """Refuse, or fail, as is asked for."""
    if given.number == 1:
        raise Conflict("Not from this state", "number")
    raise RuntimeError("a secret of the inside")


@router.get("/echo")
async def looked_for(text: Annotated[Line, Query()]) -> Response:
    """Tell what was looked for."""
    return told(text=text)


def _shown(command: Commanded) -> dict[str, object]:
    return {name: value for name, value in vars(command).items() if name != "_database"}


ECHO = dataclasses.replace(
    PARTS,
    router=router,
    access={
        route: everyone(STAFF, Reach.ALL)
        for route in ("POST /echo/{number}", "PUT /echo", "POST /echo", "GET /echo")
    },
)
USUAL = b'{"number": 5, "text": "milk"}'
JSON = "application/json"
SAID = {"Content-Type": JSON}
TOKENS = {
    "a receptionist": token(Role.RECEPTIONIST, now=NOW, jti="one"),
    "a screen": token(Role.DISPLAY, now=NOW, jti="two"),
    "forged": token(Role.ADMIN, now=NOW)[:-2],
    "nobody": None,
}
BODIES = {
    "usual": USUAL,
    "more than is read": b'{"number": 5, "text": "milk", "more": [1]}',
    "numbers as texts": b'{"number": "5", "text": "milk", "amount": "20.50"}',
    "a number with a point": b'{"number": 5.0, "text": "milk", "amount": 20.5}',
    "the same name twice": b'{"number": 6, "text": "milk", "number": 5}',
    "a byte order mark": b"\xef\xbb\xbf" + USUAL,
    "another encoding": USUAL.decode().encode("utf-16"),
    "half a character": b'{"number": 5, "text": "\\ud800"}',
    "broken bytes": b'{"number": 5, "text": "\xff"}',
    "true is no number": b'{"number": true, "text": "milk"}',
    "too large a number": b'{"number": 123456789012345678901234567890, "text": "milk"}',
    "too large an amount": b'{"number": 5, "text": "milk", "amount": 123456789012345678901234567890}',
    "no number at all": b'{"number": NaN, "text": "milk"}',
    "nothing in it": b"{}",
    "no body": b"",
    "null": b"null",
    "a list": b"[" + USUAL + b"]",
    "a text": b'"milk"',
    "not JSON": b"{number: 5}",
    "half of it": USUAL[:-3],
    "too deep": b'{"number": ' + b"[" * 2000 + b"]" * 2000 + b"}",
}
KINDS = (JSON, f"{JSON}; charset=utf-8", "Application/JSON", "application/ours+json", "text/plain", "", None)
NUMBERS = (
    "7",
    "0",
    "-1",
    "x",
    "7.0",
    "7%20",
    "%37",
    str(2**53),
    "7" * 400,
    "\N{ARABIC-INDIC DIGIT SEVEN}",
    "",
)


def built(**settings: float) -> Service:
    given = {"requests_at_once": 100_000, **settings}
    made = Settings.model_validate({"database_url": "sqlite:///never-opened", "jwt_secret": SECRET} | given)
    return Service(made, ECHO, lambda: NOW)


@pytest.fixture(scope="module")
def short() -> Service:
    return built()


@pytest.fixture(scope="module")
def long() -> Service:
    """The same, with the framework's way alone."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Shortcut, "to", lambda route: None)
        return built()


async def answered(service: Service, method: str, path: str, bearer: str | None, **asked: Any) -> Any:
    async with client(service, bearer) as http, asyncio.timeout(LIMIT):
        answer = await http.request(method, path, **asked)
    return answer.status_code, sorted(answer.headers.multi_items()), answer.content


def test_every_change_has_a_short_way_but_those_that_take_something_else() -> None:
    long_way = set()
    for process in SERVICES:
        parts: Parts = import_module(f"{process}_service.main").PARTS
        long_way |= {
            f"{method} {route.path}"
            for route in parts.admitted
            for method in route.methods or ()
            if method != "GET" and Shortcut.to(route) is None
        }
    assert long_way == LONG_WAY


def test_a_route_with_anything_else_has_none() -> None:
    found = {next(iter(route.methods or ())): Shortcut.to(route) for route in ECHO.admitted}
    assert found["GET"] is None
    assert None not in (found["POST"], found["PUT"])
    for route in router.routes:
        # Not behind the admission.
        assert Shortcut.to(route) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("body", BODIES)
async def test_a_body_is_answered_alike(short: Service, long: Service, body: str) -> None:
    for bearer, kind in product(TOKENS.values(), KINDS):
        asked = {"content": BODIES[body], "headers": {} if kind is None else {"Content-Type": kind}}
        ways = [await answered(way, "POST", "/api/echo/7", bearer, **asked) for way in (short, long)]
        assert ways[0] == ways[1], (kind, ways)
        if bearer != TOKENS["a receptionist"]:
            assert ways[0][0] in (400, 401, 403, 422)
    if body == "usual":
        status, _, said = await answered(
            short, "POST", "/echo/7", TOKENS["a receptionist"], content=USUAL, headers=SAID
        )
        assert (status, json.loads(said)["number"]) == (200, "7")


@pytest.mark.parametrize("number", NUMBERS)
async def test_an_address_is_answered_alike(short: Service, long: Service, number: str) -> None:
    for bearer, body in product(TOKENS.values(), (USUAL, b"{}")):
        asked = {"content": body, "headers": SAID}
        ways = [await answered(way, "POST", f"/echo/{number}", bearer, **asked) for way in (short, long)]
        assert ways[0] == ways[1]


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize("key", [None, "", "k", "k" * 200, "k" * 201])
@pytest.mark.parametrize("match", [None, "", "*", '"3"', "W/3", '"x"', "3" * 16, " " * 30 + "3" * 12])
async def test_a_header_is_answered_alike(
    short: Service, long: Service, method: str, key: str | None, match: str | None
) -> None:
    given = {"Content-Type": JSON, "Idempotency-Key": key, "If-Match": match}
    headers = [(name, value) for name, value in given.items() if value is not None]
    path = "/echo/7" if method == "POST" else "/echo"
    twice: tuple[list[tuple[str, str]], ...] = ([], [("Idempotency-Key", "second"), ("If-Match", "9")])
    for bearer, body, more in product((TOKENS["a receptionist"], None), (USUAL, b"{}"), twice):
        asked = {"content": body, "headers": [*headers, *more]}
        ways = [await answered(way, method, path, bearer, **asked) for way in (short, long)]
        assert ways[0] == ways[1]


@pytest.mark.parametrize("size", [10, BODY_LIMIT, BODY_LIMIT + 1])
@pytest.mark.parametrize("in_pieces", [True, False])
async def test_a_body_of_any_size_is_answered_alike(
    short: Service, long: Service, size: int, in_pieces: bool, logged: Logged
) -> None:
    body = USUAL + b" " * (size - len(USUAL))

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1 << 18):
            yield body[start : start + (1 << 18)]

    ways = []
    for way in (short, long):
        content = pieces() if in_pieces else body
        ways.append(
            await answered(
                way,
                "POST",
                "/echo/7",
                TOKENS["a receptionist"],
                content=content,
                headers=SAID,
            )
        )
    assert ways[0] == ways[1]
    assert ways[0][0] == (413 if len(body) > BODY_LIMIT else 200)
    assert not logged.entries


@pytest.mark.parametrize("number", [1, 2])
async def test_what_a_route_raises_is_answered_and_logged_alike(
    short: Service, long: Service, number: int, logged: Logged
) -> None:
    asked = {"json": {"number": number, "text": "milk"}}
    ways = [await answered(way, "POST", "/echo", TOKENS["a receptionist"], **asked) for way in (short, long)]
    assert ways[0] == ways[1]
    assert ways[0][0] == {1: 409, 2: 500}[number]
    told = [{**entry, "exc_info": repr(entry["exc_info"])} for entry in logged.entries]
    assert told == [told[0], told[0]] if number == 2 else not told


async def test_whoever_goes_away_amid_a_body_is_no_failure(
    short: Service, long: Service, logged: Logged
) -> None:
    for way in (short, long):
        said: list[Message] = []
        comes = iter([{"type": "http.request", "body": USUAL[:4], "more_body": True}])

        async def receive(comes: Iterator[Message] = comes) -> Message:
            return next(comes, {"type": "http.disconnect"})

        async def send(message: Message, said: list[Message] = said) -> None:
            said.append(message)

        headers = [(b"content-type", b"application/json"), (b"content-length", b"29")]
        scope = {"type": "http", "method": "POST", "path": "/echo/7", "headers": headers, "query_string": b""}
        await way.app(scope, receive, send)
        assert said[0]["status"] == 400
    assert not logged.entries


@pytest.mark.parametrize("body", [USUAL, b"{}"])
async def test_a_request_counts_once_whichever_way_it_goes(body: bytes) -> None:
    service = built(requests_at_once=2, requests_per_second=0.001)
    answers = [
        await answered(service, "POST", "/echo/7", TOKENS["a receptionist"], content=body, headers=SAID)
        for _ in range(3)
    ]
    assert [status for status, _, _ in answers] == [200 if body == USUAL else 422] * 2 + [429]
