"""Takes the README's pictures of the screens: python -m docs.screenshots (needs Chromium or Chrome).

A whole day is played on an installation of its own, with the demo's invented people; in its middle every page
is photographed, in English by day and in Arabic by night.
"""

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from launcher.day.play import Wanted, play
from launcher.day.tokens import GivenTokens
from tests.browser import chromium, clinic, window
from tests.browser.clinic import CLINIC, Clinic
from tests.browser.window import Window

IMAGES = Path(__file__).parent / "img"
SEED = 4
SPEED = 60
"""Nine minutes for a day; slow enough that who is called is still called when the page is stopped."""

MIDDAY = 20
"""Patients seen when the pictures are taken."""

BUSY = ("waiting_count", "called_count", "in_progress_count")
"""Who has to be there as well, for every page to have something to show."""

SOCKETS = """const Plain = WebSocket;
globalThis.sockets = [];
globalThis.WebSocket = class extends Plain {
    constructor(...given) {
        super(...given);
        sockets.push(this);
    }
};"""
STILL = "() => sockets.forEach((socket) => { socket.onmessage = null })"
"""What comes after it is not heard; the page is as it was, and live."""

PAGES = ("reception", "doctor", "cashier", "board")
SIZE = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Look:
    """How a page is looked at, and what that adds to its picture's name."""

    suffix: str
    locale: str
    scheme: str


LOOKS = (Look("", "en-GB", "light"), Look("-ar", "ar-EG", "dark"))


async def main() -> None:
    """Play the day and take the pictures."""
    executable = chromium.found()
    if executable is None:
        sys.exit(chromium.NONE)
    console = Console(file=StringIO(), record=True, width=110)
    with TemporaryDirectory() as data:
        async with clinic.opened(Path(data)) as one, AsyncExitStack() as stack:
            browser = await stack.enter_async_context(chromium.launched(executable))
            windows: dict[str, Window] = {}
            for page in PAGES:
                for look in LOOKS:
                    opened = window.opened(
                        browser,
                        one.links[page],
                        SOCKETS,
                        viewport=SIZE,
                        locale=look.locale,
                        color_scheme=look.scheme,
                    )
                    windows[page + look.suffix] = await stack.enter_async_context(opened)
            token = one.links["admin"].partition("#token=")[2]
            wanted = Wanted(one.base, CLINIC, SPEED, SEED)
            day = asyncio.create_task(play(wanted, GivenTokens([token]), console, lambda: datetime.now(UTC)))
            await _midday(one, day)
            # A page takes a second to photograph, in which the day goes on: each stands still for it.
            await windows["board"].page.locator(".call").first.wait_for()
            await asyncio.gather(*(seen.page.evaluate(STILL) for seen in windows.values()))
            for name, seen in windows.items():
                await seen.page.screenshot(path=IMAGES / f"{name}.png", animations="disabled")
            await day
    print(console.export_text())  # noqa: T201


async def _midday(one: Clinic, day: asyncio.Task[None]) -> None:
    while not day.done():
        counted = await one.sees(f"/queue/statistics/{CLINIC}", "admin")
        if counted["completed_count"] >= MIDDAY and all(counted[count] for count in BUSY):
            return
        await asyncio.sleep(0.05)
    await day
    sys.exit("the day was over before its middle came: play it slower (SPEED)")


if __name__ == "__main__":
    asyncio.run(main())
