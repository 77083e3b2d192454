"""`python -m launcher.access write` writes docs/access.md from the tables of access; `check` looks at it."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from chassis.access import Access
from contracts import EVENTS
from contracts.event import Process
from contracts.identity import Reach, Rights, Role
from contracts.permissions import SERVICES
from socket_bridge import access as sockets

ROOT = Path(__file__).parents[1]
PAGE = Path("docs/access.md")

_HEAD = """\
<!-- Written by `python -m launcher.access write` from the tables that are enforced; change those instead. -->
# Who may do what

What has no line here is refused: a route, a room or an event without one fails the start of its process and
the tests. A cell says how far a right goes:

| cell | meaning |
|---|---|
| own | a doctor's own visits, appointments and payments |
| clinic | what is in a clinic of the token's `clinics` |
| every | only for a token whose `clinics` is "*" |
| all | what belongs to no clinic (patients; revocation) |
| yes | hears it, in the rooms above |
| - | refused: 403, or `error {message}` on a socket |

Lists hold what a reader may see and nothing else, so another clinic's things are absent from them rather than
refused. An admin whose `clinics` is "*" belongs to every clinic.
"""

_WORDS: Mapping[Reach, str] = {
    Reach.OWN: "own",
    Reach.CLINIC: "clinic",
    Reach.EVERY_CLINIC: "every",
    Reach.ALL: "all",
}


def routes() -> dict[Process, Access]:
    """Every service's table, as its `access` module has it."""
    return {process: import_module(f"{process}_service.access").ACCESS for process in SERVICES}


def page() -> str:
    """The tables in Markdown."""
    parts = [_HEAD, "## Routes\n", "Each also under `/api`.\n"]
    for process, access in routes().items():
        parts.append(f"### {process}_service\n")
        parts.append(_table("route", _cells(access)))
    parts.append("## Rooms\n")
    parts.append("`staff` and the desks are entered at connect, the others by `join_..._room`.\n")
    parts.append(_table("room", _cells(sockets.ROOMS)))
    parts.append("## Events\n")
    heard = (
        (event.__name__, ["yes" if role in sockets.EVENTS[event.__name__] else "-" for role in Role])
        for event in EVENTS
    )
    parts.append(_table("event", heard))
    return "\n".join(parts)


def _cells(access: Mapping[str, Rights]) -> Iterator[tuple[str, list[str]]]:
    for name, rights in access.items():
        yield name, [_WORDS[rights[role]] if role in rights else "-" for role in Role]


def _table(head: str, lines: Iterable[tuple[str, list[str]]]) -> str:
    rows = [[head, *Role], ["---"] * (len(Role) + 1), *([f"`{name}`", *cells] for name, cells in lines)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def stale(root: Path) -> bool:
    """Whether the page under `root` is not as it would be written now."""
    return not (root / PAGE).exists() or (root / PAGE).read_text() != page()


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 when the page is stale, 2 when asked for something unknown."""
    match arguments:
        case ["write"]:
            (ROOT / PAGE).write_text(page())
        case ["check"] if stale(ROOT):
            sys.stderr.write(f"{PAGE} is stale: run python -m launcher.access write, and commit it\n")
            return 1
        case ["check"]:
            pass
        case _:
            sys.stderr.write("Say python -m launcher.access write, or python -m launcher.access check\n")
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
