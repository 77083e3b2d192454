"""What people see in a real browser, and when: `python -m bench.browser` (needs Chromium or Chrome).

From the click at reception to the change painted before the doctor; the reception in a burst of 200 changes
on a day of 500 visits; what a first load takes. Clinic, windows and staff share this machine.
"""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from playwright.async_api import Browser

from tests.browser import chromium, clinic, window
from tests.browser.clinic import CLINIC, DOCTORS, Clinic
from tests.browser.doctor import DoctorsPage
from tests.browser.reception import Reception
from tests.browser.stopwatch import Sign, press_to_paint

RUNS = 3
CLICKS = 20
VISITS = 500
WAITING = 40
CHANGES = 200
HANDS = 4
"""How many of the staff act at once."""

PAGES = ("reception", "doctor", "cashier", "board")

WATCHED = """() => {
    const seen = globalThis.seen = { gaps: [], renders: [] };
    // A card that moves or changes its status; the time that counts up is text only.
    new MutationObserver(() => seen.renders.push(performance.now())).observe(document.querySelector(".board"),
        { subtree: true, childList: true, attributeFilter: ["data-status"] });
    let last;
    const frame = (at) => {
        if (last !== undefined) seen.gaps.push(at - last);
        last = at;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""

RESTED = """() => new Promise((done) => {
    const rested = () => performance.now() - (seen.renders.at(-1) ?? 0) > 1000;
    const look = () => (rested() ? done(seen) : setTimeout(look, 100));
    look();
})"""
"""What was seen, once nothing has changed for a second."""

LOADED = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""


@dataclass(frozen=True)
class Burst:
    """How the page took a burst: milliseconds of its longest frame, and renders in its fullest second."""

    longest: float
    renders: int


async def click_to_paint(one: Clinic, browser: Browser) -> list[float]:
    """Milliseconds from each click to its change on the other page."""
    taken: list[float] = []
    async with (
        window.opened(browser, one.links["reception"]) as desk,
        window.opened(browser, one.links["doctor"]) as doctor,
    ):
        await asyncio.gather(desk.live(), doctor.live())
        reception = Reception(desk)
        for _ in range(CLICKS):
            visit, name = await one.walks_in()
            await asyncio.gather(reception.shows(name, "waiting"), DoctorsPage(doctor).shows(name, "waiting"))
            called = Sign(".entry[data-status=called]", name)
            press = partial(reception.press, name, "Call")
            taken.append(await press_to_paint(desk.page, press, doctor.page, called))
            await one.does("reception", "POST", "/queue/cancel", visit_id=visit.id, reason="Counted")
    return taken


async def burst(one: Clinic, browser: Browser) -> Burst:
    """Change the queue as fast as a few hands can, before an open page."""
    waiting = [item["id"] for item in (await one.sees(f"/queue/clinic/{CLINIC}"))["waiting"]]
    async with window.opened(browser, one.links["reception"]) as desk:
        await desk.live()
        await desk.page.locator(".board").wait_for()
        await desk.page.evaluate(WATCHED)

        async def act(visits: list[int]) -> None:
            for number in range(CHANGES // HANDS):
                verb = "requeue" if number // len(visits) % 2 else "call"
                await one.does("reception", "POST", f"/queue/{verb}", visit_id=visits[number % len(visits)])

        await asyncio.gather(*(act(waiting[hand::HANDS]) for hand in range(HANDS)))
        seen = await desk.page.evaluate(RESTED)
        for visit in waiting:
            if (await one.visit(visit)).status == "called":
                await one.does("reception", "POST", "/queue/requeue", visit_id=visit)
    times: list[float] = seen["renders"]
    return Burst(max(seen["gaps"]), max(sum(at <= other < at + 1000 for other in times) for at in times))


async def day(one: Clinic) -> None:
    """A day of so many visits: some wait, one is with each doctor, the others have been seen."""

    async def come(doctor: int, count: int, verbs: tuple[str, ...]) -> None:
        for _ in range(count):
            visit, _ = await one.walks_in(doctor)
            for verb in verbs:
                await one.does("admin", "POST", f"/queue/{verb}", visit_id=visit.id)

    share = len(DOCTORS)
    seen = ("start", "complete")
    await asyncio.gather(*(come(doctor, (VISITS - WAITING) // share, seen) for doctor in DOCTORS))
    await asyncio.gather(*(come(doctor, WAITING // share, ()) for doctor in DOCTORS))


async def main() -> None:
    """Measure each several times, and print the medians."""
    executable = chromium.found()
    if executable is None:
        sys.exit(chromium.NONE)
    with tempfile.TemporaryDirectory() as folder:
        async with clinic.opened(Path(folder)) as one, chromium.launched(executable) as browser:
            clicks = [await click_to_paint(one, browser) for _ in range(RUNS)]
            await day(one)
            bursts = [await burst(one, browser) for _ in range(RUNS)]
            first = {}
            for page in PAGES:
                async with window.opened(browser, one.links[page]) as opened:
                    await opened.live()
                    first[page] = await opened.page.evaluate(LOADED) / 1000
    p50 = median(median(run) for run in clicks)
    p95 = median(sorted(run)[int(len(run) * 0.95)] for run in clicks)
    _say("| what | median | wanted |")
    _say("|---|---|---|")
    _say(f"| click in one window to paint in the other, p50 | {p50:.0f} ms | under 100 ms |")
    _say(f"| the same, p95 | {p95:.0f} ms | |")
    _say(
        f"| longest frame, {CHANGES} changes on {VISITS} visits | {median(b.longest for b in bursts):.0f} ms "
        "| at most 50 ms |"
    )
    _say(f"| renders in the fullest second of it | {median(b.renders for b in bursts):.0f} | at most 20 |")
    for page, size in first.items():
        _say(f"| script of a first load, {page} | {size:.0f} KB | under 200 KB |")


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
