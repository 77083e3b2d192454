"""Running parts together."""

import asyncio
from functools import partial

import pytest

from chassis.together import together


async def test_whoever_goes_on_after_a_failure_does_not_count_as_cancelled() -> None:
    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError

    async def wait() -> None:
        await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as failed:
        await together(fail, wait)
    assert [type(error) for error in failed.value.exceptions] == [ValueError]
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_cancellation_reaches_every_part() -> None:
    begun, ended = asyncio.Semaphore(0), []

    async def part(name: str) -> None:
        begun.release()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    running = asyncio.create_task(together(partial(part, "one"), partial(part, "two")))
    await begun.acquire()
    await begun.acquire()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(ended) == ["one", "two"]
