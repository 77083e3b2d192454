"""What a cashier does, click by click, and what the clinic has of it afterwards."""

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.browser.cashier import CashiersPage
from tests.browser.clinic import Clinic, eventually
from tests.browser.conftest import Opens

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def cashier(kept: Opens) -> CashiersPage:
    """The cashier's page, live."""
    window = await kept("cashier")
    await window.live()
    return CashiersPage(window)


async def test_a_payment_is_taken_whole_with_its_receipt_and_refunded(
    clinic: Clinic, cashier: CashiersPage
) -> None:
    visit, name = await clinic.walks_in()
    await cashier.take(name)
    receipt = await cashier.receipt(name)
    await expect(receipt.locator(".receipt")).to_contain_text("200.00")
    await cashier.close()
    assert (await clinic.payment(visit.id))["status"] == "paid"
    await expect(cashier.row(name)).to_have_count(0)
    await cashier.look_at("Paid and refunded")
    await cashier.refund(name)
    await expect(cashier.row(name)).to_contain_text("Refunded")
    assert (await clinic.payment(visit.id))["status"] == "refunded"
    await cashier.look_at("To be paid")


async def test_a_payment_is_taken_in_parts_with_a_discount(clinic: Clinic, cashier: CashiersPage) -> None:
    visit, name = await clinic.walks_in()
    await cashier.take(name, "50", method="Card")
    await cashier.receipt(name)
    await cashier.close()
    await expect(cashier.row(name)).to_contain_text("Paid in part")
    await expect(cashier.row(name)).to_contain_text("150.00")
    await cashier.take(name, "130", discount="20")
    await cashier.receipt(name)
    await cashier.close()
    await expect(cashier.row(name)).to_have_count(0)
    payment = await clinic.payment(visit.id)
    assert (payment["status"], payment["amount_paid"], payment["discount_amount"]) == ("paid", 180, 20)


async def test_what_somebody_else_took_is_seen_and_counted(clinic: Clinic, cashier: CashiersPage) -> None:
    visit, name = await clinic.walks_in()
    await expect(cashier.row(name)).to_be_visible()
    await clinic.pays(visit.id)
    await expect(cashier.row(name)).to_have_count(0)
    stats = await eventually(
        lambda: clinic.sees("/dashboard/stats?clinic_id=1", "cashier"),
        lambda seen: seen["payments"]["paid"] > 0,
    )
    taken = cashier.page.get_by_label("Today's sums").locator("[data-of=revenue] dd")
    await expect(taken).to_have_text(f"{stats['payments']['revenue']:,.2f}")
