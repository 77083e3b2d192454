"""What a client says in Socket.IO's words: of its packets, those without binary parts."""

import re
from typing import Any, NamedTuple

import orjson

CONNECT, DISCONNECT, EVENT, ACK = "0", "1", "2", "3"

NAMESPACE = "/"
"""The only one that there is."""

_PACKET = re.compile(r"([0-3])(?:(/[^,?]*)(?:\?[^,]*)?(?:,|$))?([0-9]{0,100})(.*)", re.DOTALL)


class Spoken(NamedTuple):
    """A client's packet; `number` is what its acknowledgement is asked for by."""

    kind: str
    namespace: str
    number: int | None
    data: Any


def read(said: object) -> Spoken:
    """The packet that was said; raises ValueError for what is none, or has binary parts."""
    found = _PACKET.fullmatch(said) if isinstance(said, str) else None
    if found is None:
        raise ValueError("no packet that a client may send")
    kind, namespace, number, data = found.groups()
    return Spoken(
        kind, namespace or NAMESPACE, int(number) if number else None, orjson.loads(data) if data else None
    )
