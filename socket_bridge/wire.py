"""The direct way to a WebSocket: the bytes of a frame, built once for everyone, written straight to its
socket.

Stock python-engineio hands each packet of each client through a task, a queue, a timer and an ASGI send. Here
pings, acknowledgements and events of a connection all go one synchronous way (`protocol`), so nothing
overtakes. A client that is long-polling or still upgrading has the queue of `connection`, and
`DIRECT_WIRE=false` gives it to everyone, on uvicorn's own protocol.

What this, `connection` and `protocol` reach for, to be looked at when one of them is renewed (written against
python-engineio 4.15 and uvicorn 0.54):
- `engineio.async_socket.AsyncSocket`: `queue`, `poll`, `send`, `close`, `receive`, `schedule_ping`,
  `last_ping`, `connected`, `upgrading`, `upgraded`, `closing`, `closed`,
  `handle_post_request`, `_websocket_handler`, `_upgrade_websocket`
- `engineio.AsyncServer`: `sockets`, `handle_request`, `_handle_connect`, `_upgrades`, `_trigger_event`,
  `_ok`, `_cors_allowed_origins`
- uvicorn: a class given as `Config(http=...)` takes new connections; of `HttpToolsProtocol`
  `handle_websocket_upgrade`, `parser`, `url`, `scope` (with all headers, names in lower case), `config`,
  `transport`, `connections`; `ServerState.connections` and `tasks`; of `WebSocketsSansIOProtocol` (the stock
  way) `transport`, `scope`, `response`, `logger`, `handle_connect`
- uvloop and asyncio call `connection_lost` before they close the descriptor. It is given up there
  (`outlet`), and no later: its number is the next connection's.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from engineio import packet as engine  # type: ignore[import-untyped]  # it has no types
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from socket_bridge.connection import NOT_ENGINE_IO, PROTOCOL, Connection
from socket_bridge.packets import Packet, text_frame
from socket_bridge.protocol import CLOSE_LIMIT, MESSAGE_LIMIT, HttpProtocol, WireProtocol

BACKLOG = 32
"""Messages of one client that wait for the one before them; then no more are read."""

_quiet = logging.getLogger("clinicwire.websocket.stock")
_quiet.setLevel(logging.WARNING)


class StockProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket protocol, for `DIRECT_WIRE=false`."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        # Uvicorn logs each WebSocket's path with its query, and a token may be in it.
        self.logger = _quiet

    def handle_connect(self, event: Request) -> None:
        """Begin the handshake, and say in the scope where we are."""
        super().handle_connect(event)
        if self.response.status_code == 101:
            self.scope["state"][PROTOCOL] = self


def server_options(direct: bool) -> dict[str, Any]:
    """What `uvicorn.Config` must be given where the bridge is served.

    That is frames as they are written, Engine.IO's own pings alone, no query string in a log, and no
    waiting for a long poll at the end.
    """
    return {
        "http": HttpProtocol if direct else "httptools",
        "ws": StockProtocol,
        "ws_per_message_deflate": False,
        "ws_max_size": MESSAGE_LIMIT,
        "ws_ping_interval": None,
        "access_log": False,
        "timeout_graceful_shutdown": 3,
    }


class DirectConnection(Connection):
    """A connection that writes to its WebSocket as soon as there is one."""

    protocol: WireProtocol | None = None
    _inbox: list[str | bytes] | None = None
    """What the client said since the message that is being handled, None while none is."""

    @property
    def unsent(self) -> int:
        """Bytes that wait for the client."""
        return self.pending if self.protocol is None else self.protocol.unsent

    def deliver(self, packet: Packet) -> None:
        """Send a message now, or when the client next asks."""
        if self.protocol is not None:
            self.protocol.write(packet.frame)
        elif not self.upgraded:
            super().deliver(packet)

    def deliver_all(self, packets: Sequence[Packet]) -> None:
        """Send these in one write: to the kernel, and to who reads them, a hundred cost little more than
        one."""
        if self.protocol is not None:
            self.protocol.write(b"".join([packet.frame for packet in packets]))
        else:
            super().deliver_all(packets)

    def put(self, pkt: Any) -> None:
        """Send one of python-engineio's packets now, or let it wait."""
        if self.protocol is not None:
            self.protocol.write(_frame(pkt))
        elif not self.upgraded:
            super().put(pkt)

    def let_wait(self, rest: bytes) -> None:
        """Send this, which the outlet did not take, before anything that follows."""
        if self.protocol is not None:
            self.protocol.let_wait(rest)

    def open(self, protocol: WireProtocol, hello: bytes) -> None:
        """Take a WebSocket: the client's first, which begins with a hello, or the one that it moves to."""
        if protocol.ended:
            # Gone while it was let in; a client that polls goes on polling.
            if not self.connected:
                self.lost()
        elif self.connected:
            protocol.open()
            self.upgrading = True
            protocol.listen(_Upgrade(self, protocol))
        else:
            protocol.pour(self.outlet, self.server.pending_limit)
            protocol.open(text_frame(b"0" + hello))
            self.attach(protocol)

    def attach(self, protocol: WireProtocol) -> None:
        """Write to this WebSocket from now on, and first what waited."""
        protocol.listen(self)
        while not self.queue.empty():
            protocol.write(_frame(self.queue.get_nowait()))
        self.pending = 0
        self.protocol = protocol
        self.connected = self.upgraded = True
        self._abort = protocol.transport.abort

    def hear(self, message: str | bytes) -> None:
        """The client said this: it is handled after what it said before."""
        if message == "3":
            self.schedule_ping()  # a pong waits for nothing, and needs no task
        elif self._inbox is None:
            self._inbox = [message]
            self.server.door.pass_through(self._begin)
        else:
            self._inbox.append(message)
            if len(self._inbox) == BACKLOG and self.protocol is not None:
                self.protocol.transport.pause_reading()

    def go(self, close: Callable[[], None]) -> None:
        """The client goes, a few at a time."""
        self.server.exit.pass_through(close)

    def lost(self) -> None:
        """The WebSocket is gone."""
        self.protocol = None
        self.server.exit.pass_through(self._leave)

    def cut(self) -> None:
        """End the connection of a client that does not read."""
        super().cut()
        self.outlet.fd = -1
        self.protocol = None

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the connection; with `abort` the client is not told."""
        await super().close(wait, abort, reason)
        if self.protocol is not None and self.closed:
            protocol, self.protocol = self.protocol, None
            protocol.close()

    def _leave(self) -> None:
        self.server.spawn(self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE))

    def _begin(self) -> None:
        self.server.spawn(self._handle())

    async def _handle(self) -> None:
        try:
            while self._inbox and not self.closed:
                message = self._inbox.pop(0)
                if self.protocol is not None:
                    self.protocol.gather()  # an answer and what comes with it are one write
                if message[:1] == "4":
                    await self.server.listener.heard(self, message[1:])
                else:
                    await self.receive(engine.Packet(encoded_packet=message))
                if len(self._inbox) == BACKLOG - 1 and self.protocol is not None:
                    self.protocol.transport.resume_reading()
        except NOT_ENGINE_IO:
            # Not Engine.IO, or not any more: the connection ends here.
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
        finally:
            self._inbox = None


class _Upgrade:
    """A WebSocket that a polling client has opened, until it has moved to it."""

    def __init__(self, connection: DirectConnection, protocol: WireProtocol) -> None:
        self._connection = connection
        self._protocol = protocol
        self._probed = False
        self._expiry = asyncio.get_running_loop().call_later(CLOSE_LIMIT, self.cut)

    def hear(self, message: str | bytes) -> None:
        """The probe, and then that the last poll is done."""
        if message == "2probe" and not self._probed and not self._connection.closed:
            self._probed = True
            self._protocol.write(text_frame(b"3probe"))
            self._connection.put(engine.Packet(engine.NOOP))  # ends the poll that is under way
        elif message == "5" and self._probed and not self._connection.closed:
            self.lost()
            self._protocol.pour(self._connection.outlet, self._connection.server.pending_limit)
            self._connection.attach(self._protocol)
        else:
            self.cut()

    def go(self, close: Callable[[], None]) -> None:
        """The client goes, and its other way may too."""
        self._connection.go(close)

    def lost(self) -> None:
        """It is over, one way or the other."""
        self._expiry.cancel()
        self._connection.upgrading = False

    def cut(self) -> None:
        """The client does not come over: it goes on polling."""
        self.lost()
        self._protocol.close()


def _frame(pkt: Any) -> bytes:
    return text_frame(pkt.encode().encode())
