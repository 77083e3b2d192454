"""What is due for thousands in one moment is done a few a turn of the loop: counted, not timed."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from chassis import broker
from contracts import QueueUpdated
from contracts.event import Process
from socket_bridge.connection import Connection
from socket_bridge.engine import ENDING, PINGING, SPREAD, Engine
from socket_bridge.forwarder import REACHED
from socket_bridge.members import Member, Members
from socket_bridge.protocol import WireProtocol
from socket_bridge.snapshots import ENTERING, Snapshots
from socket_bridge.status import STRETCH, Status
from socket_bridge.wire import DirectConnection
from tests.socket_bridge.stage import LIMIT, Stage
from tests.socket_bridge.test_costs import forwarder_of
from tests.socket_bridge.test_interleavings import SOMEONE, Tape

CLIENTS = 1_000
INTERVAL = 25.0

BOTH = pytest.mark.parametrize("kind", [DirectConnection, Connection], ids=["direct", "stock"])


class Gone:
    """Counts the connections that have ended."""

    def __init__(self) -> None:
        self.count = 0

    def opened(self, _: Connection) -> None:
        """Not looked at."""

    async def heard(self, _: Connection, said: object) -> None:
        """Nobody says anything."""

    def closed(self, _: Connection) -> None:
        """One more."""
        self.count += 1


class Transport(asyncio.Transport):
    """A connection that only says that it was closed."""

    def __init__(self, closed: list["Transport"]) -> None:
        super().__init__()
        self._closed = closed

    def close(self) -> None:
        """One more."""
        self._closed.append(self)


def connected(kind: type[Connection], gone: Gone) -> list[Connection]:
    """So many clients that came in one moment."""
    engine = Engine(
        gone,
        connection=kind,
        pending_limit=10**6,
        on_cut=lambda _: None,
        ping_interval=INTERVAL,
        async_mode="asgi",
    )
    return [engine._begin("") for _ in range(CLIENTS)]


async def most_in_a_turn(done: Callable[[], int], wanted: int) -> int:
    """How much of this was done in one turn at most, until all of it is."""
    seen = [done()]
    async with asyncio.timeout(LIMIT):
        while seen[-1] < wanted:
            await asyncio.sleep(0)
            seen.append(done())
    return max(after - before for before, after in pairwise(seen))


@BOTH
async def test_clients_that_came_together_are_not_pinged_together(kind: type[Connection]) -> None:
    now = asyncio.get_running_loop().time()
    connections = connected(kind, Gone())
    dues = [one._timer.when() - now for one in connections if one._timer is not None]
    assert len(dues) == CLIENTS
    assert INTERVAL * (1 - SPREAD) - 0.01 < min(dues) < max(dues) < INTERVAL + 1
    slots = Counter(int((due - min(dues)) / (INTERVAL * SPREAD) * 100) for due in dues)
    assert max(slots.values()) <= CLIENTS / 100 * 1.5


@BOTH
async def test_pings_that_are_due_in_one_moment_go_out_a_few_a_turn(kind: type[Connection]) -> None:
    connections = connected(kind, Gone())
    for one in connections:
        one._due()
    assert await most_in_a_turn(lambda: sum(one.queue.qsize() for one in connections), CLIENTS) <= PINGING


async def test_clients_that_go_in_one_moment_are_taken_leave_of_a_few_a_turn() -> None:
    gone = Gone()
    for one in connected(DirectConnection, gone):
        one.connected = True
        assert isinstance(one, DirectConnection)
        one.lost()
    assert await most_in_a_turn(lambda: gone.count, CLIENTS) <= ENDING


async def test_connections_whose_clients_end_them_in_one_moment_are_closed_a_few_a_turn() -> None:
    closed = list[Transport]()
    for one in connected(DirectConnection, Gone()):
        protocol = WireProtocol(Config("none"), ServerState())
        protocol.transport = Transport(closed)
        assert isinstance(one, DirectConnection)
        protocol.listen(one)
        assert protocol.eof_received()
    assert await most_in_a_turn(lambda: len(closed), CLIENTS) <= ENDING


@BOTH
async def test_a_bridge_that_stops_ends_its_connections_a_few_a_turn(kind: type[Connection]) -> None:
    gone = Gone()
    closing = asyncio.create_task(connected(kind, gone)[0].server.close_all())
    assert await most_in_a_turn(lambda: gone.count, CLIENTS) <= ENDING
    await closing


async def test_that_the_reader_is_behind_is_said_to_a_few_a_turn() -> None:
    members, tapes = Members(), [Tape() for _ in range(CLIENTS)]
    for number, tape in enumerate(tapes):
        members.add(str(number), Member(tape, SOMEONE, cursor=False))
    reader = SimpleNamespace(live=False, lag=2.0)
    telling = asyncio.create_task(Status(members, reader)._tell())  # type: ignore[arg-type]  # as it is looked at
    assert await most_in_a_turn(lambda: sum(len(tape.got) for tape in tapes), CLIENTS) <= STRETCH
    await telling


async def test_those_who_waited_for_one_snapshot_go_on_a_few_a_turn(stage: Stage) -> None:
    connection = await broker.connect(stage.settings("bridge"), Process.BRIDGE)
    snapshots, entered = Snapshots(connection), list[int]()

    async def enter(number: int) -> None:
        await snapshots.load(QueueUpdated.subject.format_map({"clinic_id": 1}))
        entered.append(number)

    entering = [asyncio.create_task(enter(number)) for number in range(100)]
    try:
        assert await most_in_a_turn(lambda: len(entered), 100) <= ENTERING
        await asyncio.gather(*entering)
    finally:
        await connection.close()


async def test_those_who_waited_for_one_event_go_on_a_few_a_turn() -> None:
    forwarder, reached = forwarder_of(Members()), list[int]()

    async def reach(number: int) -> None:
        await forwarder.reached(1)
        reached.append(number)

    waiting = [asyncio.create_task(reach(number)) for number in range(100)]
    await asyncio.sleep(0)
    forwarder.advance(1)
    assert await most_in_a_turn(lambda: len(reached), 100) <= REACHED
    await asyncio.gather(*waiting)
