"""Clients that break the rules of Engine.IO and Socket.IO, many at once, over both transports."""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

import aiohttp

from tests.fuzz import packets, values

AT_ONCE = 12
"""Clients at a time."""

ANSWER_LIMIT = 20.0
"""Seconds until a request that nobody answers counts as a failure."""

GONE = (aiohttp.ClientError, ConnectionError)
"""The server ended it: it may."""


@dataclass
class Tally:
    """What was sent, and what came of it."""

    sent: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def answered(self, what: str, status: int, who: str) -> None:
        """Note an HTTP status; of 500 and above it is a failure."""
        self.answers[f"{what} {status}"] += 1
        if status >= 500:
            self.failures.append(f"{who}: {what} was answered {status}")


class Attacker:
    """One client of many, who does what its own seed says."""

    def __init__(
        self, url: str, http: aiohttp.ClientSession, tokens: Sequence[str], tally: Tally, seed: str
    ) -> None:
        self._url = url
        self._http = http
        self._tokens = tokens
        self._tally = tally
        self._seed = seed
        self._random = Random(seed)  # noqa: S311  # the same again by its seed

    async def attack(self) -> None:
        """Connect in some way, say something, and leave in some way."""
        ways = (
            *(self._websocket, self._websocket, self._websocket, self._polling, self._polling),
            *(self._upgrading, self._half_open, self._knock),
        )
        way = self._random.choice(ways)
        try:
            async with asyncio.timeout(ANSWER_LIMIT):
                await way()
        except TimeoutError:
            self._tally.failures.append(f"{self._seed}: no answer to {way.__name__} in {ANSWER_LIMIT:.0f} s")
        except GONE:
            self._tally.answers["ended"] += 1

    def _address(self, transport: str) -> str:
        return f"{self._url}/socket.io/?{packets.query(self._random)}&transport={transport}"

    def _connecting(self) -> str:
        match self._random.randrange(6):
            case 0:
                return "40"
            case 1:
                return f"40{values.text(self._random)}"
            case 2:
                return f"40{json.dumps({'token': values.value(self._random)})}"
            case _:
                auth: dict[str, object] = {"token": self._random.choice(self._tokens)}
                if self._random.random() < 0.3:
                    auth |= {
                        "cursor": True,
                        "since": values.value(self._random),
                        "epoch": values.value(self._random),
                    }
                return f"40{json.dumps(auth)}"

    def _some(self) -> int:
        # Now and then a flood.
        return self._random.choice((0, 1, 3, 10, 30, 30, 60, 400))

    async def _opened(self, url: str) -> aiohttp.ClientWebSocketResponse | None:
        try:
            return await self._http.ws_connect(url, max_msg_size=0, autoping=self._random.random() < 0.8)
        except aiohttp.WSServerHandshakeError as refused:
            self._tally.answered("websocket", refused.status, self._seed)
            return None

    async def _websocket(self) -> None:
        socket = await self._opened(self._address("websocket"))
        if socket is not None:
            await self._talk(socket, [self._connecting()] if self._random.random() < 0.9 else [])

    async def _talk(self, socket: aiohttp.ClientWebSocketResponse, first: Sequence[str]) -> None:
        # Who does not read is a case of its own.
        reading = asyncio.create_task(_read(socket)) if self._random.random() < 0.9 else None
        try:
            for said in (*first, *packets.conversation(self._random, self._some())):
                self._tally.sent += 1
                if isinstance(said, bytes):
                    await socket.send_bytes(said)
                else:
                    await socket.send_str(said.encode(errors="replace").decode())
            await self._leave(socket)
        finally:
            if reading is not None:
                reading.cancel()
                await asyncio.wait((reading,))
            with suppress(*GONE, TimeoutError):
                async with asyncio.timeout(1):
                    await socket.close()

    async def _leave(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        match self._random.randrange(4):
            case 0:
                await socket.send_str("41")
            case 1:
                await socket.send_str("1")
            case 2:
                transport = socket.get_extra_info("socket") and socket._response.connection
                if transport is not None and transport.transport is not None:
                    transport.transport.abort()
            case _:
                await socket.close(code=self._random.choice((1000, 1001, 3000, 4999)), message=b"\xff")

    async def _begin_polling(self) -> str | None:
        url = self._address("polling")
        async with self._http.get(url) as answer:
            self._tally.sent += 1
            self._tally.answered("poll", answer.status, self._seed)
            if answer.status != 200:
                return None
            told = await answer.text()
        start, end = told.find("{"), told.rfind("}")
        with suppress(ValueError, KeyError):
            return f"{url}&sid={json.loads(told[start : end + 1])['sid']}"
        return None

    async def _polling(self) -> None:
        url = await self._begin_polling()
        if url is None:
            return
        await self._post(url, self._connecting().encode(errors="replace"))
        for _ in range(self._random.randrange(8)):
            if self._random.random() < 0.3:
                await self._poll(url)
            else:
                await self._post(url, packets.payload(self._random))
        if self._random.random() < 0.3:
            await self._post(url, b"1")

    async def _poll(self, url: str) -> None:
        self._tally.sent += 1
        with suppress(TimeoutError):
            # Given up half way, as by a browser that is closed.
            async with asyncio.timeout(self._random.choice((0.01, 0.1))), self._http.get(url) as answer:
                self._tally.answered("poll", answer.status, self._seed)
                await answer.read()

    async def _post(self, url: str, body: bytes) -> None:
        self._tally.sent += max(1, body.count(b"\x1e") + 1)
        async with self._http.post(url, data=body) as answer:
            self._tally.answered("post", answer.status, self._seed)
            await answer.read()

    async def _upgrading(self) -> None:
        url = await self._begin_polling()
        if url is None:
            return
        if self._random.random() < 0.8:
            await self._post(url, self._connecting().encode(errors="replace"))
        over = url.replace("transport=polling", "transport=websocket")
        sockets = [await self._opened(over) for _ in range(self._random.choice((1, 1, 2, 3)))]
        poll = asyncio.create_task(self._poll(url))
        try:
            for socket in filter(None, sockets):
                steps = ["2probe", "5"] if self._random.random() < 0.5 else self._random.choices(_STEPS, k=3)
                with suppress(*GONE):
                    await self._talk(socket, steps)
        finally:
            await asyncio.wait((poll,))
            poll.exception()

    async def _knock(self) -> None:
        """A request that is no client's."""
        method = self._random.choice(("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"))
        transport = self._random.choice(("polling", "websocket", "", "flash", "\0"))
        body = packets.payload(self._random) if method in ("POST", "PUT") else None
        self._tally.sent += 1
        with suppress(TimeoutError):
            async with (
                asyncio.timeout(3),
                self._http.request(method, self._address(transport), data=body) as answer,
            ):
                self._tally.answered(f"{method} knock", answer.status, self._seed)
                await answer.read()

    async def _half_open(self) -> None:
        """Bytes of a handshake that never ends, or of none."""
        where = urlsplit(self._url)
        _, writer = await asyncio.open_connection(where.hostname, where.port)
        head = (
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {where.netloc}\r\n"
            "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
        ).encode()
        match self._random.randrange(4):
            case 0:
                said = head[: self._random.randrange(len(head))]
            case 1:
                said = head + self._random.randbytes(self._random.choice((1, 20, 500)))
            case 2:
                said = head + bytes((0x81, 0xFF)) + self._random.randbytes(8)
            case _:
                said = self._random.randbytes(200)
        self._tally.sent += 1
        try:
            writer.write(said)
            await writer.drain()
            await asyncio.sleep(self._random.choice((0, 0.01)))
        finally:
            writer.transport.abort()


_STEPS = ("2probe", "5", "2", "3probe", "2probe", "40", "1", "", "6", '42["join_board_room",{"clinic_id":1}]')


async def _read(socket: aiohttp.ClientWebSocketResponse) -> None:
    async for _ in socket:
        pass


async def attack(url: str, tokens: Sequence[str], inputs: int, seed: str) -> Tally:
    """Send at least so many inputs to the bridge at this address."""
    tally = Tally()
    numbers = iter(range(10**9))
    # One connection for each request: a broken one must not be anybody else's.
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(None)) as http:

        async def keep_on() -> None:
            while tally.sent < inputs and len(tally.failures) < 10:
                await Attacker(url, http, tokens, tally, f"{seed}-{next(numbers)}").attack()

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(keep_on())
    return tally
