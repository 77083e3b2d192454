"""What our connection does that nats-py leaves undone."""

import asyncio
import os
from pathlib import Path

from chassis.broker import Connection
from tests.parts import broker_running

ATTEMPTS = 20
LIMIT = 20


async def test_attempts_to_connect_again_that_come_to_nothing_leave_no_sockets_behind(tmp_path: Path) -> None:
    """A server that is starting may take a call and hang up before it has said a word."""
    calls = asyncio.Queue[None]()

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.put_nowait(None)
        writer.close()
        await writer.wait_closed()

    async def ignore(_: Exception) -> None:
        """That is what happens here."""

    connection = Connection()
    async with asyncio.timeout(LIMIT):
        async with broker_running(tmp_path) as broker:
            await connection.connect(
                broker.url,
                nkeys_seed_str=broker.seeds["observer"],
                max_reconnect_attempts=-1,
                reconnect_time_wait=0,
                error_cb=ignore,
            )
        before = len(os.listdir("/proc/self/fd"))
        port = int(broker.url.rpartition(":")[2])
        async with await asyncio.start_server(hang_up, "127.0.0.1", port):
            for _ in range(ATTEMPTS):
                await calls.get()
            left = len(os.listdir("/proc/self/fd")) - before
            await connection.close()
    assert left < ATTEMPTS // 2
