"""Clients that come back: many at once after a bridge's restart, one far behind, and one that stops reading.

`python -m bench.returning` runs one bridge in a process of its own, the clients in others, and prints
- for 2,000 clients that each missed 100 events of a restart: when all are live again after their connects;
- the replay of 10 events from memory, and of 1,000 events out of a stream of a million, after one join;
- what a client that stops reading has waiting for it, and the latency of the others with and without it.
`--clients`, `--stored` make it smaller; every figure is the median of `--rounds`.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import nats
import uvloop

from bench.screens import Screen, masked
from contracts import VisitCancelled, encode, headers
from contracts.event import Process
from contracts.identity import Role
from launcher import broker as brokers
from launcher import serving
from launcher.provision import StreamSize, provision
from launcher.token import sign
from socket_bridge.settings import Settings

SECRET = "a secret of the benchmark, long enough"  # noqa: S105
MISSED = 100
FAR = 1000
FEW = 10
BATCH = 1000
"""Messages on the way to the stream at once."""


class Client:
    """A WebSocket with a cursor."""

    def __init__(self, http: aiohttp.ClientSession, base: str, token: str) -> None:
        self._http, self._base, self._token = http, base, token
        self.socket: Any = None
        self.answer: dict[str, Any] = {}
        self.events = 0

    async def join(self, clinic: int, cursor: dict[str, Any]) -> float:
        """Connect and join; the seconds from the connect to being live, with all that was missed."""
        began = time.perf_counter()
        while True:
            try:
                url = f"{self._base}/socket.io/?EIO=4&transport=websocket"
                self.socket = await self._http.ws_connect(url, max_msg_size=0)
                break
            except (aiohttp.ClientError, OSError):
                await asyncio.sleep(0.1)
        await self.socket.receive_str()
        await self.socket.send_str("40" + json.dumps({"token": self._token, "cursor": True} | cursor))
        await self.socket.send_str("420" + json.dumps(["join_queue_room", {"clinic_id": clinic} | cursor]))
        while not (text := await self.socket.receive_str()).startswith("430"):
            self.events += text.startswith('42["visit_cancelled"')
        self.answer = json.loads(text[3:])[0]
        return time.perf_counter() - began


class Publisher:
    """Publishes numbered events of a clinic, as its relay does."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._stream = connection.jetstream(publish_async_max_pending=BATCH)
        self._number = 0

    async def publish(self, clinic: int, count: int, size: int = 400) -> None:
        """So many events, all of them stored when it returns."""
        event = VisitCancelled(visit_id=5, reason="x" * size, clinic_id=clinic)
        payload, room = encode(event), ",".join(event.audience())
        acknowledged: list[Any] = []
        for _ in range(count):
            self._number += 1
            given = {headers.ROOMS: room, headers.AT: datetime.now(UTC).isoformat(), headers.VERSION: "1"}
            given[headers.MESSAGE_ID] = f"returning-{self._number}"
            acknowledged.append(await self._stream.publish_async(event.address(), payload, headers=given))
            if len(acknowledged) == BATCH:
                await asyncio.gather(*acknowledged)
                acknowledged = []
        await asyncio.gather(*acknowledged)


@asynccontextmanager
async def bridge(broker: brokers.Broker, port: int) -> AsyncIterator[str]:
    """One bridge, ready; its address."""
    environment = {
        "PORT": str(port),
        "NATS_URL": broker.url,
        "NATS_NKEY": broker.seeds["bridge"],
        "JWT_SECRET": SECRET,
        "LOG_LEVEL": "error",
    }
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("clinicwire")),
        "serve",
        "bridge",
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(120):
            while not await _ready(http, base):  # noqa: ASYNC110  # as an orchestrator does
                await asyncio.sleep(0.02)
        yield base
    finally:
        process.terminate()
        await process.wait()


async def _ready(http: aiohttp.ClientSession, base: str) -> bool:
    try:
        async with http.get(f"{base}/health/ready") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


class Returning(Screen):
    """One of a crowd, which costs little: it counts what comes, and reads none of it."""

    def __init__(self, token: str, host: str, cursor: bytes) -> None:
        super().__init__(token, 1, host)
        self._cursor = cursor

    def _heard(self, kind: bytes) -> None:
        if kind[:1] == b"0":
            auth = b'40{"token":"' + self._token.encode() + b'","cursor":true,' + self._cursor
            self._transport.write(masked(auth))
        elif kind == b"40":
            self._transport.write(masked(b'420["join_queue_room",{"clinic_id":1,' + self._cursor + b"]"))
        else:
            super()._heard(kind)


async def come_back(base: str, token: str, count: int, cursor: str) -> None:
    """In a process of its own: so many clients at once; says what each of them took."""
    address = urlsplit(base)
    loop = asyncio.get_running_loop()

    async def one() -> float:
        began = time.perf_counter()
        _, screen = await loop.create_connection(
            lambda: Returning(token, address.netloc, cursor[1:].encode()),
            address.hostname or "",
            address.port or 80,
        )
        await screen.joined
        if screen.events < MISSED + 1:  # `bridge_status` may come beside them
            raise SystemExit(f"a client got {screen.events} events: {MISSED} and the welcome were due")
        return time.perf_counter() - began

    _say(json.dumps(await asyncio.gather(*(one() for _ in range(count)))))


async def returning(broker: brokers.Broker, publisher: Publisher, port: int, token: str, clients: int) -> str:
    """Many at once, after a restart."""
    async with bridge(broker, port) as base, aiohttp.ClientSession() as http:
        first = Client(http, base, token)
        await first.join(1, {})
    cursor = {"since": first.answer["seq"], "epoch": first.answer["epoch"]}
    await publisher.publish(1, MISSED)
    async with bridge(broker, port) as base:
        crowd = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bench.returning",
            "crowd",
            base,
            token,
            str(clients),
            json.dumps(cursor),
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await crowd.communicate()
    taken = json.loads(out)
    return (
        f"{clients} clients, {MISSED} missed each: all live {max(taken):.2f} s after their connects "
        f"(median {median(taken):.2f} s)"
    )


async def replays(
    broker: brokers.Broker, publisher: Publisher, port: int, token: str, stored: int, rounds: int
) -> tuple[str, str]:
    """A few from memory, many out of a large stream."""
    async with bridge(broker, port) as base, aiohttp.ClientSession() as http:
        first = Client(http, base, token)
        await first.join(1, {})
        cursor = {"since": first.answer["seq"], "epoch": first.answer["epoch"]}
        await publisher.publish(1, FEW)
        few = [await _replay(http, base, token, cursor, FEW) for _ in range(5 * rounds)]
        await publisher.publish(1, FAR - FEW)
        # Others' events push ours out of memory.
        await publisher.publish(9, stored)
        many = [await _replay(http, base, token, cursor, FAR) for _ in range(rounds)]
    return (
        f"{FEW} events from memory: {median(few) * 1000:.1f} ms",
        f"{FAR} events out of a stream of {stored + FAR:,}: {median(many) * 1000:.0f} ms",
    )


async def _replay(
    http: aiohttp.ClientSession, base: str, token: str, cursor: dict[str, Any], count: int
) -> float:
    """Seconds from the join of a client that is connected already."""
    client = Client(http, base, token)
    client.socket = await http.ws_connect(f"{base}/socket.io/?EIO=4&transport=websocket", max_msg_size=0)
    await client.socket.receive_str()
    await client.socket.send_str("40" + json.dumps({"token": token, "cursor": True}))
    while not (await client.socket.receive_str()).startswith('42["connected"'):
        pass
    began = time.perf_counter()
    await client.socket.send_str("420" + json.dumps(["join_queue_room", {"clinic_id": 1} | cursor]))
    while not (text := await client.socket.receive_str()).startswith("430"):
        client.events += text.startswith('42["visit_cancelled"')
    taken = time.perf_counter() - began
    if client.events != count or not json.loads(text[3:])[0]["recovered"]:
        raise SystemExit(f"{client.events} of {count} events came")
    await client.socket.close()
    return taken


async def not_reading(broker: brokers.Broker, publisher: Publisher, port: int, token: str) -> str:
    """The others' latency, without and with one that stops reading."""
    async with bridge(broker, port) as base, aiohttp.ClientSession() as http:
        reader = Client(http, base, token)
        await reader.join(1, {})
        before = await _latencies(reader, publisher)
        deaf = Client(http, base, token)
        await deaf.join(1, {})
        # Its socket's buffers fill first, ours and the kernel's; then the bridge has to keep what is for it.
        deaf.socket._response.connection.transport.pause_reading()
        during = await _latencies(reader, publisher)
        async with http.get(f"{base}/metrics") as answer:
            text = await answer.text()
    cut = next(
        line for line in text.splitlines() if line.startswith("clinicwire_bridge_slow_clients_cut_total")
    )
    return (
        f"a client that stops reading: cut off {cut.split()[1]} time(s); the others' p50/p99 "
        f"{before[0]:.1f}/{before[1]:.1f} ms without it, {during[0]:.1f}/{during[1]:.1f} ms with it"
    )


async def _latencies(reader: Client, publisher: Publisher) -> tuple[float, float]:
    """p50 and p99 in milliseconds of 40 KB events, 8 MB in all."""
    taken = []
    for _ in range(200):
        began = time.perf_counter()
        await publisher.publish(1, 1, size=40_000)
        while not (await reader.socket.receive_str()).startswith('42["visit_cancelled"'):
            pass
        taken.append((time.perf_counter() - began) * 1000)
    return median(taken), quantiles(taken, n=100)[98]


def _say(what: object) -> None:
    print(what, flush=True)  # noqa: T201


async def main(clients: int, stored: int, rounds: int) -> None:
    """Measure one after another."""
    with tempfile.TemporaryDirectory() as folder:
        async with brokers.running(Path(folder)) as broker:
            settings = Settings.model_validate(
                {"nats_url": broker.url, "nats_nkey": broker.seeds["provisioner"]}
            )
            await provision(settings, {}, StreamSize(max_bytes=3 << 30))
            connection = await nats.connect(
                broker.url, nkeys_seed_str=broker.seeds[Process.QUEUE], inbox_prefix="_INBOX_queue"
            )
            publisher = Publisher(connection)
            now = datetime.now(UTC)
            token = sign(SECRET, Role.RECEPTIONIST, now, life=timedelta(hours=4), clinics=(1,))
            with serving.bound("127.0.0.1", 0) as free:
                port = free.getsockname()[1]
            for _ in range(rounds):
                _say(await returning(broker, publisher, port, token, clients))
            _say(await not_reading(broker, publisher, port, token))
            for line in await replays(broker, publisher, port, token, stored, rounds):
                _say(line)
            await connection.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["crowd"]:
        asyncio.run(come_back(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5]))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--clients", type=int, default=2000)
        parser.add_argument("--stored", type=int, default=1_000_000)
        parser.add_argument("--rounds", type=int, default=3)
        given = parser.parse_args()
        uvloop.run(main(given.clients, given.stored, given.rounds))
