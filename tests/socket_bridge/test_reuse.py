"""A connection's number is the next one's when it is closed: nobody may get what was meant for the last."""

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import cast

import pytest
import uvloop

from contracts import VisitCancelled
from contracts.identity import Role
from socket_bridge.protocol import WireProtocol
from socket_bridge.wire import DirectConnection
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
    return clinics(client)


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


@pytest.mark.parametrize(("given_up", "heard"), [(True, {2}), (False, {1, 2})], ids=["given up", "left"])
async def test_the_next_with_the_number_hears_its_own_clinic_alone_because_it_is_given_up(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, given_up: bool, heard: set[int]
) -> None:
    """Somebody who is gone is a member for a while yet; the bug that this is about is put in, too."""
    gone = list[DirectConnection]()
    lost = DirectConnection.lost
    monkeypatch.setattr(DirectConnection, "lost", lambda one: gone.append(one))  # bound
    if not given_up:
        monkeypatch.setattr(WireProtocol, "_give_up", lambda _: None)
    async with served(stage.settings("bridge", direct_wire=True)) as house, AsyncExitStack() as stack:
        async with Raw(house.url, {"token": token(Role.RECEPTIONIST, clinics=(1,))}) as first:
            assert (await first.call("join_queue_room", {"clinic_id": 1}))["ok"]
            (number,) = numbers(house)
            await first.leave(abruptly=True)
        async with asyncio.timeout(LIMIT):
            while not gone:  # noqa: ASYNC110  # what is waited for is a call
                await asyncio.sleep(0.005)
            while number not in numbers(house):
                await asyncio.sleep(0.005)
                while (filler := os.open(os.devnull, os.O_RDONLY)) < number:
                    stack.callback(os.close, filler)
                os.close(filler)
                if filler != number:
                    continue  # not closed yet
                async with AsyncExitStack() as trying:
                    second = Raw(house.url, {"token": token(Role.RECEPTIONIST, clinics=(2,))})
                    await trying.enter_async_context(second)
                    assert (await second.call("join_queue_room", {"clinic_id": 2}))["ok"]
                    if number in numbers(house):
                        stack.push_async_exit(trying.pop_all())
        for clinic in (1, 2):
            await stage.publish(example(VisitCancelled, clinic_id=clinic))
        while 2 not in clinics(second):
            await second.event("visit_cancelled")
        assert clinics(second) == heard
        for connection in gone:
            lost(connection)


def numbers(house: House) -> set[int]:
    """The descriptors of the connections that are there."""
    assert house.bridge._switchboard is not None
    connections = house.bridge._switchboard.server.eio.sockets.values()
    return {
        one.protocol.transport.get_extra_info("socket").fileno()
        for one in connections
        if one.protocol is not None and not one.protocol.ended
    }


def clinics(client: Raw) -> set[int]:
    """Which clinics' events this client got."""
    return {given[0]["clinic_id"] for name, given in client.events() if name == "visit_cancelled"}


@pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
@pytest.mark.parametrize("ending", ["they close", "they reset", "we close", "we abort"])
def test_the_loop_tells_of_an_end_while_the_number_is_still_the_connections(
    loop: Callable[[], asyncio.AbstractEventLoop], ending: str
) -> None:
    """What `protocol` relies on when it gives up a descriptor in `connection_lost`."""
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(end(ending))


async def end(ending: str) -> None:
    """End a connection so, and look at its number when that is told."""
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
