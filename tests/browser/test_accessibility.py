"""Every page is for everybody: axe finds nothing, nothing is wider than a phone, and nothing jumps."""

import pytest
from playwright.async_api import Page, ViewportSize, expect

from tests.browser import axe, steadiness
from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens
from tests.browser.dialogs import Dialogs, cashier_dialogs, reception_dialogs

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = ("reception", "doctor", "cashier", "board")
LOCALES = ("en-GB", "ar-EG")
PHONE = ViewportSize(width=375, height=740)

GOOD = 0.1
"""A shift that counts as good; what a card leaves to the others is a shift too."""


async def in_light_and_dark(page: Page, within: str | None = None) -> list[str]:
    """What axe finds in either."""
    await page.emulate_media(color_scheme="dark")
    dark = await axe.violations(page, within)
    await page.emulate_media(color_scheme="light")
    return dark + await axe.violations(page, within)


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
    # A call blinks for seconds, and is judged when it has come to rest.
    window = await opens(page, locale=locale, reduced_motion="reduce")
    await window.live()
    assert await window.page.locator("html").get_attribute("lang") == locale[:2]
    assert await in_light_and_dark(window.page) == []
    await window.page.set_viewport_size(PHONE)
    assert not await steadiness.scrolls_sideways(window.page)
    assert await axe.violations(window.page) == []


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("dialogs", [reception_dialogs, cashier_dialogs])
async def test_every_step_of_a_dialog_breaks_no_rule_of_wcag(
    opens: Opens, clinic: Clinic, dialogs: Dialogs, locale: str
) -> None:
    found: dict[str, list[str]] = {}
    async for step, page in dialogs(opens, clinic, locale):
        await expect(page.get_by_role("dialog")).to_be_visible()
        found[step] = await in_light_and_dark(page, "[role=dialog]")
    assert not any(found.values()), found


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
