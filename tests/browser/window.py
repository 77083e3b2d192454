"""A window on the clinic: one person's browser, with nothing in it of anybody else's."""

import asyncio
import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Locator, Page, expect
from playwright.async_api import WebSocket as Socket

from contracts import EVENTS

LIMIT = 10.0
"""Seconds until what was to show counts as not showing."""

expect.set_options(timeout=LIMIT * 1000)

SIZE = {"width": 1440, "height": 900}
TALL = {"width": 1440, "height": 4000}
"""So tall that a list which makes only what is seen makes everything."""

PICTURES = {event.name() for event in EVENTS if event.snapshot}

EVENT = re.compile(r'42\d*\["(\w+)"')
"""A Socket.IO packet that is an event."""


class Window:
    """Somebody's page, what it was told, and what went wrong in it."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.heard: list[str] = []
        self._said: list[str] = []
        self.wrongs: list[str] = []
        self._forgiven: list[re.Pattern[str]] = []
        self._more = asyncio.Event()
        page.on("console", self._logged)
        page.on("pageerror", lambda error: self.wrongs.append(f"uncaught: {error}"))
        page.on("crash", lambda _: self.wrongs.append("the page crashed"))
        page.on("websocket", self._connected)

    def forgives(self, pattern: str) -> None:
        """Take this for no error: the test brings it about."""
        self._forgiven.append(re.compile(pattern))

    def errors(self) -> list[str]:
        """What went wrong and was not to."""
        return [wrong for wrong in self.wrongs if not any(one.search(wrong) for one in self._forgiven)]

    async def live(self) -> None:
        """Wait until the page says that what it shows is so now."""
        await expect(self.state("live")).to_be_visible()

    def state(self, state: str) -> Locator:
        """Where the page says how fresh it is, if it says this: `live`, `catching_up` or `offline`."""
        return self.page.locator(f"[data-state={state}]")

    async def hears(self, *events: str, since: int = 0, about: Collection[int] = ()) -> None:
        """Wait until the page was sent all of these, whatever else; `since` counts what it had before.

        With `about` an event counts that names one of these ids; a picture of the queue, whoever is in it.
        """
        try:
            async with asyncio.timeout(LIMIT):
                while set(events) - self._heard(since, about):
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            missing = set(events) - self._heard(since, about)
            raise AssertionError(f"not heard: {missing} about {about}, but {self.heard[since:]}") from None

    def _heard(self, since: int, about: Collection[int]) -> set[str]:
        packets = zip(self.heard[since:], self._said[since:], strict=True)
        return {
            event
            for event, packet in packets
            if not about or event in PICTURES or any(str(id) in packet for id in about)
        }

    async def devtools(self) -> CDPSession:
        """The browser's own tools on this page."""
        return await self.context.new_cdp_session(self.page)

    def _connected(self, socket: Socket) -> None:
        socket.on("framereceived", self._received)

    def _received(self, frame: str | bytes) -> None:
        if isinstance(frame, str) and (event := EVENT.match(frame)):
            self.heard.append(event.group(1))
            self._said.append(frame)
            self._more.set()

    def _logged(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            # The fragment of a sign-in link is a token.
            place = message.location.get("url", "").partition("#")[0]
            self.wrongs.append(f"{message.type}: {message.text} ({place})")


@asynccontextmanager
async def opened(
    browser: Browser, link: str, script: str | None = None, **context: Any
) -> AsyncIterator[Window]:
    """A window signed in by a link; a script runs in its page before the page's own."""
    own = await browser.new_context(**({"viewport": SIZE, "locale": "en-GB"} | context))
    try:
        page = await own.new_page()
        window = Window(own, page)
        if script is not None:
            await page.add_init_script(script)
        await page.goto(link)
        yield window
    finally:
        await own.close()
    assert not window.errors(), "\n".join(window.errors())
