"""Every page is for everybody: axe finds nothing, nothing is wider than a phone, and nothing jumps."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser import axe, steadiness
from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens
from tests.browser.reception import Reception

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = ("reception", "doctor", "cashier", "board")
LOCALES = ("en-GB", "ar-EG")
PHONE = ViewportSize(width=375, height=740)

GOOD = 0.1
"""A shift that counts as good; what a card leaves to the others is a shift too."""


async def in_light_and_dark(page: Page) -> list[str]:
    """What axe finds in either."""
    await page.emulate_media(color_scheme="dark")
    dark = await axe.violations(page)
    await page.emulate_media(color_scheme="light")
    return dark + await axe.violations(page)


async def fill(clinic: Clinic) -> None:
    """Somebody in every state."""
    for status in ("scheduled", "completed", "called", "in_progress", "waiting"):
        await clinic.someone(status)


@pytest.mark.parametrize("locale", LOCALES)
async def test_who_is_not_signed_in_finds_a_page_that_everybody_can_use(
    opens: Opens, clinic: Clinic, locale: str
) -> None:
    window = await opens(f"{clinic.base}/", locale=locale, viewport=PHONE)
    await expect(window.page.get_by_role("textbox")).to_be_visible()
    assert await in_light_and_dark(window.page) == []
    assert not await steadiness.scrolls_sideways(window.page)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_breaks_no_rule_of_wcag_and_is_no_wider_than_a_phone(
    opens: Opens, clinic: Clinic, page: str, locale: str
) -> None:
    await fill(clinic)
    window = await opens(page, locale=locale)
    await window.live()
    assert await window.page.locator("html").get_attribute("lang") == locale[:2]
    assert await in_light_and_dark(window.page) == []
    await window.page.set_viewport_size(PHONE)
    assert not await steadiness.scrolls_sideways(window.page)
    assert await axe.violations(window.page) == []


async def open_walk_in(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Walk-in").click()


async def open_new_patient(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Walk-in").click()
    await page.get_by_role("button", name="New patient").click()


async def open_booking(page: Page, name: str) -> None:
    await page.get_by_role("button", name="Book", exact=True).click()


async def open_reason(page: Page, name: str) -> None:
    await page.get_by_role("button", name=f"More for {name}").click()
    await page.get_by_role("menuitem", name="Cancel the visit").click()


@pytest.mark.parametrize("opens_it", [open_walk_in, open_new_patient, open_booking, open_reason])
async def test_a_dialog_of_the_reception_breaks_no_rule_of_wcag(
    opens: Opens, clinic: Clinic, opens_it: Callable[[Page, str], Awaitable[None]]
) -> None:
    window = await opens("reception")
    name = await clinic.someone("waiting")
    await Reception(window).shows(name, "waiting")
    await opens_it(window.page, name)
    await expect(window.page.get_by_role("dialog")).to_be_visible()
    assert await in_light_and_dark(window.page) == []


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_keeps_still_while_the_queue_changes(opens: Opens, clinic: Clinic, page: str) -> None:
    await fill(clinic)
    window = await opens(page)
    await window.live()
    await expect(window.page.locator(".notice")).to_have_count(0)
    frame = window.page.locator("header, h1, aside, aside h2, section.column h2, dl > div, #own-queue, .now")
    before = [await one.bounding_box() for one in await frame.all()]
    await steadiness.watch(window.page)
    heard = len(window.heard)
    for _ in range(4):
        await clinic.someone("called")
    await window.hears("board_updated" if page == "board" else "queue_updated", since=heard)
    shift = await steadiness.shifted(window.page)
    assert [await one.bounding_box() for one in await frame.all()] == before
    # On the board a call is as large as there is room: one that is new moves those before it, and only those.
    assert shift < GOOD or page == "board"
