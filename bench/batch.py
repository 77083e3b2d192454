"""From how many rows on one atomic batch beats one message after another.

`python -m bench.batch` publishes so many rows at once, both ways in turn, to a broker of its own on this
disk, and prints the median of each in milliseconds: what `chassis.relay.FEW` was taken from.
"""

import asyncio
import itertools
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import uvloop

from bench.relay import PAYLOAD
from chassis import broker, clock
from chassis.publisher import Outgoing, Publisher
from chassis.settings import Settings
from contracts.event import Process
from launcher import broker as embedded
from launcher.provision import StreamSize, provision

SIZES = (2, 3, 5, 10, 20, 50)
TIMES = 30

PAUSE = 0.02
"""Seconds between two measurements: the broker's work on one is not the next one's."""


def rows(ids: Iterator[int], count: int) -> list[Outgoing]:
    """As many different messages, for a few subjects."""
    return [
        Outgoing(
            id, id, f"patient.{1 + id % 5}.patient_updated", "staff", PAYLOAD, None, 1, False, clock.now()
        )
        for id in itertools.islice(ids, count)
    ]


async def singly(publisher: Publisher, wanted: Sequence[Outgoing]) -> None:
    """One after another."""
    for row in wanted:
        await publisher.publish(row)


async def at_once(publisher: Publisher, wanted: Sequence[Outgoing]) -> None:
    """As one batch."""
    if not await publisher.publish_all(wanted):
        raise SystemExit("the broker takes no batches; see its log")


async def main() -> None:
    """Measure, and print a line a size."""
    with tempfile.TemporaryDirectory(prefix="clinicwire-bench-") as folder:
        async with embedded.running(Path(folder)) as server:

            def settings(user: str) -> Settings:
                return Settings.model_validate({"nats_url": server.url, "nats_nkey": server.seeds[user]})

            await provision(settings("provisioner"), {}, StreamSize())
            connection = await broker.connect(settings("patient"), Process.PATIENT)
            publisher, ids = Publisher(connection), itertools.count(1)
            ways: tuple[Callable[[Publisher, Sequence[Outgoing]], Awaitable[None]], ...] = (singly, at_once)
            for size in SIZES:
                taken: dict[str, list[float]] = {way.__name__: [] for way in ways}
                for _ in range(TIMES):
                    for way in ways:
                        wanted = rows(ids, size)
                        began = time.perf_counter()
                        await way(publisher, wanted)
                        taken[way.__name__].append((time.perf_counter() - began) * 1000)
                        await asyncio.sleep(PAUSE)
                told = ", ".join(f"{way} {median(of):.2f} ms" for way, of in taken.items())
                print(f"{size:3} rows: {told}")  # noqa: T201
            await connection.close()


if __name__ == "__main__":
    uvloop.run(main())
