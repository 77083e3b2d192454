"""What a service counts of its events and its HTTP side; each service has a registry of its own."""

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Counts:
    """Events that went out and came in; made once for a service, whose work on them may begin anew."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.published = Counter("outbox_published", "events brought to the stream", registry=registry)
        self.refused = Counter("outbox_refused", "events the broker refused", registry=registry)
        self.waiting = Gauge("outbox_waiting", "events not yet on the stream", registry=registry)
        self.handled = Counter("inbox_handled", "events that had their effect", registry=registry)
        self.terminated = Counter("inbox_terminated", "events that can have none", registry=registry)


class Measured:
    """Counts and times requests by method, route (never the path: it may name a person) and status."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._requests = Counter(
            "http_requests", "requests answered", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "http_seconds", "seconds from request to answer", ["method", "route"], registry=registry
        )
        self._found: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        """What was counted before: to find it by its labels takes longer than to count."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            route = getattr(scope.get("route"), "path", "unknown")
            method = scope["method"] if scope.get("route") else "OTHER"
            requests, seconds = self._of(method, route, status)
            requests.inc()
            seconds.observe(time.perf_counter() - started)

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        found = self._found.get((method, route, status))
        if found is None:
            found = self._requests.labels(method, route, status), self._seconds.labels(method, route)
            self._found[method, route, status] = found
        return found
