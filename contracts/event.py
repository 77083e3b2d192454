"""What every event is: a frozen payload that knows its subject, its rooms and its owner."""

import re
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Process(StrEnum):
    """A process of the system; each has its own NATS user."""

    QUEUE = "queue"
    APPOINTMENT = "appointment"
    PATIENT = "patient"
    PAYMENT = "payment"
    BRIDGE = "bridge"


class Shape(BaseModel):
    """A typed, frozen piece of a payload; a field nobody declared is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Event(Shape):
    """Something that happened, as it is published: the fields are the payload, word for word.

    `subject` and `rooms` are templates over the payload's own fields (`{visit.clinic_id}` reaches inside).
    `of_clinic` is the template of the clinic whose revision the event carries, None where there is no clinic.
    `about` names the one thing that it tells of and `became` what that is now, both templates: what the audit
    trail keeps of it.
    A `snapshot` replaces the one before it on its subject; every other event is delivered, each, in order.
    """

    subject: ClassVar[str]
    rooms: ClassVar[tuple[str, ...]]
    owner: ClassVar[Process]
    of_clinic: ClassVar[str | None] = "{clinic_id}"
    snapshot: ClassVar[bool] = False
    about: ClassVar[str | None] = None
    became: ClassVar[str | None] = None

    @classmethod
    def name(cls) -> str:
        """The event's name on the wire: the last token of its subject."""
        return cls.subject.rsplit(".", 1)[1]

    @classmethod
    def pattern(cls) -> str:
        """The subject with a wildcard for each field, for subscriptions and permissions."""
        return re.sub(r"\{[^}]*\}", "*", cls.subject)

    def address(self) -> str:
        """The subject that this very event is published on."""
        return self._fill(self.subject)

    def audience(self) -> tuple[str, ...]:
        """The rooms whose members get this very event, each member once."""
        return tuple(self._fill(room) for room in self.rooms)

    def clinic_number(self) -> int | None:
        """The clinic whose revision numbers this event, if it belongs to one."""
        return None if self.of_clinic is None else int(self._fill(self.of_clinic))

    def thing(self) -> str | None:
        """The one thing that this very event is about, as in visit_5."""
        return None if self.about is None else self._fill(self.about)

    def standing(self) -> str | None:
        """What that thing has become."""
        return None if self.became is None else self._fill(self.became)

    def _fill(self, template: str) -> str:
        # Attributes, not a dump: a payload may hold hundreds of queue items.
        return template.format_map(_Fields(self))


class _Fields(dict[str, object]):
    def __init__(self, payload: BaseModel) -> None:
        self.payload = payload

    def __missing__(self, field: str) -> object:
        return getattr(self.payload, field)
