"""The browser that the screens are tested in: an installed Chromium or Chrome, never one of Playwright's."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROME_OF_MACOS = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

VARIABLE = "CLINICWIRE_BROWSER"
REQUIRED = "required"
"""Set to `required`: a machine without a browser fails the tests instead of skipping them."""

NONE = "no browser on this machine: install Chromium or Chrome (Debian, Ubuntu: apt install chromium)"

QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A screen on a wall is started so: nobody presses it before it may chime.
    "--autoplay-policy=no-user-gesture-required",
)
"""A browser that asks nothing of the world: a machine of tests may be shut off from it."""


def found() -> str | None:
    """Where this machine has a browser."""
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    return installed or (str(CHROME_OF_MACOS) if CHROME_OF_MACOS.exists() else None)


def required() -> bool:
    """Whether there has to be one."""
    return os.environ.get(VARIABLE) == REQUIRED


@asynccontextmanager
async def launched(executable: str, *more: str) -> AsyncIterator[Browser]:
    """The browser at work, without a window."""
    # Chromium's sandbox does not start as root, which a container's only user is.
    sandbox = () if os.geteuid() else ("--no-sandbox",)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=[*QUIET, *sandbox, *more])
        try:
            yield browser
        finally:
            await browser.close()
