"""A client's Engine.IO connection in python-engineio's own way, but bounded: one that does not read is cut
off.

Packets wait in a queue that a long poll, or python-engineio's writer task on a WebSocket, empties. `wire`
has the faster way for WebSockets, and says what both reach for.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engineio import packet as engine  # type: ignore[import-untyped]  # it has no types
from engineio.async_socket import AsyncSocket  # type: ignore[import-untyped]  # it has no types
from engineio.exceptions import (  # type: ignore[import-untyped]  # it has no types
    EngineIOError,
    QueueEmpty,
    SocketIsClosedError,
    UnknownPacketError,
)

from socket_bridge.outlet import Outlet
from socket_bridge.packets import Packet
from socket_bridge.protocol import WireProtocol

if TYPE_CHECKING:
    from socket_bridge.engine import Engine

POLL_PACKETS = 16
"""Packets in one long-polling answer: python-engineio's client refuses more."""

POLL_BYTES = 64 * 1024
"""About how much one long-polling answer, or one turn of the writer task, takes out of the queue."""

DRAIN_PAUSE = 0.005
"""Seconds between looks at whether a client has taken what it was sent."""

NOT_ENGINE_IO = (ValueError, LookupError, RecursionError, EngineIOError)
"""What reading a packet raises that is none; the connection ends with it."""

PROTOCOL = "clinicwire.protocol"
"""Where a WebSocket's protocol (`wire.StockProtocol`) is found in its ASGI scope's state."""


class Connection(AsyncSocket):  # type: ignore[misc]  # its base has no types
    """An Engine.IO connection that knows what waits for its client, and ends when that is too much."""

    sid: str
    closing: bool
    closed: bool
    connected: bool
    last_ping: float | None

    def __init__(self, server: "Engine", sid: str, query: str, ping_interval: float) -> None:
        super().__init__(server, sid)
        self._ping_interval = ping_interval
        self.query = query
        """As the connection was asked for; there may be a token in it."""
        self.outlet = Outlet()
        self.pending = 0
        self._timer: asyncio.TimerHandle | None = None
        self._cut = False
        self._abort: Callable[[], None] | None = None

    def deliver(self, packet: Packet) -> None:
        """Send a message as soon as the client takes it; nothing once the connection has ended."""
        if not (self.closing or self.closed):
            self.put(packet.waiting)

    def deliver_all(self, packets: Sequence[Packet]) -> None:
        """Send these, one after another."""
        for packet in packets:
            self.deliver(packet)

    def let_wait(self, rest: bytes) -> None:
        """Nothing was written that could have a rest: the outlet is never open here."""

    def hang_up(self, farewell: Packet | None) -> None:
        """Send a last message, if any, and end the connection."""
        if farewell is not None:
            self.deliver(farewell)
        self.server.spawn(self.close())

    @property
    def unsent(self) -> int:
        """Bytes that wait for the client."""
        return self.pending

    async def drained(self, below: int) -> bool:
        """Wait until fewer bytes than this wait for the client; False when the connection has ended."""
        seen = self.unsent
        while seen > below and not (self.closing or self.closed):
            # A transport tells only when it is over its limit.
            await asyncio.sleep(DRAIN_PAUSE)
            if self.last_ping and self.unsent < seen:
                # Who takes what we send is alive, though its pong waits behind the message we are answering.
                self.last_ping = time.time()
                self._after(self.server.ping_timeout, self._silent)
            seen = self.unsent
        return not (self.closing or self.closed)

    def cut(self) -> None:
        """End the connection of a client that does not read."""
        if not self._cut:
            self._cut = True
            self.server.on_cut(self.unsent)
            self._drop(self.server.reason.TRANSPORT_ERROR)

    def put(self, pkt: Any) -> None:
        """Let one of python-engineio's packets wait for the client."""
        size = _size(pkt)
        if self.pending + size > self.server.pending_limit:
            self.cut()
            return
        self.pending += size
        self.queue.put_nowait(pkt)

    async def send(self, pkt: Any) -> None:
        """Send one of python-engineio's packets; raises SocketIsClosedError."""
        if self.closed:
            raise SocketIsClosedError
        self.put(pkt)

    async def poll(self) -> list[Any]:
        """What waits, up to a limit, as soon as there is something; an empty list is the end."""
        try:
            async with asyncio.timeout(self.server.ping_interval + self.server.ping_timeout):
                first = await self.queue.get()
        except TimeoutError as error:
            raise QueueEmpty from error
        if first is None:
            return []
        taken, size = [first], _size(first)
        while len(taken) < POLL_PACKETS and size < POLL_BYTES and not self.queue.empty():
            pkt = self.queue.get_nowait()
            if pkt is None:
                self.queue.put_nowait(None)
                break
            taken.append(pkt)
            size += _size(pkt)
        self.pending -= size
        return taken

    def schedule_ping(self) -> None:
        """Ping after the interval, one cycle at a time: a timer instead of a task for each client."""
        if self.last_ping:
            self.last_ping = None
            self._after(self._ping_interval, self._due)

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the connection; with `abort` the client is not told."""
        if self.closed or self.closing:
            return
        # Never wait for a client to read what is left.
        await super().close(wait=False, abort=abort, reason=reason)
        if self._timer is not None:
            self._timer.cancel()
        self.server.sockets.pop(self.sid, None)
        self.queue.put_nowait(None)  # lets the poll, or the writer task, end

    def _due(self) -> None:
        self.server.pings.pass_through(self._ping)

    def _ping(self) -> None:
        if not (self.closing or self.closed):
            self.last_ping = time.time()
            self.put(engine.Packet(engine.PING))
            self._after(self.server.ping_timeout, self._silent)

    def _silent(self) -> None:
        self._drop(self.server.reason.PING_TIMEOUT)

    def _drop(self, reason: str) -> None:
        """End the connection without waiting for what is still to be sent."""
        if self._abort is not None:
            # Later, as this may be called from inside the transport's own write.
            asyncio.get_running_loop().call_soon(self._abort)
        self.server.spawn(self.close(abort=True, reason=reason))

    def _after(self, seconds: float, call: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(seconds, call)

    def open(self, protocol: WireProtocol, hello: bytes) -> None:
        """Only a direct connection takes a WebSocket as it is."""
        raise NotImplementedError

    async def receive(self, pkt: Any) -> None:
        """Take one of the client's packets; raises UnknownPacketError for a kind that there is not."""
        if self.closed:
            return  # the rest of a payload that began with the end
        if pkt.packet_type >= len(engine.packet_names):
            raise UnknownPacketError
        if pkt.packet_type == engine.MESSAGE:
            await self.server.listener.heard(self, pkt.data)
        else:
            await super().receive(pkt)

    async def handle_post_request(self, environ: dict[str, Any]) -> None:
        """Take what a polling client says."""
        try:
            await super().handle_post_request(environ)
        except EngineIOError:
            # Stock has an answer only for a connection that is still there.
            if self.sid in self.server.sockets:
                raise

    async def _websocket_handler(self, ws: Any) -> None:
        try:
            await super()._websocket_handler(ws)
        except (*NOT_ENGINE_IO, OSError):
            if self.upgraded:
                await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            self.upgrading = False

    async def _upgrade_websocket(self, environ: dict[str, Any]) -> Any:
        if self.upgrading or self.upgraded:
            return self.server._bad_request("Upgraded already")
        protocol = environ["asgi.scope"].get("state", {}).get(PROTOCOL)
        if protocol is not None:
            self._abort = protocol.transport.abort
        return await super()._upgrade_websocket(environ)


def _size(pkt: Any) -> int:
    size: int | None = getattr(pkt, "size", None)
    return size if size is not None else len(pkt.encode())
