"""The reception's page, as whoever sits there uses it."""

from playwright.async_api import Locator, expect

from tests.browser.window import Window

COLUMNS = ("scheduled", "waiting", "in_progress", "completed")


class Reception:
    """The board in a window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    def column(self, name: str) -> Locator:
        """A column by the status of who is in it; who was called still waits."""
        return self.page.locator(f"section[data-of={name}]")

    def card(self, name: str, column: str | None = None) -> Locator:
        """A patient's card, in this column or any."""
        within = self.column(column) if column else self.page
        return within.get_by_role("row", name=name, exact=True)

    async def press(self, name: str, move: str) -> None:
        """Move a card by the button on it."""
        await self.card(name).get_by_role("button", name=move, exact=True).click()

    async def choose(self, name: str, move: str) -> None:
        """Move a card by its menu."""
        await self.card(name).get_by_role("button", name=f"More for {name}").click()
        await self.page.get_by_role("menuitem", name=move, exact=True).click()

    async def names(self, column: str) -> list[str]:
        """Who is in a column, from the top down."""
        return await self.column(column).locator(".visit-who strong").all_text_contents()

    async def shows(self, name: str, column: str) -> None:
        """Wait until a card is in this column."""
        await expect(self.card(name, column)).to_be_visible()

    async def is_so(self, name: str, status: str) -> None:
        """Wait until the board shows this status of a visit; what will not take place is not on it."""
        if status in ("cancelled", "no_show"):
            await expect(self.card(name)).to_have_count(0)
            return
        await self.shows(name, "waiting" if status == "called" else status)
        await expect(self.card(name).get_by_role("article")).to_have_attribute("data-status", status)

    async def call_next(self, doctor: str) -> None:
        """Call whoever is next for a doctor."""
        await self.page.get_by_role("button", name="Call next").click()
        await self.page.get_by_role("menuitem", name=doctor).click()

    async def walk_in(self, name: str, doctor: str) -> None:
        """Give a ticket to a patient who is known."""
        await self.page.get_by_role("button", name="Walk-in").click()
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_role("searchbox").fill(name)
        await dialog.get_by_role("row", name=name).click()
        await self.give_ticket(doctor)

    async def ends(self, name: str, move: str) -> None:
        """Let a visit not take place."""
        await self.choose(name, move)
        await self.page.get_by_role("dialog").get_by_role("button", name=move).click()

    async def undo(self) -> None:
        """Take the last move back."""
        await self.page.get_by_role("button", name="Undo").click()

    async def register(self, name: str, phone: str) -> None:
        """Open the dialog of a walk-in and put in a patient whom nobody knows."""
        await self.page.get_by_role("button", name="Walk-in").click()
        dialog = self.page.get_by_role("dialog")
        await dialog.get_by_role("searchbox").fill(name)
        await dialog.get_by_role("button", name="New patient").click()
        await expect(dialog.get_by_label("Name")).to_have_value(name)
        await dialog.get_by_label("Telephone").fill(phone)
        await dialog.get_by_role("button", name="Register the patient").click()

    async def give_ticket(self, doctor: str) -> None:
        """Let the patient of the open dialog wait for a doctor."""
        dialog = self.page.get_by_role("dialog")
        await self.pick(dialog, "Doctor", doctor)
        await dialog.get_by_role("button", name="Give a ticket").click()

    async def book(self, name: str, doctor: str, service: str) -> str:
        """Book the last free time of today; answers with it."""
        await self.page.get_by_role("button", name="Book", exact=True).click()
        dialog = self.page.get_by_role("dialog")
        onward = dialog.get_by_role("button", name="Next", exact=True)
        await expect(onward).to_be_disabled()
        await dialog.get_by_role("radio", name=doctor).click()
        await onward.click()
        await dialog.get_by_role("searchbox").fill(name)
        await dialog.get_by_role("row", name=name).click()
        await onward.click()
        await self.pick(dialog, "Service", service)
        slot = dialog.get_by_role("radio").last
        at = await slot.inner_text()
        await slot.click()
        await onward.click()
        await expect(dialog).to_contain_text(at)
        await dialog.get_by_role("button", name="Book it").click()
        return at

    async def message(self, text: str) -> Locator:
        """A word to the person, once it is there."""
        told = self.page.get_by_role("alertdialog").filter(has_text=text)
        await expect(told).to_be_visible()
        return told

    async def pick(self, dialog: Locator, label: str, option: str) -> None:
        """Choose one of a few in a dialog."""
        choice = dialog.get_by_label(label)
        # Its option may say more than a name: a specialty, a price.
        value = await choice.locator("option", has_text=option).get_attribute("value")
        await choice.select_option(value)
