"""python-engineio's server, whose connections are ours.

It says hello, finds a connection by its id, and leaves long-polling, and the move from there to a WebSocket,
to python-engineio.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import engineio  # type: ignore[import-untyped]  # it has no types
import orjson
from engineio import packet as packets
from starlette.types import Scope

from socket_bridge.connection import Connection
from socket_bridge.door import Door
from socket_bridge.protocol import WIRE, WireProtocol

BEGINNING = 10
"""Messages, which may bring a token, that are begun in a turn of the loop: some two milliseconds."""

ENDING, PINGING = 25, 25
"""Connections that are taken leave of, and clients that are pinged, in a turn: some half millisecond each."""

SPREAD = 0.2
"""By how much of the interval pings may come early. Clients that came together are not pinged together, and
those whom a stop of this process brought together part again."""

_GOLDEN = (5**0.5 - 1) / 2
"""Multiples of it, without their whole parts, lie evenly between 0 and 1 however many there are."""


class Listener(Protocol):
    """Who takes what the clients say."""

    def opened(self, connection: Connection) -> None:
        """There is a connection."""

    async def heard(self, connection: Connection, said: object) -> None:
        """A client said this."""

    def closed(self, connection: Connection) -> None:
        """A connection has ended."""


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # its base has no types
    """The Engine.IO server whose connections are of the given kind.

    `on_cut` hears of each slow client how many bytes waited for it.
    """

    def __init__(
        self,
        listener: Listener,
        *,
        connection: type[Connection],
        pending_limit: int,
        on_cut: Callable[[int], None],
        **options: Any,
    ) -> None:
        super().__init__(monitor_clients=False, http_compression=False, **options)
        self.listener = listener
        self.pending_limit = pending_limit
        self.on_cut = on_cut
        self.door, self.exit, self.pings = Door(BEGINNING), Door(ENDING), Door(PINGING)
        self._begun = 0
        self._connection = connection
        self._spawned: set[asyncio.Task[Any]] = set()

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Do this beside what is going on."""
        task = asyncio.get_running_loop().create_task(work)
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def handle_request(self, scope: Scope, receive: Any, send: Any) -> Any:
        """A WebSocket that a connection can take as it is is opened here; all else goes stock's way."""
        protocol = scope.get("state", {}).get(WIRE)
        if protocol is None:
            return await super().handle_request(scope, receive, send)
        if not (self._is_allowed(scope) and self._open(protocol, scope)):
            await send({"type": "websocket.close"})

    def _open(self, protocol: WireProtocol, scope: Scope) -> bool:
        """Whether the request asks for what there is."""
        text = scope["query_string"].decode("latin-1")
        # Not `parse_qsl`: what is looked at here has nothing to decode, and every client comes by here.
        query = dict([part.partition("=")[::2] for part in text.split("&")])
        if query.get("transport") != "websocket":
            return False
        sid = query.get("sid")
        if sid is not None:
            connection = self.sockets.get(sid)
            if connection is None or not connection.connected or connection.upgrading or connection.upgraded:
                return False
            connection.open(protocol, b"")
            return True
        if query.get("EIO") != "4":
            return False
        connection = self._begin(text)
        connection.open(protocol, self._hello(connection.sid, "websocket"))
        return True

    def _is_allowed(self, scope: Scope) -> bool:
        """Whether a page of this origin may connect; what is no browser has none."""
        headers = dict(scope["headers"])
        if not headers.get(b"origin") or self.cors_allowed_origins == []:
            return True
        named = {name: value.decode("latin-1") for name, value in headers.items()}
        origin = named[b"origin"]
        environ = {f"HTTP_{name.decode().upper().replace('-', '_')}": value for name, value in named.items()}
        environ["wsgi.url_scheme"] = environ.get("HTTP_X_FORWARDED_PROTO", "http")
        allowed = self._cors_allowed_origins(environ)
        return allowed is None or origin in allowed

    async def close_all(self) -> None:
        """End every connection; the clients are told and come back by themselves."""
        for number, connection in enumerate(list(self.sockets.values()), start=1):
            await connection.close()
            if number % ENDING == 0:
                await asyncio.sleep(0)
        while self._spawned:
            await asyncio.wait(tuple(self._spawned))

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        connection = self._begin(environ.get("QUERY_STRING", ""))
        connection.put(packets.Packet(packets.OPEN, self._hello(connection.sid, transport).decode()))
        if transport == "websocket":
            return await connection.handle_get_request(environ)
        connection.connected = True
        return self._ok(await connection.poll(), jsonp_index=jsonp_index)

    def _begin(self, query: str) -> Connection:
        """Stock's, but for the class of the connection; no cookie, and no task that looks at every client."""
        sid = self.generate_id()
        self._begun += 1
        early = self._begun * _GOLDEN % 1 * SPREAD
        connection = self.sockets[sid] = self._connection(self, sid, query, self.ping_interval * (1 - early))
        self.listener.opened(connection)
        connection.schedule_ping()
        return connection

    def _hello(self, sid: str, transport: str) -> bytes:
        """What a client has to know of its connection."""
        return orjson.dumps(
            {
                "sid": sid,
                "upgrades": self._upgrades(sid, transport),
                "pingTimeout": int(self.ping_timeout * 1000),
                "pingInterval": int(self.ping_interval * 1000),
                "maxPayload": self.max_http_buffer_size,
            }
        )

    async def _trigger_event(self, event: str, sid: str, *_: Any, **__: Any) -> None:
        """What stock tells its handlers; here all but the end of a connection is said directly."""
        if event == "disconnect":
            self.listener.closed(self.sockets[sid])
