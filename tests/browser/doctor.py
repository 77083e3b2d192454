"""A doctor's page, as the doctor uses it."""

from playwright.async_api import Locator, expect

from tests.browser.window import Window


class DoctorsPage:
    """The doctor's own queue in a window."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page

    def entry(self, name: str) -> Locator:
        """Somebody in the queue."""
        return (
            self.page.get_by_role("region", name="Your queue").get_by_role("listitem").filter(has_text=name)
        )

    @property
    def current(self) -> Locator:
        """Who is here now."""
        return self.page.get_by_role("region", name="With you now")

    async def press(self, name: str, act: str) -> None:
        """Do something with somebody in the queue."""
        await self.entry(name).get_by_role("button", name=f"{act}: {name}", exact=True).click()

    async def shows(self, name: str, status: str) -> None:
        """Wait until the page shows somebody so; of who is done with, nothing."""
        if status == "scheduled":
            await expect(self.page.get_by_role("region", name="Still expected today")).to_contain_text(name)
            return
        if status == "in_progress":
            await expect(self.current).to_contain_text(name)
            return
        if status not in ("waiting", "called"):
            await expect(self.page.get_by_role("main")).not_to_contain_text(name)
            return
        await expect(self.entry(name)).to_be_visible()
        await expect(self.entry(name)).to_have_attribute("data-status", status)

    async def has_in_order(self, *names: str) -> None:
        """Wait until the queue is these, in this order."""
        entries = self.page.get_by_role("region", name="Your queue").locator(".entry-who strong")
        await expect(entries).to_have_text(list(names))
