"""What every request passes (`/api` taken off, a limit to its size), and what every answer bears."""

from collections.abc import Iterable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 1 << 20
"""Bytes a request's body may have; the largest of http.md is a patient with a medical history."""

_TOO_LARGE = b'{"message":"The request is larger than 1 MiB; send less at a time"}'


SECURITY_HEADERS = {
    # An answer is data: nothing in it runs, no page shows it in a frame, and no browser guesses what it is.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    # Patients' names do not stay on the disk of whoever looked at them.
    "Cache-Control": "no-store",
}
"""What goes with each answer that does not say otherwise itself."""

_SECURITY_HEADERS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_NAMES = frozenset(name for name, _ in _SECURITY_HEADERS)


class Secured:
    """Puts `SECURITY_HEADERS` on every answer, whoever gives it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add what is not there yet."""

        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = message.get("headers", ())
                there = {name.lower() for name, _ in given}
                more: Iterable[tuple[bytes, bytes]] = _SECURITY_HEADERS
                if not there.isdisjoint(_NAMES):
                    more = [header for header in _SECURITY_HEADERS if header[0] not in there]
                message = {**message, "headers": [*given, *more]}
            await send(message)

        await self._app(scope, receive, secured if scope["type"] == "http" else send)


class Prefixed:
    """Serves every route at the root and under /api."""

    def __init__(self, app: ASGIApp, prefix: str = "/api") -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the prefix off, if it is there."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(self._prefix + "/"):
            scope = {**scope, "path": path[len(self._prefix) :], "raw_path": None}
        await self._app(scope, receive, send)


class Limited:
    """Refuses a body past the limit with 413, before it is kept in memory."""

    def __init__(self, app: ASGIApp, limit: int = BODY_LIMIT) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        if length.isdigit():
            if int(length) > self._limit:
                await _refuse(send)
                return
            if b"transfer-encoding" not in headers:
                # No more comes than was said: the server sees to that.
                await self._app(scope, receive, send)
                return
        received = 0
        answered = refused = False

        async def count() -> Message:
            nonlocal received, refused
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                if not (answered or refused):
                    refused = True
                    await _refuse(send)
                raise _TooLargeError
            return message

        async def note(message: Message) -> None:
            nonlocal answered
            # What the app makes of a body that broke off is not the answer: that was given.
            if not refused:
                answered = True
                await send(message)

        with suppress(_TooLargeError):
            await self._app(scope, count, note)


class _TooLargeError(Exception):
    pass


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
