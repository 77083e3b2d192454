"""What whoever sits at the reception does, click by click, and what the clinic has of it afterwards."""

import asyncio

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect

from tests.browser.clinic import DOCTOR, DOCTORS, Clinic, eventually, patient_names
from tests.browser.conftest import Opens
from tests.browser.reception import Reception
from tests.browser.window import TALL

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def reception(opens: Opens) -> Reception:
    """The reception's page, live."""
    window = await opens("reception", viewport=TALL)
    await window.live()
    return Reception(window)


async def test_an_appointment_is_checked_in_called_sent_back_called_again_and_started(
    clinic: Clinic, reception: Reception
) -> None:
    booked, name = await clinic.books()
    visit = booked["visit"]["id"]
    await reception.shows(name, "scheduled")
    await reception.press(name, "Check in")
    await reception.shows(name, "waiting")
    await clinic.until(visit, "waiting")
    await reception.press(name, "Call")
    await expect(reception.card(name)).to_contain_text("Called")
    await clinic.until(visit, "called")
    await reception.choose(name, "Back to the line")
    await clinic.until(visit, "waiting")
    await reception.press(name, "Call")
    called = await clinic.until(visit, "called")
    await reception.choose(name, "Call again")
    await eventually(lambda: clinic.visit(visit), lambda now: now.version > called.version)
    await reception.press(name, "Start")
    await reception.shows(name, "in_progress")
    await clinic.until(visit, "in_progress")


@pytest.mark.parametrize(("move", "status"), [("Cancel the visit", "cancelled"), ("Did not come", "no_show")])
async def test_a_visit_that_will_not_take_place_goes_with_its_reason(
    clinic: Clinic, reception: Reception, move: str, status: str
) -> None:
    visit, name = await clinic.walks_in()
    await reception.choose(name, move)
    dialog = reception.page.get_by_role("dialog")
    await dialog.get_by_label("Reason").fill("Had to leave")
    await dialog.get_by_role("button", name=move).click()
    await expect(reception.card(name)).to_have_count(0)
    await clinic.until(visit.id, status)


async def test_the_line_is_put_into_another_order_by_the_menu(clinic: Clinic, reception: Reception) -> None:
    names = [(await clinic.walks_in())[1] for _ in range(3)]
    for name in names:
        await reception.shows(name, "waiting")
    await reception.choose(names[2], "First in the line")
    await clinic.until_queue(lambda queue: patient_names(queue) == [names[2], names[0], names[1]])
    await reception.choose(names[2], "One place down")
    await clinic.until_queue(lambda queue: patient_names(queue) == [names[0], names[2], names[1]])
    assert await reception.names("waiting") == [names[0], names[2], names[1]]


async def test_a_card_is_dragged_to_the_doctor(clinic: Clinic, reception: Reception) -> None:
    visit, name = await clinic.walks_in()
    await reception.card(name).drag_to(reception.column("in_progress").get_by_role("grid"))
    await reception.shows(name, "in_progress")
    await clinic.until(visit.id, "in_progress")


async def test_a_card_is_moved_by_the_keyboard_alone(clinic: Clinic, reception: Reception) -> None:
    visit, name = await clinic.walks_in()
    await reception.card(name).get_by_role("button", name=f"Move {name}").focus()
    await reception.page.keyboard.press("Enter")
    await reception.page.keyboard.press("Tab")
    await reception.page.keyboard.press("Enter")
    await reception.shows(name, "in_progress")
    await clinic.until(visit.id, "in_progress")


async def test_the_last_move_is_taken_back(clinic: Clinic, reception: Reception) -> None:
    visit, name = await clinic.walks_in()
    await reception.press(name, "Call")
    await clinic.until(visit.id, "called")
    await reception.page.get_by_role("button", name=f"Undo: Call, {name}").click()
    await clinic.until(visit.id, "waiting")
    await expect(reception.card(name).get_by_role("button", name="Call", exact=True)).to_be_enabled()


async def test_the_next_of_a_doctor_is_called(clinic: Clinic, reception: Reception) -> None:
    visit, name = await clinic.walks_in()
    await reception.shows(name, "waiting")
    await reception.page.get_by_role("button", name="Call next").click()
    await reception.page.get_by_role("menuitem", name=f"{DOCTORS[DOCTOR]}: 1 waits").click()
    await expect(reception.card(name)).to_contain_text("Called")
    await clinic.until(visit.id, "called")


async def test_a_patient_whom_nobody_knows_is_registered_and_gets_a_ticket(
    clinic: Clinic, reception: Reception
) -> None:
    number = clinic.number()
    name = f"Nova Newcomer {number:03}"
    await reception.register(name, f"+9997{number:05}")
    await reception.give_ticket(DOCTORS[DOCTOR])
    await expect(reception.page.get_by_role("dialog")).to_have_count(0)
    await reception.message(f"{name} has ticket")
    await reception.shows(name, "waiting")
    await clinic.until_queue(lambda queue: patient_names(queue) == [name])


async def test_an_appointment_is_booked_in_steps(clinic: Clinic, reception: Reception) -> None:
    name = (await clinic.patient())["name"]
    at = await reception.book(name, DOCTORS[DOCTOR], "Consultation")
    await reception.message(f"{name} is booked")
    await reception.shows(name, "scheduled")
    today = await clinic.sees("/appointments?per_page=100")
    booked = next(one for one in today["appointments"] if one["patient"]["name"] == name)
    assert booked["start_time"][11:16] == at


async def test_a_move_shows_at_once_and_goes_back_with_a_word_when_it_is_refused(
    clinic: Clinic, reception: Reception
) -> None:
    reception.window.forgives("status of 4(09|12)")
    visit, name = await clinic.walks_in()
    await reception.shows(name, "waiting")
    held, asked = asyncio.Event(), asyncio.Event()

    async def slowly(route: Route) -> None:
        asked.set()
        await held.wait()
        await route.continue_()

    await reception.page.route("**/queue/start", slowly)
    await reception.choose(name, "Start")
    await asked.wait()
    await reception.shows(name, "in_progress")
    # Somebody else is quicker; the page hears of it, and the doctor's patient is refused.
    await clinic.does("admin", "POST", "/queue/cancel", visit_id=visit.id, reason="Left")
    held.set()
    told = await reception.message(f"{name} stays: this was refused")
    await expect(told).to_contain_text("Now: cancelled.")
    await expect(reception.card(name)).to_have_count(0)


async def test_the_numbers_above_the_board_count_the_day(clinic: Clinic, reception: Reception) -> None:
    await clinic.walks_in()
    visit, _ = await clinic.walks_in()
    await clinic.does("reception", "POST", "/queue/start", visit_id=visit.id)
    counts = reception.page.get_by_label("The day in numbers")
    await expect(counts.locator("[data-of=waiting] dd")).to_have_text("1")
    await expect(counts.locator("[data-of=in_progress] dd")).to_have_text("1")
    unpaid = (await clinic.sees("/dashboard/stats?clinic_id=1"))["visits"]["pending_payment"]
    await clinic.does("admin", "POST", "/queue/complete", visit_id=visit.id)
    await expect(counts.locator("[data-of=unpaid] dd")).to_have_text(str(unpaid + 1))
