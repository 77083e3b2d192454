"""A connection's number is the next one's when it is closed: nobody may get what was meant for the last."""

import asyncio
import os
import socket
import struct
from typing import cast

import pytest

from contracts import VisitCancelled
from contracts.identity import Role
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import LIMIT, House, Stage, served

AT_ONCE = 4
"""Clients of each clinic that come and go at the same time."""

VISITS = 3
"""How often each of them does."""


async def visit(house: House, clinic: int, abruptly: bool) -> set[int]:
    """Join a clinic, hear of it, and go; which clinics were heard of."""
    async with Raw(house.url, {"token": token(Role.RECEPTIONIST, clinics=(clinic,))}) as client:
        assert (await client.call("join_queue_room", {"clinic_id": clinic}))["ok"]
        await client.event("visit_cancelled")
        await client.leave(abruptly)
    return {given[0]["clinic_id"] for name, given in client.events() if name == "visit_cancelled"}


@pytest.mark.parametrize("abruptly", [True, False], ids=["abruptly", "politely"])
async def test_no_clinic_gets_what_was_meant_for_a_connection_that_closed(
    stage: Stage, abruptly: bool
) -> None:
    async with served(stage.settings("bridge")) as house:
        await come_and_go_everywhere(stage, house, abruptly)


async def come_and_go_everywhere(stage: Stage, house: House, abruptly: bool) -> None:
    """Clients of two clinics, each for a moment, while both clinics hear of events all the time."""

    gone = asyncio.Event()

    async def fan_out() -> None:
        # Told to end, not cancelled: nats-py drops a cancellation that comes together with an answer.
        while not gone.is_set():
            for clinic in (1, 2):
                await stage.publish(example(VisitCancelled, clinic_id=clinic, reason="x" * 3000))

    async def come_and_go(clinic: int) -> None:
        for _ in range(VISITS):
            assert await visit(house, clinic, abruptly) == {clinic}

    publishing = asyncio.create_task(fan_out())
    try:
        async with asyncio.TaskGroup() as clients:
            for number in range(2 * AT_ONCE):
                clients.create_task(come_and_go(1 + number % 2))
    finally:
        gone.set()
        await publishing
    await house.counts("connections", 0)
    await house.counts("rooms", 0)


@pytest.mark.parametrize("ending", ["they close", "they reset", "we close", "we abort"])
async def test_the_loop_tells_of_an_end_while_the_number_is_still_the_connections(ending: str) -> None:
    """What `protocol` relies on when it gives up a descriptor in `connection_lost`."""
    loop = asyncio.get_running_loop()
    ours: asyncio.Future[Server] = loop.create_future()
    listener = await loop.create_server(lambda: Server(ours), "127.0.0.1", 0)
    with socket.create_connection(listener.sockets[0].getsockname()) as theirs:
        server = await asyncio.wait_for(ours, LIMIT)
        if ending == "they reset":
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if ending.startswith("they"):
            theirs.close()
        else:
            getattr(server.transport, ending.removeprefix("we "))()
        assert await asyncio.wait_for(server.open_when_lost, LIMIT)
    listener.close()


class Server(asyncio.Protocol):
    """One end of a connection; `open_when_lost` says whether its descriptor was when it was lost."""

    transport: asyncio.Transport

    def __init__(self, made: "asyncio.Future[Server]") -> None:
        self._made = made
        self.open_when_lost: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember which socket it is."""
        self.transport = cast(asyncio.Transport, transport)
        self._socket = os.fstat(transport.get_extra_info("socket").fileno()).st_ino
        self._fd = transport.get_extra_info("socket").fileno()
        self._made.set_result(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look whether the number still is that socket's."""
        self.open_when_lost.set_result(os.fstat(self._fd).st_ino == self._socket)
