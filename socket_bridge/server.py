"""The Socket.IO server: one namespace, whose clients are `Members`.

Of python-socketio's own server nothing would be left: not its rooms (it looks at every room on each
disconnect), not its emitting, no binary packets (nobody sends one, and half of one would be kept), no task
for each message (a client's messages are handled one after another, so that a leave can't overtake its
join). The few packets that remain are read by python-socketio (`spoken`) and written in `packets`;
long-polling and upgrades are python-engineio's.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from chassis.errors import Refusal
from socket_bridge.connection import Connection
from socket_bridge.engine import Engine
from socket_bridge.limits import Limits
from socket_bridge.members import Member, Members
from socket_bridge.packets import Packet, refusal
from socket_bridge.spoken import CONNECT, DISCONNECT, EVENT, NAMESPACE, Spoken, read

log = structlog.get_logger()

_quiet = logging.getLogger("clinicwire.engineio")
_quiet.disabled = True  # it would log payloads and tokens; what is worth a line is logged here

NOT_UNDERSTOOD = "This message is not understood: send an event name and one object"

Acknowledge = Callable[[Any], None]
Handler = Callable[[Member, tuple[Any, ...], Acknowledge], Awaitable[None]]
Admit = Callable[[str, Any, Connection], Awaitable[Member]]
Greet = Callable[[Member], Awaitable[None]]


class Server:
    """Takes what clients say; `eio` has their connections.

    `admit` turns a client's query string and auth into a member, or raises `Refusal`; `greet` is called once
    the client knows that it is connected; `handlers` take a client's messages by name.
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
        self._members = members
        self._admit = admit
        self._greet = greet
        self._handlers = handlers
        self._limits = limits
        self._connect_limit = connect_limit
        self._asking: set[str] = set()
        """Connections whose token is being looked at."""
        self.eio = Engine(self, logger=_quiet, async_mode="asgi", **engine_options)

    # What the engine calls

    def opened(self, connection: Connection) -> None:
        """There is a connection, which has to show a token."""
        asyncio.get_running_loop().call_later(self._connect_limit, self._end_if_nobody, connection)

    async def heard(self, connection: Connection, said: object) -> None:
        """A client said this; what it says next is heard when this is done."""
        try:
            spoken = read(said)
        except ValueError:
            self._complain(connection)
            return
        if spoken.kind == CONNECT:
            await self._connect(connection, spoken)
        elif spoken.namespace != NAMESPACE:
            return
        elif spoken.kind == EVENT:
            await self._handle(connection, spoken)
        elif spoken.kind == DISCONNECT and self._members.remove(connection.sid) is not None:
            self.opened(connection)
        # Nothing here asks for an acknowledgement.

    def closed(self, connection: Connection) -> None:
        """A connection has ended."""
        self._members.remove(connection.sid)

    def _end_if_nobody(self, connection: Connection) -> None:
        if self._members.get(connection.sid) is None:
            connection.hang_up(None)

    async def _connect(self, connection: Connection, spoken: Spoken) -> None:
        key = connection.sid
        if spoken.namespace != NAMESPACE or key in self._asking or self._members.get(key) is not None:
            connection.deliver(Packet.not_connected("Unable to connect", spoken.namespace))
            return
        self._asking.add(key)
        try:
            member = await self._admit(connection.query, spoken.data, connection)
        except Refusal as refused:
            connection.deliver(Packet.not_connected({"message": refused.message}))
            return
        finally:
            self._asking.discard(key)
        if connection.closing or connection.closed:
            return  # gone while its token was looked at
        connection.query = ""  # a token is in it, and was needed only once
        self._members.add(key, member)
        connection.deliver(Packet.connected(self.eio.generate_id()))
        await self._greet(member)

    async def _handle(self, connection: Connection, spoken: Spoken) -> None:
        member = self._members.get(connection.sid)
        if member is None:
            return
        data = spoken.data
        if not isinstance(data, list) or not data or not isinstance(data[0], str):
            self._complain(connection)
            return

        def acknowledge(answer: Any) -> None:
            if spoken.number is not None:
                connection.deliver(Packet.acknowledgement(spoken.number, answer))

        too_often = self._limits.on_message(member)
        if too_often is not None:
            acknowledge({"ok": False, "message": too_often})
            connection.deliver(refusal(too_often))
            return
        handler = self._handlers.get(data[0])
        if handler is None:
            # Unasked-for events of old clients are let be; who waits for an answer gets one.
            acknowledge({"ok": False, "message": "There is no such message"})
            return
        try:
            await handler(member, tuple(data[1:]), acknowledge)
        except Exception as error:
            log.error("message_failed", message=data[0], error=type(error).__name__, exc_info=error)
            connection.deliver(refusal("This could not be done just now; try again in a moment"))

    def _complain(self, connection: Connection) -> None:
        member = self._members.get(connection.sid)
        if member is not None:
            connection.deliver(refusal(self._limits.on_message(member) or NOT_UNDERSTOOD))
