"""Whether a page keeps still while what it shows changes."""

from playwright.async_api import Page

WATCH = """() => {
    globalThis.shifts = [];
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts.push(value);
    }).observe({ type: "layout-shift" });
}"""

FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


async def watch(page: Page) -> None:
    """Count layout shifts from now on."""
    await page.evaluate(WATCH)


async def shifted(page: Page) -> float:
    """The sum of the shifts so far, as the Layout Instability API scores them; under 0.1 counts as good."""
    # An observer hears of a frame after it.
    await page.evaluate(FRAMES)
    shift: float = await page.evaluate("shifts.reduce((sum, one) => sum + one, 0)")
    return shift


async def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the window."""
    wider: bool = await page.evaluate(
        "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"
    )
    return wider
