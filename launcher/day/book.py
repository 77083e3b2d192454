"""What the staff know of the day because they did it: the picture to hold the installation's against."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from contracts.shapes import Id, Payment, Visit, VisitStatus
from launcher.day.member import Calls, NotUnderstood, Refused
from launcher.day.plan import SOMEBODY, Coming, Second

S = VisitStatus


@dataclass(eq=False)
class Entry:
    """A visit as its last answer told it, and what the staff did with it.

    `brought`: by this staff, and not by somebody else before or meanwhile. `by_hand`: put at a place of its
    own in the line. `on_the_way`: a command about it has been sent and not been answered, so that where it
    stands is not known right now.
    """

    coming: Coming
    visit: Visit
    booked_for: datetime | None = None
    brought: bool = True
    by_hand: bool = False
    requeued: bool = False
    on_the_way: int = 0
    arrived: Second | None = None
    started: Second | None = None
    ended: Second | None = None
    payment: Payment | None = None
    taken: Decimal = Decimal(0)
    let_off: Decimal = Decimal(0)

    @property
    def status(self) -> VisitStatus:
        """Where the visit stands."""
        return self.visit.status

    @property
    def place(self) -> tuple[int, int, int]:
        """Its place in line: priority first, then the later of check-in and booked time, then ticket."""
        came = self.visit.check_in_time or self.visit.created_at
        rank = came if self.booked_for is None else max(came, self.booked_for)
        return -self.coming.priority, int(rank.timestamp() * 1000), self.visit.queue_number or 0


@dataclass
class Book:
    """The day so far.

    `to_come` are the patients of each doctor who may still turn up, by their number in the plan; `leaving`
    are those on their way to the cashier.
    """

    to_come: dict[Id, set[int]]
    entries: dict[Id, Entry] = field(default_factory=dict)
    leaving: list[Entry] = field(default_factory=list)
    at_work: set[Id] = field(default_factory=set)
    recalls: int = 0
    wrong: list[str] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)

    def enter(self, coming: Coming, visit: Visit, booked_for: datetime | None = None) -> Entry:
        """Take note of a visit that came to be."""
        entry = Entry(coming, visit, booked_for)
        self.entries[visit.id] = entry
        return entry

    def take_over(self, visit: Visit) -> Entry:
        """Take note of a visit that somebody else brought."""
        entry = Entry(SOMEBODY, visit, brought=False, by_hand=True)
        self.entries[visit.id] = entry
        return entry

    def note(self, entry: Entry, visit: Visit, status: VisitStatus) -> None:
        """Take note of an answer about a visit, which is to be in this status now."""
        if visit.id != entry.visit.id:
            self.wrong.append(f"visit {entry.visit.id} was asked for, visit {visit.id} was answered")
            return
        if visit.status is not status:
            self.wrong.append(f"{named(visit)} was to be {status}, and is {visit.status} in the answer")
        # Answers may overtake one another.
        if visit.version >= entry.visit.version:
            entry.visit = visit

    def note_trouble(self, trouble: Refused | NotUnderstood) -> None:
        """Take note of something that should have been possible."""
        self.wrong.append(str(trouble))

    def line(self, doctor_id: Id) -> list[Entry]:
        """Who waits for this doctor, first the one to be called first."""
        return sorted(self.of_doctor(doctor_id, S.WAITING), key=lambda entry: entry.place)

    def of_doctor(self, doctor_id: Id, status: VisitStatus) -> list[Entry]:
        """This doctor's visits in this status."""
        return [entry for entry in self.standing(status) if entry.visit.doctor_id == doctor_id]

    def standing(self, status: VisitStatus) -> list[Entry]:
        """The visits in this status."""
        return [entry for entry in self.entries.values() if entry.status is status]

    def is_expecting(self, doctor_id: Id) -> bool:
        """Whether anybody waits for this doctor or may still turn up."""
        return bool(self.to_come[doctor_id]) or bool(self.of_doctor(doctor_id, S.WAITING))


def named(visit: Visit) -> str:
    """A visit as the staff speak of it."""
    return f"ticket {visit.queue_number} (visit {visit.id})" if visit.queue_number else f"visit {visit.id}"
