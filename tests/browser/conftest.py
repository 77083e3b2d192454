"""A real browser for the run, a clinic for a module, windows for a test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser import chromium, clinic, window
from tests.browser.clinic import Clinic
from tests.browser.window import Window

Opens = Callable[..., Awaitable[Window]]
"""Opens a window by whose link it is: `await opens("reception")`, with Playwright's options of a context."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(used: dict[str, str]) -> AsyncIterator[Browser]:
    """The browser of this machine."""
    executable = chromium.found()
    if executable is None and chromium.required():
        pytest.fail(f"{chromium.VARIABLE}={chromium.REQUIRED}, but {chromium.NONE}", pytrace=False)
    if executable is None:
        pytest.skip(chromium.NONE)
    async with chromium.launched(executable) as launched:
        used["Chromium"] = f"{executable} ({launched.version})"
        yield launched


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def of_the_module(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    """A clinic at work; asked for through `clinic`, which leaves no patient of one test to the next."""
    async with clinic.opened(tmp_path_factory.mktemp("clinic")) as opened:
        yield opened


@pytest_asyncio.fixture(name="clinic", loop_scope="module")
async def clinic_without_patients(of_the_module: Clinic) -> Clinic:
    """The clinic, with nobody in it."""
    await of_the_module.empties()
    return of_the_module


@pytest_asyncio.fixture(loop_scope="module")
async def opens(browser: Browser, clinic: Clinic) -> AsyncIterator[Opens]:
    """Windows, closed after the test; what went wrong in one of them fails it."""
    async with AsyncExitStack() as stack:

        async def opens(name: str, **context: Any) -> Window:
            link = clinic.links.get(name, name)
            return await stack.enter_async_context(window.opened(browser, link, **context))

        yield opens


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def kept(browser: Browser, of_the_module: Clinic) -> AsyncIterator[Opens]:
    """Windows that stay open from one test of a module to the next, one of each kind."""
    async with AsyncExitStack() as stack:
        windows: dict[str, Window] = {}

        async def opens(name: str, **context: Any) -> Window:
            if name not in windows:
                opened = window.opened(browser, of_the_module.links[name], **context)
                windows[name] = await stack.enter_async_context(opened)
            return windows[name]

        yield opens
