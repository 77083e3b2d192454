"""The cashier's page, as whoever sits there uses it."""

from playwright.async_api import Locator, expect

from tests.browser.window import Window


class CashiersPage:
    """The payments in a window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    def row(self, name: str) -> Locator:
        """Somebody who has to pay, or has."""
        return self.page.get_by_role("main").get_by_role("listitem").filter(has_text=name)

    async def look_at(self, view: str) -> None:
        """Show what is to be paid, or what is paid and refunded."""
        await self.page.get_by_role("radio", name=view).click()

    async def take(self, name: str, amount: str = "", discount: str = "", method: str = "") -> None:
        """Take a payment: all of it where no amount is given."""
        await self.page.get_by_role("button", name=f"Take payment from {name}").click()
        dialog = self.page.get_by_role("dialog", name=f"Take payment from {name}")
        if discount:
            await dialog.get_by_label("Discount").fill(discount)
        if amount:
            await dialog.get_by_label("Amount received").fill(amount)
        if method:
            await dialog.get_by_text(method, exact=True).click()
        await dialog.get_by_role("button", name="Take payment").click()

    async def receipt(self, name: str) -> Locator:
        """Somebody's receipt, once it is there."""
        receipt = self.page.get_by_role("dialog", name="Receipt")
        await expect(receipt).to_contain_text(name)
        return receipt

    async def refund(self, name: str) -> None:
        """Give the money back."""
        await self.row(name).get_by_role("button", name=f"Refund to {name}").click()
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Refund", exact=True).click()

    async def close(self) -> None:
        """Close what is open."""
        await self.page.get_by_role("dialog").get_by_role("button", name="Close").last.click()
