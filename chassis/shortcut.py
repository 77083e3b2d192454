"""The short way of a usual request to its route, past what FastAPI works out anew for each.

That is what the route takes, in a round for each dependency: most of what HTTP cost a change. For a route
that takes a body, ids of its address, its command, the service or the caller, it is worked out once. Nothing
is refused here but by what FastAPI would call too: a request that is not as usual (a value is not valid, or
the body not said to be JSON) goes the long way with all it has, and is answered there.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

import orjson
from fastapi import Request, Response
from fastapi.params import Depends, Path
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from chassis import access
from chassis.command import HEADERS, command
from chassis.documented import BEARER

Headers = Mapping[bytes, bytes]


class Shortcut:
    """The short way to one route."""

    def __init__(self, route: APIRoute, takes: "Takes") -> None:
        self._route = route
        self._takes = takes

    @classmethod
    def to(cls, route: APIRoute) -> "Shortcut | None":
        """The short way to this route, None when it takes or answers what only FastAPI knows about."""
        admitted = [depends.dependency for depends in route.dependencies] == [BEARER, access.admit]
        endpoint = inspect.signature(route.endpoint, eval_str=True)
        answers = inspect.iscoroutinefunction(route.endpoint) and endpoint.return_annotation is Response
        takes = Takes.of(endpoint) if admitted and answers else None
        if takes is None or takes.ids.keys() != route.param_convertors.keys():
            return None
        return cls(route, takes)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route, or by the long way to it."""
        takes, request = self._takes, Request(scope, receive)
        # The first of several, as FastAPI reads them.
        headers: Headers = dict(reversed(scope["headers"]))
        body = b""
        if takes.body and _is_json(headers):
            body = await _read(request)
            receive = _again(body, receive)
        given = takes.valid(scope["path_params"], body)
        if given is None or not _usual(headers):
            await self._route.handle(scope, receive, send)
            return
        await access.admit(request)
        for name, dependency in takes.dependencies.items():
            given[name] = await dependency(request)
        if takes.command:
            given[takes.command] = await command(request, *(_text(headers.get(name)) for name in HEADERS))
        response = await self._route.endpoint(**given)
        await response(scope, receive, send)


@dataclass(frozen=True)
class Takes:
    """What a route's parameters are made of, by their names."""

    body: tuple[str, type[BaseModel]] | None
    ids: Mapping[str, TypeAdapter[Any]]
    command: str | None
    dependencies: Mapping[str, Callable[[Request], Awaitable[Any]]]

    @classmethod
    def of(cls, endpoint: inspect.Signature) -> "Takes | None":
        """What it takes, None when that is not all known here."""
        commands: list[str] = []
        bodies: list[tuple[str, type[BaseModel]]] = []
        ids: dict[str, TypeAdapter[Any]] = {}
        dependencies: dict[str, Callable[[Request], Awaitable[Any]]] = {}
        for name, parameter in endpoint.parameters.items():
            kind, *more = _parts(parameter.annotation)
            match more:
                case [] if inspect.isclass(kind) and issubclass(kind, BaseModel):
                    bodies.append((name, kind))
                case [*_, Path()]:
                    ids[name] = TypeAdapter(parameter.annotation)
                case [Depends(dependency=made)] if made is command:
                    commands.append(name)
                case [Depends(dependency=made)] if made is not None and _is_of_request(made):
                    dependencies[name] = made
                case _:
                    return None
            if parameter.default is not parameter.empty:
                return None
        if len(bodies) > 1 or len(commands) > 1:
            return None
        return cls(next(iter(bodies), None), ids, next(iter(commands), None), dependencies)

    def valid(self, ids: Mapping[str, str], body: bytes) -> dict[str, Any] | None:
        """What of it is valid in itself, whoever wants it; None when something is not."""
        try:
            given = {name: kind.validate_python(ids[name]) for name, kind in self.ids.items()}
            if self.body:
                name, shape = self.body
                given[name] = shape.model_validate(orjson.loads(body))
        except (ValidationError, orjson.JSONDecodeError):
            return None
        return given


def _parts(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) is Annotated else (annotation,)


def _is_of_request(dependency: Callable[..., Any]) -> bool:
    takes = inspect.signature(dependency, eval_str=True).parameters.values()
    return inspect.iscoroutinefunction(dependency) and [one.annotation for one in takes] == [Request]


def _is_json(headers: Headers) -> bool:
    said = headers.get(b"content-type", b"")
    return said == b"application/json" or said.startswith(b"application/json;")


def _usual(headers: Headers) -> bool:
    return all(len(headers.get(name, b"")) <= limit for name, limit in HEADERS.items())


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")


async def _read(request: Request) -> bytes:
    try:
        return await request.body()
    except Exception as error:
        # As FastAPI says it of a body that broke off.
        raise HTTPException(400, "There was an error parsing the body") from error


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once more, and then what comes."""
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
