"""`clinicwire` with something wrong, in a process of its own: `python -m tests.faults.child serve queue`.

What is wrong is named in FAULTS, so that the product has no switch for it. `end_half_way` is no bug but bad
luck at the worst moment. The others are bugs, for the checker to find.
"""

import os
import signal
from collections.abc import Awaitable, Callable
from typing import Any

from launcher.cli import main

STEPS: list[str] = []


def end_half_way() -> None:
    """End after publishing and before marking, or the other way round: whatever comes first is done."""
    from chassis.publisher import Publisher
    from chassis.relay import Relay

    def counted(name: str, step: Callable[..., Awaitable[Any]]) -> Any:
        async def counting(self: Any, *rows: Any) -> Any:
            some = any(rows or self._published)
            if some and STEPS and STEPS[-1] != name:
                os.kill(os.getpid(), signal.SIGKILL)
            done = await step(self, *rows)
            # A batch that was not taken as one is published again, singly.
            if some and done is not False:
                STEPS.append(name)
            return done

        return counting

    Relay._mark = counted("mark", Relay._mark)  # type: ignore[method-assign]
    Publisher.publish = counted("publish", Publisher.publish)  # type: ignore[method-assign]
    Publisher.publish_all = counted("publish", Publisher.publish_all)  # type: ignore[method-assign]


def mark_before_publish() -> None:
    """The relay marks what it is going to publish."""
    from chassis.relay import Relay

    waiting, mark = Relay._waiting, Relay._mark

    async def mark_first(self: Relay) -> list[Any]:
        rows = await waiting(self)
        self._published += rows
        await mark(self)
        return rows

    async def marked_already(self: Relay) -> None:
        pass

    Relay._waiting = mark_first  # type: ignore[method-assign]
    Relay._mark = marked_already  # type: ignore[method-assign]


def no_gap_check() -> None:
    """The reader takes whatever comes for what comes next."""
    from socket_bridge.reader import _Consumer

    hear = _Consumer._hear

    async def hear_anything(self: _Consumer, msg: Any) -> None:
        if msg.reply.startswith("$JS.ACK."):
            tokens = msg.reply.split(".")
            self._expected = int(tokens[6 if len(tokens) == 9 else 8])
        await hear(self, msg)

    _Consumer._hear = hear_anything  # type: ignore[method-assign]


def enter_before_replay() -> None:
    """Who comes back is in the room at once, and gets what was missed when the stream has answered."""
    from contracts.stream import STREAM
    from socket_bridge.replay import Replay

    enter = Replay.enter

    async def enter_first(self: Replay, member: Any, rooms: Any, *more: Any) -> None:
        for room in rooms:
            self._members._by_room.setdefault(room, set()).add(member)
        await self._stored._stream.stream_info(STREAM)
        await enter(self, member, rooms, *more)

    Replay.enter = enter_first  # type: ignore[method-assign, assignment]


WRONG = {
    wrong.__name__: wrong for wrong in (end_half_way, mark_before_publish, no_gap_check, enter_before_replay)
}

if __name__ == "__main__":
    for name in os.environ["FAULTS"].split(","):
        WRONG[name]()
    main()
