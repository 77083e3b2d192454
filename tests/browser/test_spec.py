"""The specification's own test: receptionist in one window, doctor in another, every action and event.

Whatever is done in one of them, both are sent the events of it, and the other one shows it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from tests.browser.clinic import Clinic
from tests.browser.conftest import Opens
from tests.browser.doctor import DoctorsPage
from tests.browser.reception import Reception
from tests.browser.window import TALL

pytestmark = pytest.mark.asyncio(loop_scope="module")

Act = Callable[["Pair", str], Awaitable[None]]
"""What somebody does in their window with a patient of this name."""


@dataclass(frozen=True)
class Pair:
    """The two windows."""

    reception: Reception
    doctor: DoctorsPage


@dataclass(frozen=True)
class Action:
    """An action: the visit before and after it, and the events that each window is sent."""

    name: str
    before: str
    then: str
    act: Act
    clinic: set[str] = field(default_factory=set)
    doctor: set[str] = field(default_factory=set)
    both: set[str] = field(default_factory=lambda: {"queue_updated", "visit_status_changed"})


def desk_presses(move: str) -> Act:
    async def act(pair: Pair, name: str) -> None:
        await pair.reception.press(name, move)

    return act


def desk_chooses(move: str) -> Act:
    async def act(pair: Pair, name: str) -> None:
        await pair.reception.choose(name, move)

    return act


def desk_ends(move: str) -> Act:
    async def act(pair: Pair, name: str) -> None:
        await pair.reception.choose(name, move)
        await pair.reception.page.get_by_role("dialog").get_by_role("button", name=move).click()

    return act


async def desk_calls_next(pair: Pair, name: str) -> None:
    await pair.reception.call_next("Dr. Ada Sample")


def doctor_presses(act_name: str) -> Act:
    async def act(pair: Pair, name: str) -> None:
        await pair.doctor.press(name, act_name)

    return act


async def doctor_calls_next(pair: Pair, name: str) -> None:
    await pair.doctor.page.get_by_role("button", name="Call next").click()


async def doctor_completes(pair: Pair, name: str) -> None:
    await pair.doctor.page.get_by_role("button", name="Complete visit").click()


async def desk_walks_in(pair: Pair, name: str) -> None:
    await pair.reception.walk_in(name, "Dr. Ada Sample")


ACTIONS = (
    Action("walk-in", "", "waiting", desk_walks_in, clinic={"walkin_added"}),
    Action("check-in", "scheduled", "waiting", desk_presses("Check in"), clinic={"new_checkin"}),
    Action("call", "waiting", "called", desk_presses("Call")),
    Action("call next", "waiting", "called", desk_calls_next),
    Action("recall", "called", "called", desk_chooses("Call again")),
    Action("requeue", "called", "waiting", desk_chooses("Back to the line")),
    Action("start", "called", "in_progress", desk_presses("Start"), doctor={"current_appointment_available"}),
    Action("move back", "in_progress", "waiting", desk_chooses("Back to waiting")),
    Action("reinstate", "completed", "waiting", desk_chooses("Back to waiting")),
    Action("cancel", "waiting", "cancelled", desk_ends("Cancel the visit"), clinic={"visit_cancelled"}),
    Action("skip", "called", "no_show", desk_ends("Did not come"), clinic={"visit_cancelled"}),
    Action("doctor calls", "waiting", "called", doctor_presses("Call")),
    Action("doctor calls next", "waiting", "called", doctor_calls_next),
    Action("doctor recalls", "called", "called", doctor_presses("Call again")),
    Action("doctor requeues", "called", "waiting", doctor_presses("Back to waiting")),
    Action(
        "doctor starts",
        "called",
        "in_progress",
        doctor_presses("Start"),
        doctor={"current_appointment_available"},
    ),
    Action("doctor completes", "in_progress", "completed", doctor_completes),
)


@pytest_asyncio.fixture(loop_scope="module")
async def pair(clinic: Clinic, kept: Opens) -> Pair:
    """The receptionist's window and the doctor's."""
    reception, doctor = await kept("reception", viewport=TALL), await kept("doctor")
    await reception.live()
    await doctor.live()
    return Pair(Reception(reception), DoctorsPage(doctor))


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
async def test_what_is_done_in_one_window_shows_in_the_other(
    clinic: Clinic, pair: Pair, action: Action
) -> None:
    name = await clinic.someone(action.before)
    if action.before in ("waiting", "called", "in_progress"):
        await pair.doctor.shows(name, action.before)
    if action.before:
        await pair.reception.is_so(name, action.before)
    windows = (pair.reception.window, action.clinic), (pair.doctor.window, action.doctor)
    heard = [len(window.heard) for window, _ in windows]
    await action.act(pair, name)
    await pair.doctor.shows(name, action.then)
    await pair.reception.is_so(name, action.then)
    for (window, own), since in zip(windows, heard, strict=True):
        await window.hears(*own, *action.both, since=since)


async def test_the_line_put_into_another_order_is_so_for_the_doctor(clinic: Clinic, pair: Pair) -> None:
    first, second = [await clinic.someone("waiting") for _ in range(2)]
    await pair.doctor.shows(second, "waiting")
    heard = len(pair.reception.window.heard)
    await pair.reception.choose(second, "First in the line")
    await pair.doctor.has_in_order(second, first)
    await pair.reception.window.hears("queue_reordered", "queue_updated", since=heard)


async def test_an_appointment_through_its_day_is_heard_of_in_both_windows(clinic: Clinic, pair: Pair) -> None:
    since = [len(window.heard) for window in (pair.reception.window, pair.doctor.window)]

    async def both_hear(*events: str) -> None:
        await pair.reception.window.hears(*events, since=since[0])
        await pair.doctor.window.hears(*events, since=since[1])

    booked, name = await clinic.books()
    await both_hear("patient_created", "appointment_created")
    await pair.reception.press(name, "Check in")
    await both_hear("appointment_updated", "phases_updated")
    await pair.doctor.press(name, "Call")
    await pair.doctor.press(name, "Start")
    await pair.doctor.current.get_by_label("Notes of this visit").fill("Rest, and tea")
    await doctor_completes(pair, name)
    await both_hear("appointment_completed")
    await pair.reception.is_so(name, "completed")
    payment = await clinic.payment(booked["visit"]["id"])
    paid = {"amount_paid": payment["remaining_amount"], "payment_method": "cash"}
    await clinic.does("cashier", "PUT", f"/payments/{payment['id']}/process", **paid)
    await both_hear("payment_processed")
    board = await clinic.sees("/queue/phases/1")
    notes = {item["visit_id"]: item["notes"] for item in board["phases"]["completed"]}
    assert notes[booked["visit"]["id"]] == "Rest, and tea"


async def test_another_doctors_patient_does_not_appear(clinic: Clinic, pair: Pair) -> None:
    _, others = await clinic.walks_in(doctor=2)
    _, own = await clinic.walks_in()
    await pair.doctor.shows(own, "waiting")
    assert others not in await pair.doctor.page.content()
