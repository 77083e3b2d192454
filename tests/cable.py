"""A cable between a client and a server, to be pulled and put back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Cable:
    """Leads from a port of its own to another, which may be changed."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = ""
        self._pulled = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._ends: set[asyncio.StreamWriter] = set()
        self._leads: set[asyncio.Task[None]] = set()

    def pull(self) -> None:
        """Cut what goes through it, and let nothing through."""
        self._pulled = True
        for end in self._ends:
            end.transport.abort()

    def mend(self, port: int | None = None) -> None:
        """Let connections through again, to this port from now on."""
        self.port = port or self.port
        self._pulled = False

    def hold(self) -> None:
        """Keep what goes into it, in order, until it flows again."""
        self._flowing.clear()

    def flow(self) -> None:
        """Let through what was kept, and what comes."""
        self._flowing.set()

    def plug(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Lead one connection to the other end."""
        lead = asyncio.create_task(self._lead(reader, writer))
        self._leads.add(lead)
        lead.add_done_callback(self._leads.discard)

    async def gone(self) -> None:
        """Wait until nothing goes through it any more."""
        self.pull()
        if self._leads:
            await asyncio.wait(self._leads)

    async def _lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        try:
            if self._pulled:
                return
            with suppress(OSError):
                there, back = await asyncio.open_connection("127.0.0.1", self.port)
                self._ends.add(back)
                try:
                    await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
                finally:
                    self._ends.discard(back)
                    back.transport.abort()
        finally:
            self._ends.discard(writer)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while read := await reader.read(65536):
                await self._flowing.wait()
                writer.write(read)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def cable(port: int) -> AsyncIterator[Cable]:
    """A cable to this port; `url` is where clients find its end."""
    one = Cable(port)
    server = await asyncio.start_server(one.plug, "127.0.0.1", 0)
    one.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield one
    finally:
        server.close()
        await one.gone()
