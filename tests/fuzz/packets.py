"""Packets as no client of ours would send them, and some as one would."""

import json
from collections.abc import Iterator
from random import Random

from tests.fuzz import values

EVENTS = (
    "join_queue_room",
    "join_doctor_room",
    "join_board_room",
    "leave_queue_room",
    "leave_doctor_room",
    "leave_board_room",
    "auth_refresh",
    "queue_updated",
    "connect",
    "disconnect",
    "message",
    "",
)


def _event(random: Random) -> str:
    name = random.choice(EVENTS)
    given = random.choice(
        (
            [{"clinic_id": 1}],
            [{"clinic_id": 1, "since": random.randrange(-5, 10_000), "epoch": "2026-01-01T00:00:00+00:00"}],
            [{"doctor_id": random.randrange(4)}],
            [{random.choice(values.NAMES): values.value(random)}],
            [values.value(random) for _ in range(random.randrange(4))],
        )
    )
    number = random.choice(("", "", str(random.randrange(100)), "9" * random.randrange(1, 40)))
    return f"42{number}{json.dumps([name, *given])}"


def _namespaced(random: Random) -> str:
    space = random.choice(("/", "/admin", "/" + "x" * 2000, "/\0", "//", "/?token=x", "/é"))
    return f"4{random.randrange(7)}{space},{values.text(random)}"


def _binary(random: Random) -> str:
    count = random.choice(("0", "1", "2", "11", "999999999", "9" * 40, "-1", "", "x"))
    placeholder = {"_placeholder": True, "num": random.choice((0, 1, -1, 2**60, "0", None))}
    between = random.choice(("", "/x,", "7"))
    return f"4{random.choice('56')}{count}-{between}{json.dumps(['message', placeholder])}"


def _engine(random: Random) -> str:
    return f"{random.choice('0123456789:b')}{random.choice(('', 'probe', values.text(random)))}"


def _socket(random: Random) -> str:
    number = random.choice(("", str(random.randrange(10**18))))
    return f"4{random.choice('0123456789-')}{number}{values.text(random)}"


def text_packet(random: Random) -> str:
    """One Engine.IO packet as text."""
    kinds = (_event, _event, _event, _namespaced, _binary, _engine, _socket)
    made = random.choice(kinds)(random)
    if random.random() < 0.2:
        made = values.mangled(random, made)
    if random.random() < 0.002:
        made += "x" * 70_000
    return made


def conversation(random: Random, count: int) -> Iterator[str | bytes]:
    """Messages of one WebSocket: the last may be anything, those before leave the connection standing."""
    for _ in range(count - 1):
        if random.random() < 0.1:
            yield random.randbytes(random.choice((0, 1, 2, 30, 2000)))
            continue
        made = text_packet(random)
        # An Engine.IO packet of another kind, or of no kind, is the end of a connection.
        yield made if made[:1] in ("4", "3", "5") and len(made) < 60_000 else f"4{made[:60_000]}"
    if count:
        yield text_packet(random)


def payload(random: Random) -> bytes:
    """The body of a long-polling POST."""
    packets = [text_packet(random) for _ in range(random.choice((0, 1, 2, 5, 16, 17, 40)))]
    if random.random() < 0.1:
        packets.append("b" + random.choice(("AAAA", "!", "A", "====")))
    body = "\x1e".join(packets).encode(errors="replace")
    if random.random() < 0.1:
        body += random.randbytes(20)
    return b"d=" + body if random.random() < 0.05 else body


def query(random: Random) -> str:
    """The query string of a request that opens a connection, mostly a right one."""
    if random.random() < 0.7:
        return "EIO=4"
    return random.choice(QUERIES)


QUERIES = (
    *("", "EIO=3", "EIO=999999999999", "EIO=x", "EIO=4&EIO=3", "EIO=%E9", "EIO=4&t="),
    *("EIO=4&j=1", "EIO=4&j=x", "EIO=4&b64=1", "EIO=4&sid=%00", "EIO=4&token=%FF%FE"),
    *("EIO=4&token=" + "x" * 4000, "EIO=4&sid=" + "x" * 500),
)
