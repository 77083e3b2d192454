"""What a cashier does, click by click, and what the clinic has of it afterwards."""

import pytest
import pytest_asyncio
from playwright.async_api import Locator, expect

from tests.browser.clinic import Clinic, eventually
from tests.browser.conftest import Opens
from tests.browser.window import Window

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def cashier(kept: Opens) -> Window:
    """The cashier's page, live."""
    window = await kept("cashier")
    await window.live()
    return window


def row(cashier: Window, name: str) -> Locator:
    """Somebody who has to pay, or has."""
    return cashier.page.get_by_role("main").get_by_role("listitem").filter(has_text=name)


async def take(cashier: Window, name: str, amount: str, discount: str = "", method: str = "") -> Locator:
    """Take a payment; answers with its receipt."""
    await cashier.page.get_by_role("button", name=f"Take payment from {name}").click()
    dialog = cashier.page.get_by_role("dialog", name=f"Take payment from {name}")
    if discount:
        await dialog.get_by_label("Discount").fill(discount)
    if amount:
        await dialog.get_by_label("Amount received").fill(amount)
    if method:
        await dialog.get_by_text(method, exact=True).click()
    await dialog.get_by_role("button", name="Take payment").click()
    receipt = cashier.page.get_by_role("dialog", name="Receipt")
    await expect(receipt).to_contain_text(name)
    return receipt


async def test_a_payment_is_taken_whole_with_its_receipt_and_refunded(
    clinic: Clinic, cashier: Window
) -> None:
    visit, name = await clinic.walks_in()
    receipt = await take(cashier, name, "")
    await expect(receipt.locator(".receipt")).to_contain_text("200.00")
    await receipt.get_by_role("button", name="Close").last.click()
    assert (await clinic.payment(visit.id))["status"] == "paid"
    await expect(row(cashier, name)).to_have_count(0)
    await cashier.page.get_by_role("radio", name="Paid and refunded").click()
    await row(cashier, name).get_by_role("button", name=f"Refund to {name}").click()
    await cashier.page.get_by_role("dialog").get_by_role("button", name="Refund", exact=True).click()
    await expect(row(cashier, name)).to_contain_text("Refunded")
    assert (await clinic.payment(visit.id))["status"] == "refunded"
    await cashier.page.get_by_role("radio", name="To be paid").click()


async def test_a_payment_is_taken_in_parts_with_a_discount(clinic: Clinic, cashier: Window) -> None:
    visit, name = await clinic.walks_in()
    receipt = await take(cashier, name, "50", method="Card")
    await receipt.get_by_role("button", name="Close").last.click()
    await expect(row(cashier, name)).to_contain_text("Paid in part")
    await expect(row(cashier, name)).to_contain_text("150.00")
    await take(cashier, name, "130", discount="20")
    await cashier.page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
    await expect(row(cashier, name)).to_have_count(0)
    payment = await clinic.payment(visit.id)
    assert (payment["status"], payment["amount_paid"], payment["discount_amount"]) == ("paid", 180, 20)


async def test_what_somebody_else_took_is_seen_and_counted(clinic: Clinic, cashier: Window) -> None:
    visit, name = await clinic.walks_in()
    await expect(row(cashier, name)).to_be_visible()
    payment = await clinic.payment(visit.id)
    paid = {"amount_paid": payment["remaining_amount"], "payment_method": "cash"}
    await clinic.does("admin", "PUT", f"/payments/{payment['id']}/process", **paid)
    await expect(row(cashier, name)).to_have_count(0)
    stats = await eventually(
        lambda: clinic.sees("/dashboard/stats?clinic_id=1", "cashier"),
        lambda seen: seen["payments"]["paid"] > 0,
    )
    taken = cashier.page.get_by_label("Today's sums").locator("[data-of=revenue] dd")
    await expect(taken).to_have_text(f"{stats['payments']['revenue']:,.2f}")
