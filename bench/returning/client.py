"""A client with a cursor that reads what it gets."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

CANCELLED = '42["visit_cancelled"'


class Client:
    """A WebSocket; `events` counts what came, `answer` is that of the join."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.answer: dict[str, Any] = {}
        self.events = 0

    async def join(self, clinic: int, cursor: dict[str, Any]) -> float:
        """Join; the seconds until the answer, which comes after all that was missed."""
        began = time.perf_counter()
        await self.socket.send_str("420" + json.dumps(["join_queue_room", {"clinic_id": clinic} | cursor]))
        while not (text := await self.socket.receive_str()).startswith("430"):
            self.events += text.startswith(CANCELLED)
        self.answer = json.loads(text[3:])[0]
        return time.perf_counter() - began

    async def event(self) -> None:
        """Wait for the next event."""
        while not (await self.socket.receive_str()).startswith(CANCELLED):
            pass

    def stop_reading(self) -> None:
        """Leave what comes where it is."""
        connection: Any = self.socket._response.connection
        connection.transport.pause_reading()

    @property
    def cursor(self) -> dict[str, Any]:
        """Where it joined."""
        return {"since": self.answer["seq"], "epoch": self.answer["epoch"]}


@asynccontextmanager
async def connected(http: aiohttp.ClientSession, base: str, token: str) -> AsyncIterator[Client]:
    """A client that is connected, and in no room of a clinic yet."""
    url = f"{base}/socket.io/?EIO=4&transport=websocket"
    async with http.ws_connect(url, max_msg_size=0) as socket:
        await socket.receive_str()
        await socket.send_str("40" + json.dumps({"token": token, "cursor": True}))
        while not (await socket.receive_str()).startswith('42["connected"'):
            pass
        yield Client(socket)
