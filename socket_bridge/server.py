"""The Socket.IO server: python-socketio's handshake and packets, without what does not scale or does not
belong.

Left out of the stock server: rooms (`members` has them; the stock manager looks at every room on each
disconnect), emitting (`forwarder`), binary packets (nobody sends one, and half of one would be kept), and a
task for each message (a client's messages are handled one after another, so that a leave can't overtake its
join).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import socketio  # type: ignore[import-untyped]  # it has no types
import structlog
from bidict import ValueDuplicationError

from socket_bridge.connection import Connection, Engine
from socket_bridge.limits import Limits
from socket_bridge.members import Member, Members
from socket_bridge.packets import Packet, refusal

log = structlog.get_logger()

_quiet = logging.getLogger("clinicwire.socketio")
_quiet.disabled = True  # it would log payloads and tokens; what is worth a line is logged here

NOT_UNDERSTOOD = "This message is not understood: send an event name and one object"

Acknowledge = Callable[[Any], None]
Handler = Callable[[Member, tuple[Any, ...], Acknowledge], Awaitable[None]]
Admit = Callable[[str, Any, Connection], Awaitable[Member]]
Greet = Callable[[Member], Awaitable[None]]


class Manager(socketio.AsyncManager):  # type: ignore[misc]  # its base has no types
    """Who is connected, and no rooms: neither one for each client, nor a scan of all when one leaves."""

    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """The id of a new client, None when its connection has one already."""
        sid: str = self.server.eio.generate_id()
        try:
            self.basic_enter_room(sid, namespace, None, eio_sid=eio_sid)
        except ValueDuplicationError:
            return None
        self.pending_connect.setdefault(namespace, []).append(sid)
        return sid

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        """Forget a client."""
        self.basic_leave_room(sid, namespace, None)
        for pending in (self.pending_connect, self.pending_disconnect):
            if sid in pending.get(namespace, ()):
                pending[namespace].remove(sid)


class Server(socketio.AsyncServer):  # type: ignore[misc]  # its base has no types
    """A Socket.IO server of one namespace whose clients are `Members`.

    `admit` turns a client's query string and auth into a member, or raises ConnectionRefusedError; `greet`
    is called once the client knows that it is connected; `handlers` take a client's messages by name.
    """

    def __init__(
        self,
        members: Members,
        admit: Admit,
        greet: Greet,
        handlers: dict[str, Handler],
        limits: Limits,
        connect_limit: float,
        **engine_options: Any,
    ) -> None:
        super().__init__(
            client_manager=Manager(),
            logger=_quiet,
            engineio_logger=_quiet,
            async_handlers=False,
            async_mode="asgi",
            **engine_options,
        )
        self._members = members
        self._admit = admit
        self._greet = greet
        self._messages = handlers
        self._limits = limits
        self._connect_limit = connect_limit
        self.on("connect", self._on_connect)
        self.on("disconnect", self._on_disconnect)

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    async def _on_connect(self, sid: str, environ: dict[str, str], auth: Any) -> None:
        key = self.manager.eio_sid_from_sid(sid, "/")
        connection = self.eio.sockets.get(key)
        if connection is None:
            raise ConnectionRefusedError
        member = await self._admit(environ.get("QUERY_STRING", ""), auth, connection)
        if connection.closing or connection.closed:
            raise ConnectionRefusedError  # gone while its token was looked at
        self._members.add(key, member)

    async def _on_disconnect(self, sid: str, _reason: str) -> None:
        key = self.manager.eio_sid_from_sid(sid, "/")
        self._members.remove(key)
        connection = self.eio.sockets.get(key)
        if connection is not None and not connection.closing:
            self._expect_token(key)

    async def _handle_connect(self, eio_sid: str, namespace: str | None, data: Any) -> None:
        await super()._handle_connect(eio_sid, namespace, data)
        member = self._members.get(eio_sid)
        if member is not None and namespace in (None, "/"):
            self.environ[eio_sid] = {}
            await self._greet(member)

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        # Of the whole request only the query matters, and only until a token was accepted.
        await super()._handle_eio_connect(eio_sid, {"QUERY_STRING": environ.get("QUERY_STRING", "")})
        self._expect_token(eio_sid)

    def _expect_token(self, eio_sid: str) -> None:
        asyncio.get_running_loop().call_later(self._connect_limit, self._end_if_nobody, eio_sid)

    def _end_if_nobody(self, eio_sid: str) -> None:
        connection = self.eio.sockets.get(eio_sid)
        if connection is not None and self._members.get(eio_sid) is None:
            connection.hang_up(None)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        try:
            if not isinstance(data, str) or not data or data[0] not in "0123":
                raise ValueError("no packet that a client may send")
            await super()._handle_eio_message(eio_sid, data)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            self._complain(eio_sid)

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        member = self._members.get(eio_sid)
        if member is None or namespace not in (None, "/"):
            return
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            self._complain(eio_sid)
            return

        def acknowledge(answer: Any) -> None:
            if id is not None:
                member.line.deliver(Packet.acknowledgement(id, answer))

        too_often = self._limits.on_message(member)
        if too_often is not None:
            acknowledge({"ok": False, "message": too_often})
            member.line.deliver(refusal(too_often))
            return
        handler = self._messages.get(data[0])
        if handler is None:
            # Unasked-for events of old clients are let be; who waits for an answer gets one.
            acknowledge({"ok": False, "message": "There is no such message"})
            return
        try:
            await handler(member, tuple(data[1:]), acknowledge)
        except Exception as error:
            log.error("message_failed", message=data[0], error=type(error).__name__, exc_info=error)
            member.line.deliver(refusal("This could not be done just now; try again in a moment"))

    async def _handle_ack(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:
        """Nothing here asks for an acknowledgement."""

    def _complain(self, eio_sid: str) -> None:
        connection, member = self.eio.sockets.get(eio_sid), self._members.get(eio_sid)
        if connection is not None and member is not None:
            connection.deliver(refusal(self._limits.on_message(member) or NOT_UNDERSTOOD))
