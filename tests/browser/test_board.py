"""The waiting room's screen: tickets and rooms, no name ever, and no memory of the days it has been on."""

import os

import pytest
from playwright.async_api import expect

from tests.browser.broadcast import broadcast
from tests.browser.clinic import Clinic, eventually
from tests.browser.conftest import Opens
from tests.browser.memory import Held, Memory

pytestmark = pytest.mark.asyncio(loop_scope="module")

WARMING = 200
"""Updates until whatever is made once is made."""

UPDATES = int(os.environ.get("CLINICWIRE_BOARD_UPDATES", "300"))
"""How long a day is; `make browser` takes ten thousand."""

TONES = 20
"""Listeners more than on a board that has just come up, which has called nobody yet."""

SPARE = 640 * 1024
"""Bytes that the engine takes for compiled code in the first thousands; 65 an update in the long form."""


async def test_a_ticket_is_called_with_its_room_and_nothing_of_the_person(
    clinic: Clinic, opens: Opens
) -> None:
    board = await opens("board")
    await board.live()
    patients = await clinic.people()
    assert len(patients) >= 40
    # Every way through a day, for demo people: what the board shows in between is looked at each time.
    seen: list[str] = []
    for number, patient in enumerate(patients[:12]):
        visit = await clinic.comes(patient)
        seen.append(await board.page.content())
        await clinic.does("reception", "POST", "/queue/call", visit_id=visit.id)
        ticket = board.page.get_by_role("region", name="Please come in").get_by_role("listitem").first
        await expect(ticket).to_contain_text(str(visit.queue_number))
        await expect(ticket).to_contain_text("Room 1")
        seen.append(await board.page.content())
        end = ("requeue", "skip", "cancel", "start")[number % 4]
        await clinic.does("reception", "POST", f"/queue/{end}", visit_id=visit.id)
        if end == "start":
            await expect(board.page.get_by_role("region", name="With the doctor")).to_contain_text(
                str(visit.queue_number)
            )
            seen.append(await board.page.content())
            await clinic.does("admin", "POST", "/queue/complete", visit_id=visit.id)
    shown = "\n".join(seen)
    for patient in patients:
        for told in (patient["name"], patient["phone"], *patient["name"].split()):
            assert told not in shown
    assert not any(event != "board_updated" for event in board.heard if event != "connected")


async def test_what_a_board_holds_does_not_grow_with_its_updates(clinic: Clinic, opens: Opens) -> None:
    board = await opens("board")
    await board.live()
    memory = await Memory.of(board)
    latest = board.page.locator(".call-ticket").first
    quiet = (await memory.held()).listeners + TONES

    async def rested() -> Held:
        # A tone goes on for a second after its call, and its listener with it.
        return await eventually(memory.held, lambda held: held.listeners <= quiet)

    await broadcast(clinic, 1, WARMING)
    await expect(latest).to_contain_text(f"{WARMING}")
    before, heard = await rested(), len(board.heard)
    await broadcast(clinic, WARMING + 1, UPDATES)
    await expect(latest).to_contain_text(f"{WARMING + UPDATES:,}")
    after = await rested()
    assert len(board.heard) - heard == UPDATES
    assert after.bytes < before.bytes + SPARE
    assert after.nodes < before.nodes * 1.2
