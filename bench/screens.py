"""Screens of a clinic, as many as wanted: sockets that join its room, count what comes, and cost little.

Run as a program of its own, so that it is not measured: `python -m bench.screens BASE TOKEN CLINIC COUNT`. It
prints `joined` when every screen has its snapshot; on `end` at its input, the events and bytes it received.
"""

import asyncio
import base64
import os
import sys
from urllib.parse import urlsplit

PING = b"2"


def masked(text: bytes) -> bytes:
    """A client's text frame; a mask of zeros is a mask."""
    if len(text) < 126:
        return b"\x81" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text
    return b"\x81\xfe" + len(text).to_bytes(2, "big") + b"\0\0\0\0" + text


class Screen(asyncio.Protocol):
    """One WebSocket, read frame by frame without keeping what is in them."""

    def __init__(self, token: str, clinic_id: int, host: str) -> None:
        self.events = 0
        self.bytes = 0
        self.joined: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._buffer = b""
        self._skip = 0
        self._upgraded = False
        self._token, self._clinic_id, self._host = token, clinic_id, host
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the WebSocket."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: {self._host}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count frames; answer the few that want an answer."""
        self.bytes += len(data)
        if self._skip >= len(data):
            self._skip -= len(data)
            return
        self._buffer += data[self._skip :] if self._skip else data
        self._skip = 0
        if not self._upgraded:
            head, found, self._buffer = self._buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = head
                return
            self._upgraded = True
        self._read_frames()

    def _read_frames(self) -> None:
        at, buffer = 0, self._buffer
        while len(buffer) - at >= 2:
            length, start = buffer[at + 1] & 0x7F, at + 2
            if length == 126:
                length, start = int.from_bytes(buffer[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(buffer[at + 2 : at + 10], "big"), at + 10
            if len(buffer) < start + 2:
                break
            self._heard(buffer[start : start + 2])
            at = start + length
            if at > len(buffer):
                self._skip, at = at - len(buffer), len(buffer)
        self._buffer = buffer[at:]

    def _heard(self, kind: bytes) -> None:
        if kind[:1] == PING:
            self._transport.write(masked(b"3"))
        elif kind[:1] == b"0":
            self._transport.write(masked(b'40{"token":"' + self._token.encode() + b'"}'))
        elif kind == b"40":
            self._transport.write(masked(b'420["join_queue_room",{"clinic_id":%d}]' % self._clinic_id))
        elif kind == b"43" and not self.joined.done():
            self.joined.set_result(None)
        elif kind == b"42":
            self.events += 1


async def main(base: str, token: str, clinic_id: int, count: int) -> None:
    """Open the screens, say when they are there, and at the end what they got."""
    address = urlsplit(base)
    loop = asyncio.get_running_loop()
    screens = []
    for _ in range(count):
        _, screen = await loop.create_connection(
            lambda: Screen(token, clinic_id, address.netloc), address.hostname or "", address.port or 80
        )
        await screen.joined
        screens.append(screen)
    before = [(screen.events, screen.bytes) for screen in screens]
    print("joined", flush=True)  # noqa: T201
    await loop.run_in_executor(None, sys.stdin.readline)
    events = sum(screen.events - was for screen, (was, _) in zip(screens, before, strict=True))
    size = sum(screen.bytes - was for screen, (_, was) in zip(screens, before, strict=True))
    print(events, size, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
