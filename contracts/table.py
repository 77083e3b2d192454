"""The contracts at a glance, for people: `docs/contracts.md`."""

from collections.abc import Iterable, Iterator

from contracts import EVENTS
from contracts.questions import QUESTIONS
from contracts.screen import ANSWERS, HEARD, SAID

_HEAD = """\
<!-- Written by `python -m contracts write` from the contracts; change those instead. -->
# Events, questions and socket messages

Payloads are in `contracts/schemas/`, everything together in `contracts/asyncapi.json` (AsyncAPI 3), types for
TypeScript in `contracts/events.gen.ts`.
"""


def table() -> str:
    """Four tables in Markdown: events, questions, what a screen may say, and what it is told besides."""
    return "\n".join((_HEAD, *_events(), "", *_questions(), "", *_said(), "", *_told(), ""))


def _events() -> Iterator[str]:
    yield "## Events\n"
    yield from _rows(
        ("subject", "owner", "rooms", "meaning"),
        (
            (
                f"`{event.subject}`",
                event.owner,
                ", ".join(f"`{room}`" for room in event.rooms) or "services only",
                _first_line(event.__doc__) + (" Snapshot." if event.snapshot else ""),
            )
            for event in EVENTS
        ),
    )
    yield "\nOf a snapshot the stream keeps the newest of each subject; of all others, each one."


def _questions() -> Iterator[str]:
    yield "## Questions between processes\n"
    yield from _rows(
        ("subject", "answered by", "asked by", "meaning"),
        (
            (
                f"`{question.subject}`",
                question.owner,
                ", ".join(question.askers),
                _first_line(question.__doc__),
            )
            for question in QUESTIONS
        ),
    )


def _said() -> Iterator[str]:
    yield "## What a screen may say\n"
    yield from _rows(
        ("message", "with", "acknowledged by", "meaning"),
        (
            (
                f"`{name}`",
                ", ".join(f"`{field}`" for field in message.model_fields),
                " or ".join(f"`{answer.__name__}`" for answer in ANSWERS[name]),
                _first_line(message.__doc__),
            )
            for name, message in HEARD.items()
        ),
    )


def _told() -> Iterator[str]:
    yield "## What a screen is told beside the events\n"
    yield from _rows(
        ("message", "with", "meaning"),
        (
            (f"`{name}`", ", ".join(f"`{field}`" for field in said.model_fields), _first_line(said.__doc__))
            for name, said in SAID.items()
        ),
    )


def _rows(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"


def _first_line(docstring: str | None) -> str:
    return (docstring or "").splitlines()[0]
