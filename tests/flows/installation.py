"""Everything at once, in this process, on one real port: broker, four services, bridge and gateway."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from chassis.service import Service
from contracts.event import Process
from contracts.permissions import SERVICES
from launcher import demo, services, serving
from launcher.gateway import Gateway
from launcher.services import Part
from socket_bridge.settings import Settings as BridgeSettings
from socket_bridge.wire import server_options
from tests.parts import Broker, broker_running

LIMIT = 20.0
"""Seconds after which what was to happen has not."""


class Installation:
    """What runs, each part apart: a service may be stopped and started again."""

    def __init__(self, broker: Broker, databases: Mapping[Process, str], running: AsyncExitStack) -> None:
        self.broker = broker
        self.url = ""
        self.parts: dict[Process, Part] = {}
        self._databases = databases
        self._running = running
        self._stacks: dict[Process, AsyncExitStack] = {}

    async def start(self, process: Process) -> Part:
        """Start a part: a new one on its old data."""
        more = {"database_url": self._databases.get(process, "")}
        settings = self.broker.settings(process, **more)
        if process is Process.BRIDGE:
            part: Part = services.bridge(BridgeSettings.model_validate(settings.model_dump()))
        else:
            part = services.service(process, settings)
        self._stacks[process] = stack = AsyncExitStack()
        self._running.push_async_exit(stack)
        await stack.enter_async_context(part.running())
        self.parts[process] = part
        return part

    async def stop(self, process: Process) -> None:
        """Stop a part."""
        await self._stacks.pop(process).aclose()

    async def ready(self) -> None:
        """Wait until every part that runs is ready."""
        async with asyncio.timeout(LIMIT):
            for process in self._stacks:
                while await self.parts[process].problems():  # noqa: ASYNC110  # as an orchestrator does
                    await asyncio.sleep(0.01)


@asynccontextmanager
async def installed(folder: Path, databases: Mapping[Process, str]) -> AsyncIterator[Installation]:
    """The demo's clinics, served on a free port."""
    async with broker_running(folder) as broker, AsyncExitStack() as running:
        await broker.provision({process: tuple(heard) for process, heard in services.heard().items()})
        one = Installation(broker, databases, running)
        await one.start(Process.BRIDGE)
        planted: dict[Process, Service] = {}
        for process in SERVICES:
            part = await one.start(process)
            assert isinstance(part, Service)
            planted[process] = part
        await demo.seed(planted)
        await one.ready()
        with serving.bound("127.0.0.1", 0) as listener:
            one.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            listening = asyncio.Event()
            gateway = Gateway(one.parts)
            task = asyncio.create_task(
                serving.serve(gateway, listener, listening.set, **server_options(True))
            )
            try:
                async with asyncio.timeout(LIMIT):
                    await listening.wait()
                yield one
            finally:
                task.cancel()
                await asyncio.wait((task,))
