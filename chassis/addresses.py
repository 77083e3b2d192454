"""Every address of a service, found at once; a wrong method is said to be one, with those that are right."""

import re
from collections.abc import Iterable, Mapping

import orjson
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from chassis.reply import json_response
from chassis.shortcut import Shortcut

_REFUSAL = orjson.dumps({"message": "This address does not take this method"})


class Addresses(BaseRoute):
    """Stands before the routes that it knows, which the framework would try one after another.

    By itself the framework would name the methods of one route only, and read the end of `/visits/check-in`
    as the id in `/visits/{visit_id}` when only that one takes the method.
    """

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._exact: dict[str, dict[str, APIRoute]] = {}
        self._shortcuts: dict[str, Shortcut] = {}
        patterns: dict[str, dict[str, APIRoute]] = {}
        for route in routes:
            # However its parts are named: `/visits/{id}` is the address of `/visits/{visit_id}` too.
            address = re.sub(r"\{[^}]*\}", "{}", route.path)
            kind = patterns if route.param_convertors else self._exact
            shortcut = Shortcut.to(route)
            for method in route.methods or ():
                kind.setdefault(address, {})[method] = route
                if shortcut:
                    self._shortcuts[f"{method} {route.path}"] = shortcut
        self._patterns = [(next(iter(there.values())).path_regex, there) for there in patterns.values()]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what is asked at one of the addresses, by whatever method."""
        there = self._there(scope["path"]) if scope["type"] == "http" else None
        if there is None:
            return Match.NONE, {}
        route = there.get(scope["method"])
        if route is None:
            return Match.FULL, {}
        if route.param_convertors:
            return route.matches(scope)
        return Match.FULL, {"route": route, "endpoint": route.endpoint, "path_params": {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on to the route, or refuse the method."""
        route: APIRoute | None = scope.get("route")
        if route is not None:
            shortcut = self._shortcuts.get(f"{scope['method']} {route.path}")
            await (shortcut or route).handle(scope, receive, send)
            return
        there = self._there(scope["path"]) or {}
        refusal = json_response(_REFUSAL, 405, {"Allow": ", ".join(sorted(there))})
        await refusal(scope, receive, send)

    def _there(self, path: str) -> Mapping[str, APIRoute] | None:
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return next((there for pattern, there in self._patterns if pattern.match(path)), None)
