"""Many clients that come back at once.

`python -m bench.returning.crowd BASE TOKEN COUNT CURSOR` is the crowd, in a process of its own; it
prints the seconds that each of them took from its connect to being live.
"""

import asyncio
import json
import sys
import time
from statistics import median
from urllib.parse import urlsplit

from bench.returning import bridge, client
from bench.returning.publisher import Publisher, spread
from bench.screens import Screen, masked
from launcher import broker as brokers

CLINICS = 20
MISSED = 100
"""Events of each clinic, and so of each client: its screens are in one."""


class Returning(Screen):
    """One of a crowd, which costs little: it counts what comes, and reads none of it."""

    def __init__(self, token: str, clinic_id: int, host: str, cursor: bytes) -> None:
        super().__init__(token, clinic_id, host)
        self._cursor = cursor

    def _heard(self, kind: bytes) -> None:
        if kind[:1] == b"0":
            auth = b'40{"token":"' + self._token.encode() + b'","cursor":true,' + self._cursor
            self._transport.write(masked(auth))
        elif kind == b"40":
            join = b'420["join_queue_room",{"clinic_id":%d,' % self._clinic_id
            self._transport.write(masked(join + self._cursor + b"]"))
        else:
            super()._heard(kind)


async def come_back(base: str, token: str, count: int, cursor: str) -> list[float]:
    """So many clients at once; what each of them took."""
    address = urlsplit(base)
    loop = asyncio.get_running_loop()

    async def one(clinic: int) -> float:
        began = time.perf_counter()
        _, screen = await loop.create_connection(
            lambda: Returning(token, clinic, address.netloc, cursor[1:].encode()),
            address.hostname or "",
            address.port or 80,
        )
        await screen.joined
        if screen.events < MISSED + 1:  # `bridge_status` may come beside them
            raise SystemExit(f"a client got {screen.events} events: {MISSED} and the welcome were due")
        return time.perf_counter() - began

    return await asyncio.gather(*(one(1 + number % CLINICS) for number in range(count)))


async def measure(broker: brokers.Broker, publisher: Publisher, port: int, token: str, clients: int) -> str:
    """The bridge is restarted, and each of its clients missed some events meanwhile."""
    async with (
        bridge.running(broker, port) as one,
        client.connected(one.http, one.base, token) as first,
    ):
        await first.join(1, {})
    await publisher.publish(spread(CLINICS, CLINICS * MISSED))
    async with bridge.running(broker, port) as again:
        before = again.cpu
        crowd = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.returning.crowd"),
            *(again.base, token, str(clients), json.dumps(first.cursor)),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await crowd.communicate()
        cpu = again.cpu - before
    taken = json.loads(out)
    return (
        f"{clients} clients, {MISSED} missed each: all live {max(taken):.2f} s after their connects "
        f"(median {median(taken):.2f} s; {cpu:.2f} s of CPU in the bridge)"
    )


if __name__ == "__main__":
    given = sys.argv
    taken = asyncio.run(come_back(given[1], given[2], int(given[3]), given[4]))
    print(json.dumps(taken))  # noqa: T201
