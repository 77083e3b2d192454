"""What the staff do with a patient: in their windows, or from elsewhere over HTTP."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.browser.cashier import CashiersPage
from tests.browser.clinic import DOCTOR, DOCTORS, SERVICE_NAME, Clinic, Someone
from tests.browser.doctor import DoctorsPage
from tests.browser.reception import Reception
from tests.browser.window import Window


@dataclass(frozen=True)
class House:
    """The clinic and the windows on it; `office` has the payments before it and takes none."""

    clinic: Clinic
    reception: Reception
    doctor: DoctorsPage
    cashier: CashiersPage
    office: CashiersPage
    board: Window

    def window(self, name: str) -> Window:
        """One of the windows."""
        return {
            "reception": self.reception.window,
            "doctor": self.doctor.window,
            "cashier": self.cashier.window,
            "office": self.office.window,
            "board": self.board,
        }[name]


Act = Callable[[House, Someone], Awaitable[None]]


def press(move: str) -> Act:
    """The receptionist presses the button on a card."""

    async def act(house: House, who: Someone) -> None:
        await house.reception.press(who.name, move)

    return act


def choose(move: str) -> Act:
    """The receptionist chooses from a card's menu."""

    async def act(house: House, who: Someone) -> None:
        await house.reception.choose(who.name, move)

    return act


def end(move: str) -> Act:
    """The receptionist says that a visit will not take place."""

    async def act(house: House, who: Someone) -> None:
        await house.reception.ends(who.name, move)

    return act


async def desk_calls_next(house: House, who: Someone) -> None:
    """The receptionist calls whoever is next."""
    await house.reception.call_next(DOCTORS[DOCTOR])


async def desk_walks_in(house: House, who: Someone) -> None:
    """The receptionist gives a ticket to a patient who is known."""
    await house.reception.walk_in(who.name, DOCTORS[DOCTOR])


async def desk_registers(house: House, who: Someone) -> None:
    """The receptionist registers a patient and gives a ticket."""
    await house.reception.register(who.name, f"+9997{house.clinic.number():05}")
    await house.reception.give_ticket(DOCTORS[DOCTOR])


async def desk_books(house: House, who: Someone) -> None:
    """The receptionist books an appointment."""
    await house.reception.book(who.name, DOCTORS[DOCTOR], SERVICE_NAME)


async def undo(house: House, who: Someone) -> None:
    """The receptionist takes the last move back."""
    await house.reception.undo()


def doctor(button: str) -> Act:
    """The doctor presses a button of somebody in the queue."""

    async def act(house: House, who: Someone) -> None:
        await house.doctor.press(who.name, button)

    return act


async def doctor_calls_next(house: House, who: Someone) -> None:
    """The doctor calls whoever is next."""
    await house.doctor.page.get_by_role("button", name="Call next").click()


async def doctor_completes(house: House, who: Someone) -> None:
    """The doctor ends the visit with notes."""
    await house.doctor.current.get_by_label("Notes of this visit").fill("Rest, and tea")
    await house.doctor.page.get_by_role("button", name="Complete visit").click()


def look_at(view: str) -> Act:
    """Cashier and office look at what is to be paid, or at what is paid."""

    async def act(house: House, who: Someone) -> None:
        await house.cashier.look_at(view)
        await house.office.look_at(view)

    return act


async def cashier_takes_all(house: House, who: Someone) -> None:
    """The cashier takes all that is to be paid."""
    await house.cashier.take(who.name)


async def cashier_takes_a_part(house: House, who: Someone) -> None:
    """The cashier takes a part of it."""
    await house.cashier.take(who.name, "50")


async def cashier_closes_the_receipt(house: House, who: Someone) -> None:
    """The cashier has given the receipt."""
    await house.cashier.receipt(who.name)
    await house.cashier.close()


async def cashier_refunds(house: House, who: Someone) -> None:
    """The cashier gives the money back."""
    await house.cashier.refund(who.name)


async def renamed(house: House, who: Someone) -> None:
    """The patient's name is corrected."""
    await house.clinic.does("reception", "PUT", f"/patients/{who.patient_id}", name=f"Renamed {who.name}")


async def changed(house: House, who: Someone) -> None:
    """The appointment gets notes."""
    await house.clinic.does("reception", "PUT", who.appointment, notes=f"Fasting: {who.name}")


async def deleted(house: House, who: Someone) -> None:
    """The appointment is deleted."""
    await house.clinic.does("reception", "DELETE", who.appointment)


async def moved_by_phases(house: House, who: Someone) -> None:
    """The visit is moved from one phase to another."""
    body = {"visit_id": who.ids[-1], "from_phase": "waiting", "to_phase": "with_doctor"}
    await house.clinic.does("reception", "POST", "/queue/phases/move", **body)


async def somebody_else_is_called(house: House, who: Someone) -> None:
    """Another patient is called after this one."""
    await house.clinic.patient_who("called")


async def somebody_else_comes(house: House, who: Someone) -> None:
    """Another patient comes after this one."""
    await house.clinic.patient_who("waiting")
