"""Every dialog, step by step, in whichever language: found by what it is, not by what it says."""

from collections.abc import AsyncIterator, Callable

from playwright.async_api import Locator, Page, expect

from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens

Steps = AsyncIterator[tuple[str, Page]]
"""The name of a step, when the page shows it."""

Dialogs = Callable[[Opens, Clinic, str], Steps]


async def reception_dialogs(opens: Opens, clinic: Clinic, locale: str) -> Steps:
    """A walk-in, a new patient, a booking from its first step to its last, and a reason."""
    window = await opens("reception", locale=locale)
    page, dialog = window.page, window.page.get_by_role("dialog")
    name = await clinic.someone("waiting")
    card = page.get_by_role("row", name=name, exact=True)
    await expect(card).to_be_visible()
    _, book, walk_in, _ = await page.locator(".toolbar-acts button").all()

    await walk_in.click()
    yield "walk-in", page
    await _search(dialog, name)
    yield "patients found", page
    await dialog.get_by_role("searchbox").fill("Nobody of this name")
    await dialog.locator(".field > .button").click()
    yield "new patient", page
    await page.keyboard.press("Escape")

    await book.click()
    onward = dialog.locator("button[type=submit]")
    yield "booking: doctor", page
    await dialog.get_by_role("radio").first.click()
    await onward.click()
    yield "booking: patient", page
    await _search(dialog, name)
    await dialog.get_by_role("row", name=name).click()
    await onward.click()
    await expect(dialog.get_by_role("radio").first).to_be_visible()
    yield "booking: service and time", page
    await dialog.get_by_role("radio").last.click()
    await onward.click()
    yield "booking: confirm", page
    await page.keyboard.press("Escape")

    await card.get_by_role("button").last.click()
    await page.get_by_role("menuitem").and_(page.locator("[data-danger]")).click()
    yield "reason", page


async def cashier_dialogs(opens: Opens, clinic: Clinic, locale: str) -> Steps:
    """Taking a payment, too much of one, its receipt, and a refund."""
    name = await clinic.someone("waiting")
    window = await opens("cashier", locale=locale)
    page, dialog = window.page, window.page.get_by_role("dialog")
    row = page.locator(".due").filter(has_text=name)

    await row.locator(".primary").click()
    yield "payment", page
    amount = dialog.get_by_role("textbox").first
    await amount.fill("999")
    await amount.blur()
    yield "too much", page
    await amount.fill("50")
    await dialog.locator("button[type=submit]").click()
    await expect(dialog.locator(".receipt")).to_contain_text(name)
    yield "receipt", page
    await page.keyboard.press("Escape")

    await row.locator(".due-more button").first.click()
    yield "refund", page


async def _search(dialog: Locator, name: str) -> None:
    await dialog.get_by_role("searchbox").fill(name)
    await expect(dialog.get_by_role("row", name=name)).to_be_visible()
