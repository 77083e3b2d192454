"""A burst of changes to one clinic: how many pictures it makes, and how late the last one is.

`python -m bench.conflation` starts an installation of its own, lets 16 doctors make 1,000 changes as fast as
they go while 50 screens watch, and prints the changes, the pictures that each screen got, and the time from
the last change (its `at`, taken before its commit) until every screen had the picture of it; medians of
several rounds.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from statistics import median
from typing import Any

import aiohttp

from bench.desk import DOCTORS, Desk
from bench.installation import Installation, running

CHANGES = 1000
SCREENS = 50
MOVES = 4
"""Changes of one visit: walked in, called, started, completed."""


class Watcher:
    """A screen that notes of each picture which revision it is of, and when it came."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.pictures: list[tuple[int, float]] = []
        self.last_change, self.revision = 0.0, 0

    async def join(self, token: str) -> None:
        """Enter the clinic's room."""
        await self._socket.receive_str()
        await self._socket.send_str("40" + json.dumps({"token": token, "cursor": True}))
        await self._socket.send_str('420["join_queue_room",{"clinic_id":1}]')
        while not (await self._socket.receive_str()).startswith("430"):
            pass

    async def watch(self) -> None:
        """Read until cancelled; only the stamp at the end of an event matters here."""
        while True:
            text = await self._socket.receive_str()
            now = time.time()
            if text == "2":
                await self._socket.send_str("3")
            elif text.startswith('42["') and '{"seq":' in text:
                stamp = json.loads(text[text.rindex('{"seq":') : -1])
                if text.startswith('42["queue_updated"'):
                    self.pictures.append((stamp["rev"], now))
                elif text.startswith('42["visit_status_changed"'):
                    self.last_change = datetime.fromisoformat(stamp["at"]).timestamp()
                    self.revision = stamp["rev"]

    async def late(self) -> float:
        """Milliseconds from the last change until its picture was here; waits for it."""
        async with asyncio.timeout(5):
            while not self.pictures or self.pictures[-1][0] < self.revision:  # noqa: ASYNC110  # it comes
                await asyncio.sleep(0.01)
        came = next(at for revision, at in self.pictures if revision >= self.revision)
        return (came - self.last_change) * 1000


@asynccontextmanager
async def watching(base: str, token: str) -> AsyncIterator[list[Watcher]]:
    """The screens, in the room."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)))
        watchers = []
        for _ in range(SCREENS):
            url = f"{base}/socket.io/?EIO=4&transport=websocket"
            watchers.append(Watcher(await stack.enter_async_context(http.ws_connect(url, max_msg_size=0))))
            await watchers[-1].join(token)
        tasks = [asyncio.create_task(watcher.watch()) for watcher in watchers]
        yield watchers
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def burst(
    desk: Desk, ids: list[int], installation: Installation, token: str
) -> tuple[float, int, float]:
    """Seconds the changes took, pictures that each screen got, and how late the last was at the most."""
    async with watching(installation.base, token) as watchers:

        async def doctor(doctor_id: int, visits: int) -> None:
            for number in range(visits):
                await desk.see(await desk.walk_in(doctor_id, 1 + number % 40))

        began = time.monotonic()
        visits = CHANGES // MOVES
        shares = [visits // DOCTORS + (place < visits % DOCTORS) for place in range(DOCTORS)]
        await asyncio.gather(*(doctor(id, share) for id, share in zip(ids, shares, strict=True)))
        seconds = time.monotonic() - began
        await asyncio.sleep(0.3)  # what the last change says has come
        late = [await watcher.late() for watcher in watchers]
        return seconds, round(median(len(watcher.pictures) for watcher in watchers)), max(late)


async def main(rounds: int) -> None:
    """Measure, and print the medians."""
    async with running() as installation:
        token = await installation.token("admin", "--clinic", "1")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=DOCTORS)) as http:
            desk: Any = Desk(http, installation.at, token)
            ids = await desk.doctors()
            results = [await burst(desk, ids, installation, token) for _ in range(rounds)]
    seconds, pictures, late = (median(figures) for figures in zip(*results, strict=True))
    print(  # noqa: T201
        f"{CHANGES} changes in {seconds:.1f} s, {SCREENS} screens: {pictures:.0f} pictures each, "
        f"the last on every screen {late:.0f} ms after its change (rounds: "
        f"{', '.join(f'{result[2]:.0f}' for result in results)})"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(main(parser.parse_args().rounds))
