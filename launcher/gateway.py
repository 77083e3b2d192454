"""One port for everything: each path goes to the service that owns it, Socket.IO to the bridge."""

from collections.abc import Mapping

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis.envelope import Secured
from contracts.event import Process
from launcher.dashboard import Dashboard, is_file
from launcher.metrics import exposition
from launcher.services import Part

OWNERS: dict[str, Process] = {
    "queue": Process.QUEUE,
    "visits": Process.QUEUE,
    "dashboard": Process.QUEUE,
    "audit": Process.QUEUE,
    "clinics": Process.APPOINTMENT,
    "doctors": Process.APPOINTMENT,
    "services": Process.APPOINTMENT,
    "appointments": Process.APPOINTMENT,
    "auth": Process.APPOINTMENT,
    "patients": Process.PATIENT,
    "payments": Process.PAYMENT,
    "socket.io": Process.BRIDGE,
}
"""Whose a path is, by its first segment; `deploy/Caddyfile` says the same."""


def owner(path: str) -> Process | None:
    """The process that answers this path, at the root or under /api; None when nobody does."""
    _, *segments = path.split("/")
    if segments[:1] == ["api"]:
        segments = segments[1:]
    match segments:
        # What a doctor has before him now is the queue's.
        case ["appointments", "current", *_]:
            return Process.QUEUE
        case [first, *_]:
            return OWNERS.get(first)
        case _:
            return None


READING = ("GET", "HEAD")


class Gateway:
    """The ASGI app of the embedded default; `ready` is set once what is to be there at the start is there."""

    def __init__(self, parts: Mapping[Process, Part]) -> None:
        self.ready = False
        self._parts = parts
        self._dashboard = Dashboard()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to its owner, or answer what concerns all of them."""
        path = scope["path"]
        process = owner(path)
        if process:
            # Its answers bear what `Secured` adds already.
            await self._parts[process].app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            answer: ASGIApp = _refuse_websocket
        elif is_file(path) and scope["method"] in READING:
            answer = self._dashboard
        else:
            answer = await self._own_answer(path, scope["method"])
        await Secured(answer)(scope, receive, send)

    async def _own_answer(self, path: str, method: str) -> Response:
        answers = {"/health/live": self._live, "/health/ready": self._ready, "/metrics": self._metrics}
        if path not in answers and not is_file(path):
            return _json({"message": "There is no such address here; the routes are in the README"}, 404)
        if method not in READING:
            told = {"message": f"{method} is not for this address; use GET"}
            return _json(told, 405, {"Allow": ", ".join(READING)})
        return await answers[path]()

    async def _live(self) -> Response:
        return _json({"status": "live"})

    async def missing(self) -> dict[Process, tuple[str, ...]]:
        """What keeps each of them from being ready; empty when nothing does."""
        problems = {process: await part.problems() for process, part in self._parts.items()}
        return {process: found for process, found in problems.items() if found}

    async def _ready(self) -> Response:
        missing = {process.value: found for process, found in (await self.missing()).items()}
        ready = self.ready and not missing
        return _json(
            {"status": "ready" if ready else "waiting", "waiting_for": missing}, 200 if ready else 503
        )

    async def _metrics(self) -> Response:
        registries = {process.value: part.metrics for process, part in self._parts.items()}
        return Response(exposition(registries), media_type="text/plain; version=0.0.4")


def _json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


async def _refuse_websocket(_: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 1008})
