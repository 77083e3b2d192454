"""A window on the clinic: one person's browser, with nothing in it of anybody else's."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, CDPSession, ConsoleMessage, Locator, Page, expect

LIMIT = 10.0
"""Seconds until what was to show counts as not showing."""

expect.set_options(timeout=LIMIT * 1000)

NOT_FOUND_OUT = re.compile("favicon")
"""What a browser asks for by itself."""


class Window:
    """Somebody's page, and what went wrong in it."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self.context = context
        self.page = page
        self.wrongs: list[str] = []
        self._forgiven: list[re.Pattern[str]] = [NOT_FOUND_OUT]
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrongs.append(f"uncaught: {error}"))
        page.on("crash", lambda _: self.wrongs.append("the page crashed"))

    def forgives(self, pattern: str) -> None:
        """Take this for no error: the test brings it about."""
        self._forgiven.append(re.compile(pattern))

    def button(self, name: str | re.Pattern[str], within: Locator | None = None) -> Locator:
        """A button by what it says."""
        return (within or self.page).get_by_role("button", name=name)

    async def live(self) -> None:
        """Wait until the page says that what it shows is so now."""
        await expect(self.state("live")).to_be_visible()

    def state(self, state: str) -> Locator:
        """Where the page says how fresh it is, if it says this: `live`, `catching_up` or `offline`."""
        return self.page.locator(f"[data-state={state}]")

    def errors(self) -> list[str]:
        """What went wrong and was not to."""
        return [wrong for wrong in self.wrongs if not any(one.search(wrong) for one in self._forgiven)]

    async def devtools(self) -> CDPSession:
        """The browser's own tools on this page."""
        return await self.context.new_cdp_session(self.page)

    async def offline(self, cut: bool = True) -> None:
        """Pull the cable, or put it back; what was open ends too, as it does not by Playwright alone."""
        await self.context.set_offline(cut)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            place = message.location.get("url", "").partition("#")[0]
            self.wrongs.append(f"{message.type}: {message.text} ({place})")


@asynccontextmanager
async def opened(browser: Browser, link: str, **context: Any) -> AsyncIterator[Window]:
    """A window signed in by a link."""
    own = await browser.new_context(
        **({"viewport": {"width": 1440, "height": 900}, "locale": "en-GB"} | context)
    )
    try:
        page = await own.new_page()
        window = Window(own, page)
        await page.goto(link)
        yield window
    finally:
        await own.close()
    assert not window.errors(), "\n".join(window.errors())
