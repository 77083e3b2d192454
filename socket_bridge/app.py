"""The bridge's HTTP side: Socket.IO, health and metrics."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import orjson
from prometheus_client import CollectorRegistry, generate_latest
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from socket_bridge.protocol import MESSAGE_LIMIT
from socket_bridge.server import Server


class Open(Protocol):
    """What takes clients."""

    server: Server


class App:
    """An ASGI app; `taking` gives the Socket.IO server, or None while it can't take clients."""

    def __init__(
        self,
        metrics: CollectorRegistry,
        problems: Callable[[], Awaitable[tuple[str, ...]]],
        taking: Callable[[], Open | None],
    ) -> None:
        self._metrics = metrics
        self._problems = problems
        self._taking = taking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or take a WebSocket."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif "socket.io" in scope["path"].strip("/").split("/"):
            await self._socket_io(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await (await self._answer(scope))(scope, receive, send)

    async def _socket_io(self, scope: Scope, receive: Receive, send: Send) -> None:
        taking = self._taking()
        refusal = _refusal(scope) if scope["type"] == "http" else None
        if taking is not None and refusal is None:
            await taking.server.eio.handle_request(scope, receive, send)
        elif scope["type"] == "websocket":
            # Before the handshake is accepted this is a 403: the client tries again.
            await send({"type": "websocket.close", "code": 1013})
        else:
            answer: ASGIApp = refusal or _said("Not ready yet; try again in a moment", 503)
            await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        answers = {"/health/live": self._live, "/health/ready": self._ready, "/metrics": self._exposition}
        answer = answers.get(scope["path"])
        if answer is None:
            return _said("There is nothing at this address", 404)
        if scope["method"] not in ("GET", "HEAD"):
            return _said(f"{scope['method']} is not for this address; use GET", 405, {"Allow": "GET, HEAD"})
        return await answer()

    async def _live(self) -> Response:
        return _json({"status": "live"}, 200)

    async def _ready(self) -> Response:
        problems = await self._problems()
        return _json(
            {"status": "waiting" if problems else "ready", "waiting_for": problems}, 503 if problems else 200
        )

    async def _exposition(self) -> Response:
        return Response(generate_latest(self._metrics), media_type="text/plain; version=0.0.4")


def _refusal(scope: Scope) -> Response | None:
    """What is wrong with a request before python-engineio reads it: it would read a body of any size."""
    if scope["method"] != "POST":
        return None
    length = Headers(scope=scope).get("content-length", "")
    if not (length.isascii() and length.isdigit()):
        return _said("Say how long the body is: Content-Length is required", 411)
    if int(length) > MESSAGE_LIMIT:
        return _said(f"A message may have {MESSAGE_LIMIT} bytes", 413)
    return None


def _said(message: str, status: int, headers: dict[str, str] | None = None) -> Response:
    retry = {"Retry-After": "1"} if status == 503 else {}
    return _json({"message": message}, status, {**retry, **(headers or {})})


def _json(content: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), status, headers, media_type="application/json")


async def _lifespan(receive: Receive, send: Send) -> None:
    """Nothing to do: `Bridge.running()` is what lasts."""
    while (event := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{event['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})
