"""The specification's own test: receptionist in one window, doctor in another, every action and event.

Whatever is done in one of them, both are sent the events of it, and the other one shows it; how long that
takes from the press to the paint is in the summary of the run. Payments are taken in the cashier's window, a
second call is seen on the board, and what is done in none of them is asked for over HTTP.
"""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from contracts import EVENTS, BoardUpdated
from tests.browser import acts
from tests.browser.acts import Act, House
from tests.browser.cashier import CashiersPage
from tests.browser.clinic import CLINIC, NOBODY, PAID, SECOND_DOCTOR, STRANGER, VERBS, Clinic, Someone
from tests.browser.conftest import Opens
from tests.browser.doctor import DoctorsPage
from tests.browser.reception import Reception
from tests.browser.stopwatch import TIMED, Sign, press_to_paint, shown
from tests.browser.window import TALL

QUEUE = {"queue_updated", "visit_status_changed"}
PHASES = {"queue_updated", "phases_updated"}
FOLLOWED = QUEUE | PHASES | {"appointment_updated"}
DROPPED = QUEUE | PHASES | {"appointment_cancelled"}
MONEY = {"queue_updated", "payment_processed"}
HERE_NOW = {"current_appointment_available"}
NOT_COMING = {"visit_cancelled"}


def queue(status: str) -> Sign:
    """Somebody in the doctor's queue."""
    return Sign(f".entry[data-status={status}]")


def card(status: str) -> Sign:
    """Somebody's card at the reception."""
    return Sign(f"article[data-status={status}]")


def due(status: str) -> Sign:
    """Somebody's payment before a cashier."""
    return Sign(f".due[data-status={status}]")


ABSENT = Sign("main", there=False)
EXPECTED = Sign(".expected li")
FASTING = Sign(".expected li", "Fasting: {name}")
WAITING, CALLED = queue("waiting"), queue("called")
RENAMED = Sign(".entry", "Renamed {name}")
TOP, LAST = Sign(".entry:first-child"), Sign(".entry:last-child:not(:first-child)")
HERE = Sign(".current .who-name")
WAITS, IS_CALLED, IS_IN, IS_SEEN = (
    card(status) for status in ("waiting", "called", "in_progress", "completed")
)
FIRST_CALL = Sign(".call:first-child .call-ticket", "{ticket}")
SECOND_CALL = Sign(".call:nth-child(2) .call-ticket", "{ticket}")
UNPAID = Sign(".counters [data-of=unpaid]", "Unpaid{unpaid}")
ONE_LESS = Sign(".counters [data-of=unpaid]", "Unpaid{one_less}")


@dataclass(frozen=True)
class Action:
    """An action: what it starts from, and what it looks like in another window.

    `events` are sent to both the receptionist and the doctor, `clinic` and `doctor` to one of them.
    `prepared` is what has to be so as well, `afterwards` what is to be cleared away.
    """

    name: str
    act: Act
    before: str
    was: Sign
    becomes: Sign
    events: Set[str]
    at: str = "reception"
    seen_at: str = "doctor"
    clinic: Set[str] = frozenset()
    doctor: Set[str] = frozenset()
    booked: bool = False
    prepared: Act | None = None
    afterwards: Act | None = None


DOCTOR: Any = {"at": "doctor", "seen_at": "reception"}
CASHIER: Any = {"at": "cashier", "seen_at": "office"}
BOARD: Any = {"seen_at": "board", "prepared": acts.somebody_else_is_called}
TAKEN: Any = CASHIER | {"prepared": acts.look_at("To be paid"), "afterwards": acts.cashier_closes_the_receipt}
SETTLED: Any = CASHIER | {"prepared": acts.look_at("Paid and refunded")}

# fmt: off
ACTIONS = (
    Action("walk-in", acts.desk_walks_in, NOBODY, ABSENT, WAITING, QUEUE, clinic={"walkin_added"}),
    Action("stranger walks in", acts.desk_registers, STRANGER, ABSENT, WAITING, QUEUE | {"patient_created"}),
    Action("booking", acts.desk_books, NOBODY, ABSENT, EXPECTED, PHASES | {"appointment_created"}),
    Action("check-in", acts.press("Check in"), "scheduled", EXPECTED, WAITING, FOLLOWED,
           clinic={"new_checkin"}),
    Action("call", acts.press("Call"), "waiting", WAITING, CALLED, QUEUE),
    Action("call next", acts.desk_calls_next, "waiting", WAITING, CALLED, QUEUE),
    Action("recall", acts.choose("Call again"), "called", SECOND_CALL, FIRST_CALL, QUEUE, **BOARD),
    Action("requeue", acts.choose("Back to the line"), "called", CALLED, WAITING, QUEUE),
    Action("start", acts.press("Start"), "called", CALLED, HERE, QUEUE, doctor=HERE_NOW),
    Action("move back", acts.choose("Back to waiting"), "in_progress", HERE, WAITING, QUEUE | PHASES),
    Action("reinstate", acts.choose("Back to waiting"), "completed", ABSENT, WAITING, QUEUE),
    Action("reorder", acts.choose("Last in the line"), "waiting", TOP, LAST, {"queue_updated"},
           clinic={"queue_reordered"}, prepared=acts.somebody_else_comes),
    Action("undo", acts.undo, "waiting", CALLED, WAITING, QUEUE, prepared=acts.press("Call")),
    Action("cancel", acts.end("Cancel the visit"), "waiting", WAITING, ABSENT, QUEUE, clinic=NOT_COMING),
    Action("skip", acts.end("Did not come"), "called", CALLED, ABSENT, QUEUE, clinic=NOT_COMING),
    Action("appointment cancelled", acts.end("Cancel the visit"), "scheduled", EXPECTED, ABSENT, FOLLOWED,
           clinic=NOT_COMING),
    Action("appointment missed", acts.end("Did not come"), "scheduled", EXPECTED, ABSENT, FOLLOWED,
           clinic=NOT_COMING),
    Action("doctor calls", acts.doctor("Call"), "waiting", WAITS, IS_CALLED, QUEUE, **DOCTOR),
    Action("doctor calls next", acts.doctor_calls_next, "waiting", WAITS, IS_CALLED, QUEUE, **DOCTOR),
    Action("doctor recalls", acts.doctor("Call again"), "called", SECOND_CALL, FIRST_CALL, QUEUE,
           **DOCTOR | BOARD),
    Action("doctor requeues", acts.doctor("Back to waiting"), "called", IS_CALLED, WAITS, QUEUE, **DOCTOR),
    Action("doctor starts", acts.doctor("Start"), "called", IS_CALLED, IS_IN, QUEUE,
           doctor=HERE_NOW, **DOCTOR),
    Action("doctor completes", acts.doctor_completes, "in_progress", IS_IN, IS_SEEN, QUEUE, **DOCTOR),
    Action("appointment completed", acts.doctor_completes, "in_progress", IS_IN, IS_SEEN,
           FOLLOWED | {"appointment_completed"}, booked=True, **DOCTOR),
    Action("payment", acts.cashier_takes_all, "completed", UNPAID, ONE_LESS, MONEY,
           **TAKEN | {"seen_at": "reception"}),
    Action("payment in part", acts.cashier_takes_a_part, "completed", due("pending"), due("partially_paid"),
           MONEY, **TAKEN),
    Action("refund", acts.cashier_refunds, PAID, due("paid"), due("refunded"), {"queue_updated"}, **SETTLED),
    Action("moved by phases", acts.moved_by_phases, "waiting", WAITING, HERE, QUEUE | PHASES,
           doctor=HERE_NOW),
    Action("patient renamed", acts.renamed, "waiting", WAITING, RENAMED,
           {"queue_updated", "patient_updated"}),
    Action("appointment changed", acts.changed, "scheduled", EXPECTED, FASTING, {"appointment_updated"}),
    Action("appointment deleted", acts.deleted, "scheduled", EXPECTED, ABSENT, DROPPED, clinic=NOT_COMING),
)
# fmt: on


@pytest_asyncio.fixture(loop_scope="module")
async def house(clinic: Clinic, kept: Opens) -> House:
    """The windows of everybody, live."""
    names = ("reception", "doctor", "cashier", "admin", "board")
    windows = [await kept(name, viewport=TALL) for name in names]
    for window in windows:
        await window.live()
    reception, doctor, cashier, office, board = windows
    if "/cashier" not in office.page.url:
        await office.page.get_by_role("link", name="Cashier").click()
    pages = Reception(reception), DoctorsPage(doctor), CashiersPage(cashier), CashiersPage(office)
    return House(clinic, *pages, board)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
async def test_what_is_done_in_one_window_shows_in_another(
    house: House, action: Action, request: pytest.FixtureRequest
) -> None:
    clinic, pressed, watched = house.clinic, house.window(action.at).page, house.window(action.seen_at).page
    who = await clinic.patient_who(action.before, booked=action.booked)
    if action.before in VERBS and action.at in ("reception", "doctor"):
        # Whoever acts has seen the visit as it is: on its way there its buttons were others.
        await shown(pressed, stands(action.at, action.before).of(name=who.name))
    if action.prepared:
        await action.prepared(house, who)
    facts = await facts_of(clinic, who)
    await shown(watched, action.was.of(**facts))
    windows = (house.reception.window, action.clinic), (house.doctor.window, action.doctor)
    heard = [len(window.heard) for window, _ in windows]
    sign = action.becomes.of(**facts)
    took = await press_to_paint(pressed, lambda: action.act(house, who), watched, sign)
    request.node.user_properties.append((TIMED, (action.name, took)))
    ids = who.ids or (await clinic.known(who.name)).ids
    for (window, own), since in zip(windows, heard, strict=True):
        await window.hears(*action.events, *own, since=since, about=ids)
    if action.afterwards:
        await action.afterwards(house, who)


def test_every_event_that_a_page_hears_is_caused_by_an_action() -> None:
    caused = set().union(*(action.events | action.clinic | action.doctor for action in ACTIONS))
    assert caused == {event.name() for event in EVENTS if event.rooms} - {BoardUpdated.name()}


def stands(window: str, status: str) -> Sign:
    """A visit of this status, where the receptionist or the doctor sees it."""
    if window == "reception":
        return card(status)
    return HERE if status == "in_progress" else queue(status)


async def facts_of(clinic: Clinic, who: Someone) -> dict[str, object]:
    """What signs name: the patient, the ticket, and how many have not paid."""
    unpaid = (await clinic.sees(f"/dashboard/stats?clinic_id={CLINIC}"))["visits"]["pending_payment"]
    ticket = who.visit and who.visit.queue_number
    return {"name": who.name, "ticket": ticket, "unpaid": unpaid, "one_less": unpaid - 1}


@pytest.mark.asyncio(loop_scope="module")
async def test_another_doctors_patient_does_not_appear(house: House) -> None:
    _, others = await house.clinic.walks_in(doctor=SECOND_DOCTOR)
    _, own = await house.clinic.walks_in()
    await house.doctor.shows(own, "waiting")
    assert others not in await house.doctor.page.content()
