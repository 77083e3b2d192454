"""The clock of a day: it stands while anybody is at work."""

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from launcher.day.clock import Clock


async def test_what_happens_has_one_order_however_long_a_command_takes() -> None:
    clock = Clock(math.inf)
    seen: list[tuple[int, str]] = []

    def way(name: str, *moments: int, works: Callable[[], Awaitable[None]] | None = None) -> Awaitable[None]:
        async def walk() -> None:
            for moment in moments:
                await clock.until(moment)
                if works:
                    await works()
                seen.append((clock.now, name))

        return walk()

    async def slowly() -> None:
        for _ in range(50):
            await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await clock.play([way("slow", 10, 30, works=slowly), way("quick", 20, 40)])
    assert seen == [(10, "slow"), (20, "quick"), (30, "slow"), (40, "quick")]


async def test_those_of_the_same_moment_act_at_once() -> None:
    clock = Clock(math.inf)
    both = asyncio.Barrier(2)

    async def meet() -> None:
        await clock.until(60)
        await both.wait()

    async with asyncio.timeout(5):
        await clock.play([meet(), meet()])
    assert clock.now == 60


async def test_a_day_at_speed_takes_its_share_of_the_real_time() -> None:
    loop = asyncio.get_running_loop()
    heard: list[int] = []
    clock = Clock(1000, heard.append)

    async def walk() -> None:
        await clock.after(50)
        await clock.after(50)

    began = loop.time()
    async with asyncio.timeout(5):
        await clock.play([walk()])
    assert loop.time() - began >= 0.1
    assert heard == [50, 100]


async def test_a_moment_that_is_over_is_now() -> None:
    clock = Clock(math.inf)

    async def walk() -> None:
        await clock.until(100)
        await clock.until(10)
        assert clock.now == 100

    async with asyncio.timeout(5):
        await clock.play([walk()])


async def test_the_first_failure_ends_the_day() -> None:
    clock = Clock(1)

    async def fail() -> None:
        await clock.until(0)
        raise ValueError("the first")

    async def wait() -> None:
        await clock.until(10_000)

    async with asyncio.timeout(5):
        with pytest.raises(ValueError, match="the first"):
            await clock.play([wait(), fail()])
