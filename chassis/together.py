"""Running parts together: the first that fails ends the others."""

import asyncio
from collections.abc import Awaitable, Callable

Part = Callable[[], Awaitable[None]]


async def together(*parts: Part) -> None:
    """Run these until they end or one fails; raises what failed as an ExceptionGroup.

    In a task of their own: Python 3.11's TaskGroup wakes its task by a cancellation that it does not always
    take back, and whoever goes on after the failure would count as cancelled.
    """
    await asyncio.create_task(_in_a_group(parts))


async def _in_a_group(parts: tuple[Part, ...]) -> None:
    async with asyncio.TaskGroup() as tasks:
        for part in parts:
            tasks.create_task(_run(part))


async def _run(part: Part) -> None:
    await part()
