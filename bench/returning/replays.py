"""How long a replay takes: a few events from memory, many out of a large stream."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from bench.returning import bridge, client
from bench.returning.publisher import Publisher, spread
from launcher import broker as brokers

FEW, FAR = 10, 1000

CLINICS = 1000
"""Among which the whole stream is spread: of each there is one event in so many."""

RECENT = 100
"""The same, at the end of it: there the clinic has one event in so many."""

CLOSE, NEAR, WIDE = CLINICS + 1, CLINICS + 2, CLINICS + 3
"""The clinics whose events are replayed; all others are there to be passed over."""

OURS = (CLOSE, NEAR, WIDE)
"""Beside the first, the clinics that the client's token has to be for."""


async def few(broker: brokers.Broker, publisher: Publisher, port: int, token: str, rounds: int) -> str:
    """A few events, from memory."""
    async with bridge.running(broker, port) as one:
        async with client.connected(one.http, one.base, token) as first:
            await first.join(1, {})
        await publisher.publish([1] * FEW)
        await one.reached(publisher.last)
        taken = [await _replay(one, token, 1, first.cursor, FEW) for _ in range(5 * rounds)]
    return f"{FEW} events from memory: {median(taken) * 1000:.1f} ms"


async def many(
    broker: brokers.Broker, publisher: Publisher, port: int, token: str, stored: int, rounds: int
) -> list[str]:
    """A thousand events of one clinic, in a stream that is full of others'.

    Of one clinic they lie close together at its beginning, of another they are one in so many of the newest,
    and of the third they go from one end to the other.
    """
    recent = FAR * RECENT
    async with bridge.running(broker, port) as one:
        async with client.connected(one.http, one.base, token) as first:
            await first.join(1, {})
        begin = first.cursor
        await publisher.publish([CLOSE] * FAR)
        every = stored // FAR
        await publisher.publish(_with(WIDE, every, spread(CLINICS, stored - recent)))
        near = begin | {"since": publisher.last}
        await publisher.publish(_with(WIDE, every, _with(NEAR, RECENT, spread(CLINICS, recent), 1)))
        await one.reached(publisher.last)
        return [
            f"{FAR} events out of {publisher.last:,}, {how}: "
            + await _measured(one, token, clinic, at, rounds)
            for how, clinic, at in (
                ("close together", CLOSE, begin),
                (f"one in {RECENT} of the newest {recent:,}", NEAR, near),
                ("from one end to the other", WIDE, begin),
            )
        ]


def _with(clinic: int, every: int, others: Iterator[int], offset: int = 0) -> Iterator[int]:
    """The others' events, and every so many one of this clinic instead."""
    return (clinic if number % every == offset else other for number, other in enumerate(others))


async def _measured(one: bridge.Bridge, token: str, clinic: int, cursor: dict[str, Any], rounds: int) -> str:
    taken = [1000 * await _replay(one, token, clinic, cursor, FAR) for _ in range(rounds)]
    return f"{median(taken):.0f} ms (rounds: {', '.join(f'{each:.0f}' for each in taken)})"


async def _replay(one: bridge.Bridge, token: str, clinic: int, cursor: dict[str, Any], count: int) -> float:
    """Seconds from the join of a client that is connected already."""
    async with client.connected(one.http, one.base, token) as back:
        taken = await back.join(clinic, cursor)
    if back.events != count or not back.answer["recovered"]:
        raise SystemExit(f"{back.events} of {count} events came")
    return taken
