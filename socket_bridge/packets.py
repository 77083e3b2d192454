"""An event as it goes out: its stored JSON bytes put into a packet, once for all who get it.

Nothing here reads the payload. A packet is at most encoded twice, however many sockets it goes to: as the
WebSocket frame that `wire` writes, and as the python-engineio packet that waits for a long-polling client.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from engineio import packet as engine  # type: ignore[import-untyped]  # it has no types

from socket_bridge.frames import TEXT, frame

MESSAGE = b"4"
EVENT = b"2"
ACK = b"3"


def text_frame(body: bytes) -> bytes:
    """One unmasked WebSocket text frame (RFC 6455, 5.2) around this body."""
    return frame(TEXT, body)


class WaitingPacket(engine.Packet):  # type: ignore[misc]  # its base has no types
    """A packet in a client's queue that knows its size in bytes."""

    def __init__(self, body: bytes) -> None:
        super().__init__(engine.MESSAGE, body[1:].decode())
        self.size = len(body)


class Packet:
    """A message to a client; `frame` is its bytes on a WebSocket."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.frame = text_frame(body)

    @classmethod
    def event(cls, name: str, *arguments: bytes) -> "Packet":
        """A Socket.IO event with these arguments, each of them JSON already."""
        return cls(b'42["%s",%s]' % (name.encode(), b",".join(arguments)))

    @classmethod
    def connected(cls, sid: str) -> "Packet":
        """Tells a client that it is connected, and as whom."""
        return cls(b'40{"sid":"%s"}' % sid.encode())

    @classmethod
    def not_connected(cls, why: Any, namespace: str = "/") -> "Packet":
        """Tells a client why it is not connected."""
        to = b"" if namespace == "/" else namespace.encode() + b","
        return cls(b"44%s%s" % (to, orjson.dumps(why)))

    @classmethod
    def acknowledgement(cls, number: int, answer: Any) -> "Packet":
        """The answer to the message that the client numbered so."""
        return cls(b"43%d[%s]" % (number, orjson.dumps(answer)))

    @cached_property
    def waiting(self) -> WaitingPacket:
        """What a long-polling client finds in its queue."""
        return WaitingPacket(self.body)


@dataclass(frozen=True)
class Stamp:
    """What the system adds to an event; the second argument for the clients that asked for it.

    `seq` is the event's place in the stream, `rev` the owner's revision of the clinic, `at` when it was made
    (ISO 8601), `id` the event's own; what there is none of is left out.
    """

    seq: int
    rev: int | None = None
    at: str | None = None
    id: str | None = None

    def json(self) -> bytes:
        """The second argument."""
        return orjson.dumps({name: value for name, value in vars(self).items() if value is not None})


class Emission:
    """An event for these rooms in its two packets: with the stamp, for members with a cursor, and without."""

    def __init__(self, name: str, payload: bytes, stamp: Stamp, rooms: tuple[str, ...] = ()) -> None:
        self.name = name
        self.payload = payload
        self.stamp = stamp
        self.rooms = rooms

    @cached_property
    def plain(self) -> Packet:
        """The payload alone."""
        return Packet.event(self.name, self.payload)

    @cached_property
    def stamped(self) -> Packet:
        """The payload and, as second argument, the stamp."""
        return Packet.event(self.name, self.payload, self.stamp.json())


def refusal(message: str) -> Packet:
    """`error {message}`, as the clients in the field know it."""
    return Packet.event("error", orjson.dumps({"message": message}))


def status(live: bool, lag_ms: int) -> Packet:
    """`bridge_status {state, lag_ms}`: whether what a client sees is what is so now."""
    state = "live" if live else "catching_up"
    return Packet.event("bridge_status", orjson.dumps({"state": state, "lag_ms": lag_ms}))


DISCONNECT = Packet(b"41")
"""Tells a client that it is disconnected for a reason of the server's, and need not come back by itself."""
