"""Whether a page can be used by everybody: axe-core's rules of WCAG 2.2 AA, run in the page itself."""

from functools import cache
from pathlib import Path

from playwright.async_api import Page

from tests import node

DASHBOARD = Path(__file__).parents[2] / "dashboard"

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

RUN = """async ({ rules, within }) => {
    const { violations } = await axe.run(within ?? document, { runOnly: { type: "tag", values: rules } });
    return violations.flatMap(({ id, help, nodes }) =>
        nodes.map(({ target, html, failureSummary }) =>
            `${id}: ${help}: ${target} ${html} ${failureSummary}`)
    );
}"""


@cache
def _source() -> str:
    return (node.installed(DASHBOARD).packages / "axe-core" / "axe.min.js").read_text()


async def violations(page: Page, within: str | None = None) -> list[str]:
    """What is against the rules, a line for each element; `within` is the selector of a part of the page."""
    # What fades in is not yet what it will be: its contrast is judged when it has come to rest.
    await page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})))")
    # Evaluated, not added as a script: the page's own policy allows only scripts of its origin.
    if not await page.evaluate("globalThis.axe !== undefined"):
        await page.evaluate(_source())
    found: list[str] = await page.evaluate(RUN, {"rules": RULES, "within": within})
    return found
