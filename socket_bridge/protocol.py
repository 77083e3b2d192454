"""Our end of a WebSocket, from its handshake to the last byte: what uvicorn hands a connection over to.

Each event, ping and acknowledgement goes through `write`, in that order, into the socket itself; what that
does not take waits in the transport, and all that follows behind it, until that is empty again.
"""

import asyncio
import base64
import binascii
import hashlib
import logging
import os
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Protocol, cast
from urllib.parse import unquote

from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import is_ssl
from uvicorn.server import ServerState

from socket_bridge.frames import BINARY, CLOSE, PING, TEXT, Broken, Frames, frame
from socket_bridge.outlet import Outlet

MESSAGE_LIMIT = 64 * 1024
"""Bytes of the largest message a client may send; a token is some hundred."""

CLOSE_LIMIT = 10.0
"""Seconds a client has to take what was last written before its connection is torn down."""

WIRE = "clinicwire.wire"
"""Where a WebSocket's `WireProtocol` is found in the state of its ASGI scope."""

NORMAL, GOING_AWAY, BAD_TEXT = 1000, 1012, 1007

_MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

_SWITCHING = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: %s\r\n\r\n"
)

_log = logging.getLogger("clinicwire.websocket")
_log.setLevel(logging.WARNING)


class Listener(Protocol):
    """Who a WebSocket was opened for."""

    def hear(self, message: str | bytes) -> None:
        """The client said this."""

    def go(self, close: Callable[[], None]) -> None:
        """The client goes: close its connection when there is time."""

    def lost(self) -> None:
        """The WebSocket is gone."""

    def cut(self) -> None:
        """The client reads too slowly."""


class HttpProtocol(HttpToolsProtocol):
    """Uvicorn's HTTP, but that it hands a WebSocket over as it has read it."""

    def handle_websocket_upgrade(self) -> None:
        """This connection is not HTTP's any more."""
        self.connections.discard(self)
        self.parser = None  # type: ignore[assignment]  # it and this would hold each other
        path, _, query = self.url.partition(b"?")
        wire = WireProtocol(self.config, self.server_state)
        wire.connection_made(self.transport)
        self.transport.set_protocol(wire)
        asked = {"path": unquote(path.decode("latin-1")), "raw_path": path, "query_string": query}
        wire.ask({**self.scope, **asked})


class WireProtocol(asyncio.Protocol):
    """One WebSocket; the ASGI app is only asked who takes it, and is done when somebody has."""

    __slots__ = (
        "_config",
        "_fd",
        "_frames",
        "_gathered",
        "_key",
        "_limit",
        "_listener",
        "_outlet",
        "_server",
        "_tear_down",
        "ended",
        "transport",
    )

    transport: asyncio.Transport

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
    ) -> None:
        self._config = config
        self._server = server_state
        self._listener: Listener | None = None
        self._outlet: Outlet | None = None
        self._fd = -1
        self._limit = sys.maxsize
        self._frames: Frames | None = None
        self._gathered: list[bytes] | None = None
        self._key = b""
        self.ended = False
        self._tear_down: asyncio.TimerHandle | None = None

    # What uvicorn and the loop call

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Uvicorn hands over a connection that wants to be a WebSocket."""
        self.transport = cast(asyncio.Transport, transport)
        self._server.connections.add(self)  # type: ignore[arg-type]  # it knows its own kinds only

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone: nobody may write to it any more."""
        # The transport closes its descriptor after this, and the next connection may get the number.
        self._give_up()
        self.ended = True
        self._server.connections.discard(self)
        if self._tear_down is not None:
            self._tear_down.cancel()
        listener, self._listener = self._listener, None
        if listener is not None:
            listener.lost()

    def data_received(self, data: bytes) -> None:
        """The client's frames."""
        if self._frames is None:
            self._refuse(400, b"Wait until the WebSocket is open")
            return
        try:
            for opcode, body in self._frames.read(data):
                self._take(opcode, body)
        except Broken as broken:
            self._hang_up(broken.code)
        except UnicodeDecodeError:
            self._hang_up(BAD_TEXT)

    def eof_received(self) -> bool:
        """The client goes, and thousands may in one moment: whether its connection stays open for now."""
        if self._listener is None or is_ssl(self.transport):
            return False
        self.ended = True
        self._give_up()
        self._listener.go(self.transport.close)
        return True

    def shutdown(self) -> None:
        """The server stops."""
        if self._frames is not None:
            self.close(GOING_AWAY)
        self.transport.close()

    # What the listener calls

    def open(self, first: bytes = b"") -> None:
        """Take the client's WebSocket, which has not `ended`; this is the first that is sent on it."""
        accept = hashlib.sha1(self._key + _MAGIC).digest()  # noqa: S324  # as the RFC has it
        self._frames = Frames(MESSAGE_LIMIT)
        self.write(_SWITCHING % base64.b64encode(accept) + first)

    def listen(self, listener: Listener) -> None:
        """Tell this one from now on."""
        self._listener = listener

    def pour(self, outlet: Outlet, limit: int) -> None:
        """Let this outlet write to the socket; over `limit` pending bytes the client is cut off."""
        self._limit = limit
        self._outlet = outlet
        # With TLS the transport alone can write; elsewhere a socket may not be a file.
        if os.name == "posix" and not is_ssl(self.transport):
            self._fd = self.transport.get_extra_info("socket").fileno()

    def write(self, data: bytes) -> None:
        """Send this after all that was sent before; nothing follows a goodbye."""
        if self.ended:
            return
        if self._gathered is not None:
            self._gathered.append(data)
            return
        outlet = self._outlet
        if outlet is not None and outlet.fd < 0 and not self.transport.get_write_buffer_size():
            outlet.fd = self._fd
        taken = outlet.write(data) if outlet is not None and outlet.fd >= 0 else 0
        if taken < len(data):
            self.let_wait(data[taken:])

    def gather(self) -> None:
        """Send what is written in this turn of the loop at its end, all at once."""
        if self._gathered is None and self._outlet is not None and self._outlet.fd >= 0:
            self._outlet.fd = -1
            self._gathered = []
            asyncio.get_running_loop().call_soon(self._release)

    def _release(self) -> None:
        gathered, self._gathered = self._gathered, None
        if gathered:
            self.write(b"".join(gathered))

    def let_wait(self, rest: bytes) -> None:
        """Leave this to the transport, and what follows too until that is empty; too much is not kept."""
        if self._outlet is not None:
            self._outlet.fd = -1
        if self._listener is not None and self.unsent + len(rest) > self._limit:
            self._listener.cut()
        else:
            self.transport.write(rest)

    @property
    def unsent(self) -> int:
        """Bytes that wait for the client."""
        return self.transport.get_write_buffer_size() + sum(map(len, self._gathered or ()))

    def close(self, code: int = NORMAL) -> None:
        """Say goodbye, and tear the connection down if the other side does not."""
        if not self.ended:
            self._release()
            self.write(frame(CLOSE, code.to_bytes(2, "big")))
            self.ended = True
            self._give_up()
            self._tear_down = asyncio.get_running_loop().call_later(CLOSE_LIMIT, self.transport.abort)

    def _hang_up(self, code: int) -> None:
        self.close(code)
        self.transport.close()

    def _give_up(self) -> None:
        if self._outlet is not None:
            self._outlet.fd = self._fd = -1
            self._outlet = None

    def _take(self, opcode: int, body: bytes) -> None:
        if opcode == CLOSE:
            self._hang_up(NORMAL)
        elif self.ended or self._listener is None:
            return
        elif opcode == TEXT:
            self._listener.hear(body.decode())
        elif opcode == BINARY:
            self._listener.hear(body)
        elif opcode == PING:
            self.write(frame(0xA, body))

    # The handshake

    def ask(self, scope: dict[str, Any]) -> None:
        """Ask the app who takes the WebSocket that this request is for."""
        named = dict(scope["headers"])
        self._key = named.get(b"sec-websocket-key", b"").strip()
        if named.get(b"sec-websocket-version") != b"13" or not _is_key(self._key) or scope["method"] != "GET":
            self._refuse(400, b"This is no WebSocket of version 13")
            return
        scope |= {
            "type": "websocket",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "scheme": "wss" if scope["scheme"] == "https" else "ws",
            "subprotocols": [],
            "extensions": {"websocket.http.response": {}},
        }
        scope["state"][WIRE] = self
        task = asyncio.get_running_loop().create_task(self._ask(scope))
        self._server.tasks.add(task)
        task.add_done_callback(self._server.tasks.discard)

    async def _ask(self, scope: dict[str, Any]) -> None:
        """Ask the app who takes this; what it sends is a refusal."""
        status = 403

        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(event: Any) -> None:
            nonlocal status
            if event["type"] == "websocket.http.response.start":
                status = event["status"]
            elif event["type"] == "websocket.http.response.body":
                self._refuse(status, event.get("body", b""))
            elif event["type"] == "websocket.close":
                self._refuse(403, b"")

        try:
            await self._config.loaded_app(scope, receive, send)
        except Exception as error:
            _log.error("a WebSocket could not be opened", exc_info=error)
        if self._frames is None:
            self._refuse(500, b"")

    def _refuse(self, status: int, body: bytes) -> None:
        if self.ended:
            return
        self.ended = True
        self.transport.write(
            b"HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n"
            b"Connection: close\r\n\r\n%s" % (status, HTTPStatus(status).phrase.encode(), len(body), body)
        )
        self.transport.close()


def _is_key(key: bytes) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False
