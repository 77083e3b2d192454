"""The direct way to a WebSocket: the bytes of a frame, built once for everyone, written straight to its
transport.

Stock python-engineio hands each packet of each client through a task, a queue, a timer and an ASGI send. Here
pings, acknowledgements and events of a connection all go one synchronous way, so nothing overtakes. A client
that is long-polling or still upgrading has the queue of `connection`, and `DIRECT_WIRE=false` gives it to
everyone.

What this and `connection` reach for, to be looked at when one of them is renewed (written against
python-engineio 4.15 and uvicorn 0.54):
- `engineio.async_socket.AsyncSocket`: `queue`, `poll`, `send`, `close`, `receive`, `schedule_ping`,
  `last_ping`, `connected`, `upgrading`, `upgraded`, `closing`, `closed`, `handle_post_request`,
  `_websocket_handler`, `_upgrade_websocket`
- `engineio.AsyncServer`: `sockets`, `_handle_connect`, `_upgrades`, `_trigger_event`, `_ok`, `_bad_request`
- uvicorn's `WebSocketsSansIOProtocol`: `transport`, `queue`, `scope`, `response`, `logger`, `handle_connect`,
  `pause_writing`, `connection_lost`. Frames written beside its `conn` are right as long as no extension is
  agreed on, hence permessage-deflate is off (`SERVER_OPTIONS`).
A transport, never a file descriptor, is written to: a closed one swallows what comes late.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from engineio import packet as engine  # type: ignore[import-untyped]  # it has no types
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from socket_bridge.connection import NOT_ENGINE_IO, PROTOCOL, Connection
from socket_bridge.packets import Packet, text_frame

MESSAGE_LIMIT = 64 * 1024
"""Bytes of the largest message a client may send; a token is some hundred."""

CLOSE_LIMIT = 10.0
"""Seconds a client has to take what was last written before its connection is torn down."""

Receive = Callable[[], Awaitable[dict[str, Any]]]

_log = logging.getLogger("clinicwire.websocket")
_log.setLevel(logging.WARNING)


class WireProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket protocol, which the connection above it can find and listen to."""

    connection: "DirectConnection | None" = None
    _tear_down: asyncio.TimerHandle | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Uvicorn logs each WebSocket's path with its query, and a token may be in it.
        self.logger = _log

    def handle_connect(self, event: Request) -> None:
        """Begin the handshake, and say in the scope where we are."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"][PROTOCOL] = self

    def pause_writing(self) -> None:
        """The transport's buffer is over its limit."""
        super().pause_writing()
        if self.connection is not None:
            self.connection.cut()

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone: nobody may write to it any more."""
        if self.connection is not None:
            self.connection.transport = None
        if self._tear_down is not None:
            self._tear_down.cancel()
        super().connection_lost(exc)

    async def end(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        """Close the WebSocket, and tear it down if the other side does not take its leave."""
        self._tear_down = self.loop.call_later(CLOSE_LIMIT, self.transport.abort)
        with contextlib.suppress(OSError, RuntimeError):  # closed already
            await send({"type": "websocket.close"})


SERVER_OPTIONS: dict[str, Any] = {
    "ws": WireProtocol,
    "ws_per_message_deflate": False,
    "ws_max_size": MESSAGE_LIMIT,
    "ws_ping_interval": None,
    "access_log": False,
    "timeout_graceful_shutdown": 3,
}
"""What `uvicorn.Config` must be given where the bridge is served: frames as they are written, Engine.IO's
own pings alone, no query string in a log, and no waiting for a long poll at the end."""


class DirectConnection(Connection):
    """A connection that writes to its WebSocket's transport as soon as there is one."""

    _stop_hearing: Callable[[], None]

    @property
    def unsent(self) -> int:
        """Bytes that wait for the client."""
        return self.pending if self.transport is None else self.transport.get_write_buffer_size()

    def deliver(self, packet: Packet) -> None:
        """Send a message now, or when the client next asks."""
        if self.transport is not None:
            self.transport.write(packet.frame)
        else:
            super().deliver(packet)

    def put(self, pkt: Any) -> None:
        """Send one of python-engineio's packets now, or let it wait."""
        if self.transport is not None:
            self.transport.write(_frame(pkt))
        else:
            super().put(pkt)

    def cut(self) -> None:
        """End the connection of a client that does not read."""
        self.transport = None
        super().cut()

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the connection; with `abort` the client is not told."""
        await super().close(wait, abort, reason)
        if self.transport is not None and self.closed:
            self.transport = None
            self._stop_hearing()

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        protocol: WireProtocol | None = environ["asgi.scope"].get("state", {}).get(PROTOCOL)
        if protocol is None:
            return await super()._upgrade_websocket(environ)
        if self.upgrading or self.upgraded:
            return self.server._bad_request("Upgraded already")
        await environ["asgi.send"]({"type": "websocket.accept"})
        try:
            await self._converse(protocol, environ["asgi.receive"])
        finally:
            await protocol.end(environ["asgi.send"])
        return ""

    async def _converse(self, protocol: WireProtocol, receive: Receive) -> None:
        if self.connected and not await self._came_over(protocol, receive):
            return
        self.connected = self.upgraded = True
        self._attach(protocol)
        try:
            while (text := await _hear(receive)) is not None and not self.closed:
                await self.receive(engine.Packet(encoded_packet=text))
        except NOT_ENGINE_IO:
            pass  # or not any more
        finally:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)

    async def _came_over(self, protocol: WireProtocol, receive: Receive) -> bool:
        """Whether a polling client that opened a WebSocket moved to it."""
        self.upgrading = True
        try:
            if await _hear(receive) != "2probe" or self.closed:
                return False
            protocol.transport.write(text_frame(b"3probe"))
            super().put(engine.Packet(engine.NOOP))  # ends the poll that is under way
            return await _hear(receive) == "5" and not self.closed
        finally:
            self.upgrading = False

    def _attach(self, protocol: WireProtocol) -> None:
        # What waited goes first; nothing can come in between, for nothing here awaits.
        transport = protocol.transport
        transport.set_write_buffer_limits(high=self.server.pending_limit)
        while not self.queue.empty():
            transport.write(_frame(self.queue.get_nowait()))
        self.pending = 0
        self.transport = transport
        self._abort = transport.abort
        self._stop_hearing = lambda: protocol.queue.put_nowait({"type": "websocket.disconnect", "code": 1000})
        protocol.connection = self


def _frame(pkt: Any) -> bytes:
    return text_frame(pkt.encode().encode())


async def _hear(receive: Receive) -> str | bytes | None:
    """The next message of a WebSocket, None when it is closed."""
    event = await receive()
    if event["type"] != "websocket.receive":
        return None
    text: str | None = event.get("text")
    return event.get("bytes") if text is None else text
