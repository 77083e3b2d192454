"""The one stream that holds every event: one order, one cursor."""

from contracts import EVENTS
from contracts.event import Event, Process

STREAM = "CLINICWIRE"

SUBJECTS: tuple[str, ...] = tuple(sorted({event.pattern() for event in EVENTS}))

RETENTION_SECONDS = 7 * 24 * 3600
"""How long a screen or a service may have been away and still catch up (design: 7 days)."""

DUPLICATE_WINDOW_SECONDS = 2 * 3600
"""How long a message id is remembered (design: at least an hour)."""

REVOKED = "CLINICWIRE_REVOKED"
"""The stream's revocations once more, for longer: who starts reads them, though their owner may be away."""

REVOKED_SECONDS = 31 * 24 * 3600
"""How long they are kept: a day more than the longest token lives (design: 30 days)."""

BY_PATTERN: dict[str, type[Event]] = {event.pattern(): event for event in EVENTS}


def event_of(subject: str) -> type[Event] | None:
    """The event that is published on this subject, None when no contract names it."""
    head, _, tail = subject.partition(".")
    number, _, name = tail.rpartition(".")
    return BY_PATTERN.get(f"{head}.*.{name}") if number.isascii() and number.isdigit() else None


def inbox_prefix(process: Process) -> str:
    """Where this process, and no other, hears replies."""
    return f"_INBOX_{process}"
