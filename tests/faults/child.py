"""`clinicwire` with one thing wrong, in a process of its own: `python -m tests.faults.child serve queue`.

What is wrong is named in FAULT, so that the product has no switch for it. `die_before_mark` is no bug: it is
a power cut at the worst moment. The others are bugs that the checker must find.
"""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from launcher.cli import main


def die_before_mark() -> None:
    """End at once, with what was published not marked."""
    from chassis.relay import Relay

    marked = Relay._mark

    async def die(self: Relay, rows: Sequence[Any]) -> None:
        if rows:
            os.kill(os.getpid(), signal.SIGKILL)
        await marked(self, rows)

    Relay._mark = die  # type: ignore[method-assign]


def mark_before_publish() -> None:
    """The relay marks what it takes before it publishes it; and ends in between, now and then."""
    from chassis.relay import Relay

    waiting, marked = Relay._waiting, Relay._mark

    async def mark(self: Relay) -> list[Any]:
        rows = await waiting(self)
        await marked(self, rows)
        if rows and Path(os.environ["FAULT_AT"]).exists():  # noqa: ASYNC240  # it may take its time
            os.kill(os.getpid(), signal.SIGKILL)
        return rows

    async def mark_again(self: Relay, rows: Sequence[Any]) -> None:
        """Done already."""

    Relay._waiting = mark  # type: ignore[method-assign]
    Relay._mark = mark_again  # type: ignore[method-assign]


def no_gap_check() -> None:
    """The reader takes whatever comes next for what is next, and begins at the end after a break."""
    from socket_bridge import reader

    heard = reader._Consumer._hear

    async def hear(self: Any, msg: Any) -> None:
        if msg.reply.startswith("$JS.ACK."):
            tokens = msg.reply.split(".")
            self._expected = int(tokens[(5 if len(tokens) == 9 else 7) + 1])
        await heard(self, msg)

    reader._Consumer._hear = hear  # type: ignore[method-assign]


def enter_before_replay() -> None:
    """A client that comes back is in the room first, and gets what it missed afterwards."""
    from socket_bridge.replay import Replay

    enter = Replay.enter

    async def entered_first(
        self: Replay, member: Any, rooms: Any, cursor: Any, clinic: Any, entered: Any
    ) -> None:
        for room in rooms:
            self._members.enter(member, room, cursor.since if cursor else self._forwarder.seq)
        await enter(self, member, rooms, cursor, clinic, entered)

    Replay.enter = entered_first  # type: ignore[method-assign]


FAULTS = {
    fault.__name__: fault
    for fault in (die_before_mark, mark_before_publish, no_gap_check, enter_before_replay)
}

if __name__ == "__main__":
    FAULTS[os.environ["FAULT"]]()
    main()
