"""A burst of changes to one clinic: how many pictures it makes, and how late the last one is.

`python -m bench.conflation` starts an installation of its own, lets 16 doctors make 1,000 changes as fast as
they go while 50 screens watch, and prints the changes, the pictures that each screen got, and how late the
last one was: from when its change was answered (right after its commit), from when it was asked for (`at`,
before it was its turn at the clinic's row), and from when the picture was begun; medians of several rounds.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import astuple, dataclass
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


@dataclass(frozen=True)
class Picture:
    """Of which revision it is, and when it was begun and came (seconds since 1970)."""

    revision: int
    begun: float
    came: float


class Watcher:
    """A screen that notes each picture."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self.pictures: list[Picture] = []
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
                at = datetime.fromisoformat(stamp["at"]).timestamp()
                if text.startswith('42["queue_updated"'):
                    self.pictures.append(Picture(stamp["rev"], at, now))
                elif text.startswith('42["visit_status_changed"'):
                    self.last_change = at
                    self.revision = stamp["rev"]

    async def last(self) -> Picture:
        """The picture of the last change; waits for it."""
        async with asyncio.timeout(5):
            while not self.pictures or self.pictures[-1].revision < self.revision:  # noqa: ASYNC110  # it comes
                await asyncio.sleep(0.01)
        return next(picture for picture in self.pictures if picture.revision >= self.revision)


@dataclass(frozen=True)
class Burst:
    """What one was: seconds, pictures of each screen, and milliseconds until the last one was everywhere."""

    seconds: float
    pictures: int
    since_asked: float
    since_answered: float
    since_begun: float


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


async def burst(desk: Desk, ids: list[int], installation: Installation, token: str) -> Burst:
    """Make the changes, and hear of them."""
    async with watching(installation.base, token) as watchers:

        async def doctor(doctor_id: int, visits: int) -> None:
            for number in range(visits):
                await desk.see(await desk.walk_in(doctor_id, 1 + number % 40))

        began = time.monotonic()
        visits = CHANGES // MOVES
        shares = [visits // DOCTORS + (place < visits % DOCTORS) for place in range(DOCTORS)]
        await asyncio.gather(*(doctor(id, share) for id, share in zip(ids, shares, strict=True)))
        seconds, answered = time.monotonic() - began, time.time()
        await asyncio.sleep(0.3)  # what the last change says has come
        last = max([await watcher.last() for watcher in watchers], key=lambda picture: picture.came)
        return Burst(
            seconds,
            round(median(len(watcher.pictures) for watcher in watchers)),
            *((last.came - at) * 1000 for at in (watchers[0].last_change, answered, last.begun)),
        )


async def main(rounds: int) -> None:
    """Measure, and print the medians."""
    async with running() as installation:
        token = await installation.token("admin", "--clinic", "1")
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=DOCTORS)) as http:
            desk: Any = Desk(http, installation.at, token)
            ids = await desk.doctors()
            results = [await burst(desk, ids, installation, token) for _ in range(rounds)]
    seconds, pictures, asked, answered, begun = (
        median(figures) for figures in zip(*map(astuple, results), strict=True)
    )
    print(  # noqa: T201
        f"{CHANGES} changes in {seconds:.1f} s, {SCREENS} screens: {pictures:.0f} pictures each; the last on "
        f"every screen {answered:.0f} ms after its change was answered (rounds: "
        f"{', '.join(f'{result.since_answered:.0f}' for result in results)}), {asked:.0f} ms after it was "
        f"asked for, {begun:.0f} ms after the picture was begun"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(main(parser.parse_args().rounds))
