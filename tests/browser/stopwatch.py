"""How long a change takes from a press in one window to its paint in another, by the clocks of the pages."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from playwright.async_api import Page

from tests.browser.window import LIMIT

TIMED = "press_to_paint"
"""The property of a test that says what took how many milliseconds."""

NOW = "() => performance.timeOrigin + performance.now()"

PRESSES = """() => globalThis.pressed ??= (addEventListener("pointerup",
    ({ timeStamp }) => { globalThis.pressed = performance.timeOrigin + timeStamp }, { capture: true }), 0)"""

WATCH = """({ selector, text, there }) => {
    const found = () => [...document.querySelectorAll(selector)];
    const shows = () => found().some(({ textContent }) => textContent.includes(text)) === there;
    globalThis.painted = new Promise((done) => {
        const look = () => {
            if (!shows()) return;
            observer.disconnect();
            // A message that is sent in a frame comes when that frame has been painted.
            requestAnimationFrame(() => {
                const { port1, port2 } = new MessageChannel();
                port1.onmessage = () => done(performance.timeOrigin + performance.now());
                port2.postMessage(0);
            });
        };
        const observer = new MutationObserver(look);
        const everything = { subtree: true, childList: true, attributes: true, characterData: true };
        observer.observe(document.body, everything);
        look();
    });
    return shows();
}"""


@dataclass(frozen=True)
class Sign:
    """What a change looks like on a page: somewhere this text is there, or it is nowhere any more."""

    selector: str
    text: str = "{name}"
    there: bool = True

    def of(self, **facts: object) -> "Sign":
        """The same with what its text names filled in."""
        return Sign(self.selector, self.text.format(**facts), self.there)


async def shown(page: Page, sign: Sign) -> float:
    """Wait until the page shows this; when it was painted, in milliseconds."""
    await _watch(page, sign)
    return await _painted(page, sign)


async def press_to_paint(
    pressed: Page, act: Callable[[], Awaitable[None]], watched: Page, sign: Sign
) -> float:
    """Milliseconds from the last press of this act to its sign in another window.

    What is done without a press is timed from its beginning.
    """
    await pressed.evaluate(PRESSES)
    assert not await _watch(watched, sign), f"{sign} is shown before anything was done"
    began: float = await watched.evaluate(NOW)
    await act()
    painted = await _painted(watched, sign)
    last: float = await pressed.evaluate("pressed")
    return painted - max(began, last)


async def _watch(page: Page, sign: Sign) -> bool:
    looked_for = {"selector": sign.selector, "text": sign.text, "there": sign.there}
    there: bool = await page.evaluate(WATCH, looked_for)
    return there


async def _painted(page: Page, sign: Sign) -> float:
    try:
        async with asyncio.timeout(LIMIT):
            at: float = await page.evaluate("painted")
            return at
    except TimeoutError:
        raise AssertionError(f"{sign} is not shown: {await page.inner_text('body')}") from None
