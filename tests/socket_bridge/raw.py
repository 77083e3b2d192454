"""A Socket.IO client of bare WebSocket frames or HTTP polls, which hides nothing of what it gets."""

import asyncio
import fcntl
import json
import socket
import struct
from types import TracebackType
from typing import Any, Self

import aiohttp

from tests.socket_bridge.stage import LIMIT

HIGH = 400
"""The lowest descriptor of a client's own end: the low ones, used again and again, are the server's."""


def _numbered_high(address: tuple[Any, ...]) -> socket.socket:
    with socket.socket(*address[:3]) as low:
        return socket.socket(fileno=fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, HIGH))


class Closed(Exception):
    """The server ended the connection."""


class Raw:
    """One connection; everything received is in `packets`, as text."""

    def __init__(self, url: str, auth: object = None, query: str = "", transport: str = "websocket") -> None:
        self.packets: list[str] = []
        self._url = f"{url}/socket.io/?EIO=4&transport={transport}{query}"
        self._auth = auth
        self._polling = transport == "polling"
        self._ids = iter(range(1, 10**9))
        connector = aiohttp.TCPConnector(socket_factory=_numbered_high)
        self._http = aiohttp.ClientSession(connector=connector, read_bufsize=2**16)
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._read = 0
        self._pings = 0

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:
            await self._http.close()
            raise
        return self

    async def _open(self) -> None:
        if self._polling:
            opened = await self._poll()
            self._url += "&sid=" + json.loads(opened[0][1:])["sid"]
        else:
            await self._open_socket()
            assert (await self._receive())[0] == "0"
        await self.send("40" + ("" if self._auth is None else json.dumps(self._auth)))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.close()

    async def send(self, packet: str) -> None:
        """Send one Engine.IO packet."""
        if self._socket is not None:
            await self._socket.send_str(packet)
        else:
            async with self._http.post(self._url, data=packet.encode()) as answer:
                if answer.status != 200:
                    raise Closed(await answer.text())

    async def emit(self, event: str, *given: object) -> None:
        """Send an event."""
        await self.send("42" + json.dumps([event, *given]))

    async def call(self, event: str, *given: object) -> Any:
        """Send an event and wait for its acknowledgement."""
        number = next(self._ids)
        # A long poll goes on while this is sent, as with every client.
        sending = asyncio.create_task(self.send(f"42{number}" + json.dumps([event, *given])))
        packet = await self.until(lambda text: text.startswith(f"43{number}["))
        await sending
        return json.loads(packet[2 + len(str(number)) :])[0]

    async def event(self, name: str) -> list[Any]:
        """The arguments of the next event of this name that was not asked for before."""
        start = f'42["{name}"'
        packet = await self.until(lambda text: text.startswith(start))
        return list(json.loads(packet[2:])[1:])

    async def until(self, wanted: Any) -> str:
        """The next packet that is as wanted; those before it stay in `packets`."""
        async with asyncio.timeout(LIMIT):
            while True:
                while self._read < len(self.packets):
                    packet = self.packets[self._read]
                    self._read += 1
                    if wanted(packet):
                        return packet
                await self._more()

    @property
    def address(self) -> str:
        """Where this client polls."""
        return self._url

    async def pinged(self) -> None:
        """Return when a ping was answered."""
        before = self._pings
        async with asyncio.timeout(LIMIT):
            while self._pings == before:
                await self._more()

    async def closed(self) -> None:
        """Return when the server has ended the connection."""
        async with asyncio.timeout(LIMIT):
            try:
                while True:
                    await self._more()
            except Closed:
                return

    async def leave(self, abruptly: bool) -> None:
        """Close the WebSocket as a client should, or reset its connection."""
        assert self._socket is not None
        if abruptly:
            reset = struct.pack("ii", 1, 0)
            self._socket.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            await self._http.close()
        else:
            await self._socket.close()

    def events(self) -> list[tuple[str, list[Any]]]:
        """All events received so far: name and arguments."""
        parsed = [json.loads(packet[2:]) for packet in self.packets if packet.startswith("42[")]
        return [(event[0], event[1:]) for event in parsed]

    def forget(self) -> None:
        """Forget what was received so far."""
        self.packets.clear()
        self._read = 0

    async def upgrade(self) -> None:
        """Move from polling to a WebSocket as Engine.IO's clients do: probe, finish the poll, upgrade."""
        poll = asyncio.create_task(self._poll())
        await self._open_socket(self._url.replace("transport=polling", "transport=websocket"))
        assert self._socket is not None
        await self._socket.send_str("2probe")
        assert await self._receive() == "3probe"
        self.packets += [packet for packet in await poll if packet != "6"]
        await self._socket.send_str("5")
        self._polling = False

    async def _open_socket(self, url: str | None = None) -> None:
        self._socket = await self._http.ws_connect(url or self._url, compress=15, max_msg_size=0)

    async def _more(self) -> None:
        received = await self._poll() if self._socket is None else [await self._receive()]
        for packet in received:
            if packet == "2":
                self._pings += 1
                await self.send("3")
            elif packet == "1":
                raise Closed
            elif packet != "6":
                self.packets.append(packet)

    async def _receive(self) -> str:
        assert self._socket is not None
        message = await self._socket.receive()
        if message.type is not aiohttp.WSMsgType.TEXT:
            raise Closed(message.type)
        return str(message.data)

    async def _poll(self) -> list[str]:
        async with self._http.get(self._url) as answer:
            if answer.status != 200:
                raise Closed(await answer.text())
            return (await answer.text()).split("\x1e")
