"""Every page is for everybody: axe finds nothing, and nothing is wider than a phone."""

import pytest
from playwright.async_api import ViewportSize

from tests.browser import axe, steadiness
from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = ("reception", "doctor", "cashier", "board")
LOCALES = ("en-GB", "ar-EG")
SCHEMES = ("light", "dark")
PHONE = ViewportSize(width=375, height=740)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("locale", LOCALES)
async def test_who_is_not_signed_in_is_asked_to_be_on_a_page_that_everybody_can_use(
    opens: Opens, clinic: Clinic, locale: str, scheme: str
) -> None:
    window = await opens(f"{clinic.base}/", locale=locale, color_scheme=scheme, viewport=PHONE)
    await window.page.get_by_role("textbox").wait_for()
    assert await axe.violations(window.page) == []
    assert not await steadiness.scrolls_sideways(window.page)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_breaks_no_rule_of_wcag_and_is_no_wider_than_a_phone(
    opens: Opens, clinic: Clinic, page: str, locale: str, scheme: str
) -> None:
    window = await opens(page, locale=locale, color_scheme=scheme)
    await window.live()
    assert await window.page.locator("html").get_attribute("lang") == locale[:2]
    assert await axe.violations(window.page) == []
    await window.page.set_viewport_size(PHONE)
    assert not await steadiness.scrolls_sideways(window.page)
