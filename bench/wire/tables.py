"""The outcomes as Markdown: a table a question, a line a server, with the ratio to Node's."""

from collections.abc import Callable, Mapping, Sequence
from math import isnan
from statistics import median

from bench.wire.course import Outcome
from bench.wire.servers import KINDS

Outcomes = Mapping[str, Mapping[str, Sequence[Outcome]]]
"""By the name of the course, by kind of server: a round after the other."""

QUESTIONS: dict[str, tuple[Callable[[Outcome], float], str]] = {
    "Thousands of deliveries for a second of the server's CPU": (lambda one: one.deliveries, ".0f"),
    "The same, of events that come one by one": (lambda one: one.alone, ".0f"),
    "Latency of one event alone, p50, ms": (lambda one: one.idle.p50, ".2f"),
    "Latency of one event alone, p99, ms": (lambda one: one.idle.p99, ".2f"),
    "Latency at a steady pace, p50, ms": (lambda one: one.paced.p50, ".2f"),
    "Latency at a steady pace, p99, ms": (lambda one: one.paced.p99, ".2f"),
    "Latency in a burst of 10 events, p50, ms": (lambda one: one.burst.p50, ".1f"),
    "Latency in a burst of 10 events, p99, ms": (lambda one: one.burst.p99, ".1f"),
    "Longest the loop went without a turn while it sent, ms of CPU": (lambda one: one.held, ".1f"),
    "CPU seconds to connect and join all": (lambda one: one.connect, ".2f"),
    "CPU seconds when all come again with the same tokens": (lambda one: one.again, ".2f"),
    "Longest the loop went without a turn while they came, ms of CPU": (
        lambda one: one.held_connecting,
        ".1f",
    ),
    "KB a client": (lambda one: one.memory, ".0f"),
}


def printed(outcomes: Outcomes) -> str:
    """All tables."""
    return "\n\n".join(_table(title, outcomes, ask, form) for title, (ask, form) in QUESTIONS.items())


def medians(outcomes: Outcomes, ask: Callable[[Outcome], float]) -> dict[str, dict[str, float]]:
    """The answer to a question, by course and by kind of server."""
    return {
        course: {kind: median(map(ask, rounds)) for kind, rounds in by_kind.items()}
        for course, by_kind in outcomes.items()
    }


def _table(title: str, outcomes: Outcomes, ask: Callable[[Outcome], float], form: str) -> str:
    answers = medians(outcomes, ask)
    kinds = [kind for kind in KINDS if all(kind in by_kind for by_kind in answers.values())]
    lines = [f"| {title} | " + " | ".join(answers) + " |", "|---|" + "---|" * len(answers)]
    lines += [
        f"| {KINDS[kind]} | " + " | ".join(_cell(by_kind, kind, form) for by_kind in answers.values()) + " |"
        for kind in kinds
    ]
    return "\n".join(lines)


def _cell(by_kind: Mapping[str, float], kind: str, form: str) -> str:
    if isnan(by_kind[kind]):
        return "-"
    said = format(by_kind[kind], form)
    node = by_kind.get("node")
    return said if not node or kind == "node" else f"{said} ({by_kind[kind] / node:.2f})"
