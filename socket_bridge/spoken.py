"""What a client says in Socket.IO's words, as python-socketio reads them: those without binary parts."""

from typing import Any, NamedTuple

import orjson
from socketio import packet  # type: ignore[import-untyped]  # it has no types

CONNECT, DISCONNECT, EVENT, ACK = packet.CONNECT, packet.DISCONNECT, packet.EVENT, packet.ACK

NAMESPACE = "/"
"""The only one that there is."""


class _Packet(packet.Packet):  # type: ignore[misc]  # its base has no types
    json = orjson


class Spoken(NamedTuple):
    """A client's packet; `number` is what its acknowledgement is asked for by."""

    kind: int
    namespace: str
    number: int | None
    data: Any


def read(said: object) -> Spoken:
    """The packet that was said; raises ValueError for what is none, or has binary parts."""
    if not isinstance(said, str) or not said:
        raise ValueError("no packet that a client may send")
    given = _Packet(encoded_packet=said)
    if given.packet_type not in (CONNECT, DISCONNECT, EVENT, ACK) or given.attachment_count:
        raise ValueError("no packet that a client may send")
    return Spoken(given.packet_type, given.namespace or NAMESPACE, given.id, given.data)
