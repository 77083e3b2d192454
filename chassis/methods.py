"""A wrong method is said to be one, at every address, with those that are right."""

import re
from collections.abc import Iterable

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.reply import json_response

_REFUSAL = orjson.dumps({"message": "This address does not take this method"})


class Methods:
    """Answers 405 before a route is looked for; `routes` are named as in "POST /queue/call".

    By itself the framework would name the methods of one route only, and read the end of `/visits/check-in`
    as the id in `/visits/{visit_id}` when only that one takes the method.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[str]) -> None:
        self._app = app
        self._exact: dict[str, set[str]] = {}
        self._patterns: dict[re.Pattern[str], set[str]] = {}
        for method, path in (route.split() for route in routes):
            if "{" in path:
                pattern = re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path)))
                self._patterns.setdefault(pattern, set()).add(method)
            else:
                self._exact.setdefault(path, set()).add(method)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is asked for by a method that is taken there."""
        taken = self._taken(scope["path"]) if scope["type"] == "http" else None
        if taken is None or scope["method"] in taken:
            await self._app(scope, receive, send)
        else:
            refusal = json_response(_REFUSAL, 405, {"Allow": ", ".join(sorted(taken))})
            await refusal(scope, receive, send)

    def _taken(self, path: str) -> set[str] | None:
        exact = self._exact.get(path)
        if exact is not None:
            return exact
        return next((taken for pattern, taken in self._patterns.items() if pattern.fullmatch(path)), None)
