"""A cable between a process and the broker, which can be pulled: what is on its way is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Cable:
    """Carries bytes between whoever connects to `port` and the server on `to`."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self._to = to
        self._pulled = False
        self._ends: set[asyncio.StreamWriter] = set()

    async def pull(self, seconds: float) -> None:
        """Carry nothing for so long, and end every connection: what was sent meanwhile never comes."""
        self._pulled = True
        await asyncio.sleep(seconds)
        for end in self._ends:
            end.close()
        self._pulled = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Somebody connects."""
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.close()
            return
        self._ends |= {writer, back}
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        self._ends -= {writer, back}

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while given := await reader.read(1 << 16):
                if not self._pulled:
                    writer.write(given)
                    await writer.drain()
        writer.close()


@asynccontextmanager
async def laid(to: int) -> AsyncIterator[Cable]:
    """A cable to this port of ours."""
    cable = Cable(to)
    server = await asyncio.start_server(cable.connect, "127.0.0.1", 0)
    cable.port = server.sockets[0].getsockname()[1]
    try:
        yield cable
    finally:
        server.close()
        await cable.pull(0)
