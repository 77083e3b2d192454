"""What a page holds on to."""

from dataclasses import dataclass

from playwright.async_api import CDPSession

from tests.browser.window import Window


@dataclass(frozen=True)
class Held:
    """Bytes of live objects, and how many nodes and listeners, after a collection."""

    bytes: int
    nodes: int
    listeners: int


class Memory:
    """The browser's own account of one page."""

    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools

    @classmethod
    async def of(cls, window: Window) -> "Memory":
        """The account of this window's page."""
        devtools = await window.devtools()
        await devtools.send("Performance.enable")
        await devtools.send("HeapProfiler.enable")
        return cls(devtools)

    async def held(self) -> Held:
        """What is left when everything that can go has gone."""
        # Twice: what the first collection finalises, the second takes away.
        for _ in range(2):
            await self._devtools.send("HeapProfiler.collectGarbage")
        told = (await self._devtools.send("Performance.getMetrics"))["metrics"]
        figures = {one["name"]: int(one["value"]) for one in told}
        return Held(figures["JSHeapUsedSize"], figures["Nodes"], figures["JSEventListeners"])
