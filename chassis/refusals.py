"""How a refusal becomes an HTTP answer: JSON with a `message` that a person can act on."""

from collections.abc import Mapping

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from starlette.exceptions import HTTPException

from chassis.database import away, constraint_of
from chassis.errors import Refusal
from chassis.reply import json_response
from contracts.encoding import encode

log = structlog.get_logger()

RETRY_AFTER = "2"
"""Seconds after which a 503 or 429 is worth another try."""


def answer_refusals(app: FastAPI) -> None:
    """Map what is raised below a route to its answer, once for all routes."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(IntegrityError, _raced)
    app.add_exception_handler(Exception, _failed)


async def _refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  # the registration above says so
    headers = {"Retry-After": RETRY_AFTER} if error.status in (429, 503) else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return json_response(_body(error.message, error.detail, error.current), error.status, headers)


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    faults = []
    for fault in error.errors():
        # Never the input itself: it may be a person's.
        where = ".".join(str(part) for part in fault["loc"] if part != "body")
        faults.append(f"{where}: {fault['msg']}" if where else fault["msg"])
    return json_response(_body("Some of the input is not valid; see detail", "; ".join(faults)), 422)


async def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    message = {
        404: "There is nothing at this address",
        405: "This address does not take this method",
        400: "The body is not valid JSON",
    }.get(error.status_code, str(error.detail))
    return json_response(_body(message), error.status_code, error.headers)


async def _raced(_: Request, error: Exception) -> Response:
    assert isinstance(error, IntegrityError)  # noqa: S101
    log.info("change_raced", constraint=constraint_of(error))
    return json_response(
        _body("Somebody else changed this at the same moment; look again and repeat if needed"), 409
    )


async def _failed(request: Request, error: Exception) -> Response:
    if away(error):
        log.warning("database_away", reason=str(error)[:200])
        message = "The database does not answer right now; try again in a moment"
        return json_response(_body(message), 503, {"Retry-After": RETRY_AFTER})
    route = getattr(request.scope.get("route"), "path", "unknown")
    log.error("request_failed", method=request.method, route=route, exc_info=error)
    return json_response(_body("Something went wrong here; nothing was changed"), 500)


def _body(message: str, detail: str | None = None, current: Mapping[str, BaseModel] | None = None) -> bytes:
    body: dict[str, object] = {"message": _sendable(message)}
    if detail:
        body["detail"] = _sendable(detail)
    for name, shape in (current or {}).items():
        body[name] = orjson.Fragment(encode(shape))
    return orjson.dumps(body)


def _sendable(text: str) -> str:
    # A field's name as it was sent may hold half a character (a lone surrogate), which JSON can't.
    return text.encode("utf-8", "replace").decode()
