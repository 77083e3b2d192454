"""What every request passes on its way in: the `/api` prefix taken off, and a limit to its size."""

from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_LIMIT = 1 << 20
"""Bytes a request's body may have; the largest of http.md is a patient with a medical history."""

_TOO_LARGE = b'{"message":"The request is larger than 1 MiB; send less at a time"}'


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
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if length.isdigit() and int(length) > self._limit:
            await _refuse(send)
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
