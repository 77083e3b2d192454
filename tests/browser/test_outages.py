"""A page says how fresh it is, keeps its last picture while cut off, and is right again without a reload."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens
from tests.browser.doctor import DoctorsPage
from tests.browser.reception import COLUMNS, Reception
from tests.browser.window import TALL
from tests.cable import Cable, cable

pytestmark = pytest.mark.asyncio(loop_scope="module")

CUT = r"net::ERR_|WebSocket connection to .* failed|status of 50"
"""What the browser itself says of a line that is cut."""

OUTAGE = 3.0
"""Seconds without a network."""

CHANGES = 30

PHASES = dict(zip(("appointments_today", "waiting", "with_doctor", "completed"), COLUMNS, strict=True))
"""The columns that show the phases of the answer."""


@pytest_asyncio.fixture(loop_scope="module")
async def line(clinic: Clinic) -> AsyncIterator[Cable]:
    """The cable that leads to the clinic."""
    async with cable(int(clinic.base.rpartition(":")[2])) as one:
        yield one


async def at(clinic: Clinic, line: Cable, opens: Opens, name: str) -> Reception:
    """A window at the end of the cable."""
    window = await opens(clinic.links[name].replace(clinic.base, line.url), viewport=TALL)
    window.forgives(CUT)
    await window.live()
    await mark(window.page)
    return Reception(window)


async def mark(page: Page) -> None:
    """A page that is loaded anew loses this."""
    await page.evaluate("globalThis.loadedOnce = true")


async def equals_get(clinic: Clinic, reception: Reception) -> None:
    """Wait until the board is what GET answers: each column, in its order."""
    phases = (await clinic.sees("/queue/phases/1"))["phases"]
    for phase, column in PHASES.items():
        names = [item["patient_name"] for item in phases[phase]]
        await expect(reception.column(column).locator(".visit-who strong")).to_have_text(names)
    assert await reception.page.evaluate("loadedOnce")


async def test_thirty_changes_missed_in_three_seconds_without_a_network_are_there_afterwards(
    clinic: Clinic, line: Cable, opens: Opens
) -> None:
    reception = await at(clinic, line, opens, "reception")
    _, first = await clinic.walks_in()
    await reception.shows(first, "waiting")
    until = asyncio.get_running_loop().time() + OUTAGE
    line.pull()
    await expect(reception.window.state("offline")).to_be_visible()
    for number in range(CHANGES // 3):
        visit, _ = await clinic.walks_in(doctor=number % 2 + 1)
        await clinic.does("reception", "POST", "/queue/call", visit_id=visit.id)
        last = {"visit_id": visit.id, "reason": "Gone"} if number % 3 == 0 else {"visit_id": visit.id}
        await clinic.does(
            "reception", "POST", "/queue/cancel" if number % 3 == 0 else "/queue/requeue", **last
        )
    # The last picture stays as it was.
    assert await reception.names("waiting") == [first]
    await asyncio.sleep(max(0, until - asyncio.get_running_loop().time()))
    line.mend()
    await reception.window.live()
    await equals_get(clinic, reception)


async def test_a_page_is_right_again_after_the_clinic_was_killed_and_started(
    clinic: Clinic, opens: Opens
) -> None:
    desk, doctor, board = [await opens(name, viewport=TALL) for name in ("reception", "doctor", "board")]
    for window in (desk, doctor, board):
        window.forgives(CUT)
        await window.live()
        await mark(window.page)
    before = await clinic.someone("waiting")
    await Reception(desk).shows(before, "waiting")
    await clinic.kill()
    for window in (desk, doctor, board):
        await expect(window.state("offline")).to_be_visible()
    await clinic.start()
    # Before anybody is back: it is in no event that a window hears.
    after = await clinic.someone("called")
    for window in (desk, doctor, board):
        await window.live()
        assert await window.page.evaluate("loadedOnce")
    await Reception(desk).is_so(after, "called")
    await DoctorsPage(doctor).shows(after, "called")
    await DoctorsPage(doctor).shows(before, "waiting")
    await equals_get(clinic, Reception(desk))
