"""Two bridges beside each other, one of either wire: their clients get the same bytes in the same order."""

import re
from contextlib import AsyncExitStack

from contracts import Event, NewCheckin, PatientUpdated, QueueUpdated, VisitCancelled
from contracts.identity import Role
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, served

AUTH = {"token": token(Role.RECEPTIONIST)}


async def day(stage: Stage, houses: list[House], clients: list[Raw]) -> None:
    """A day of clients who join, hear, are refused, leave and come back."""

    async def published(*events: Event) -> None:
        for event in events:
            seq = await stage.publish(event)
        for house in houses:
            await house.reached(seq)

    async def each(event: str, given: object) -> None:
        for client in clients:
            await client.call(event, given)

    await published(example(QueueUpdated))
    await each("join_queue_room", {"clinic_id": 1})
    await published(*(example(VisitCancelled, reason=f"é ☂ {number}") for number in range(30)))
    await each("join_queue_room", {"clinic_id": 9})
    await each("join_queue_room", {"clinic_id": "one"})
    await each("no_such_message", {})
    for client in clients:
        for odd in ("42[1]", "42{}", "4x", "40", "40/admin,{}", "43[]", '42["unheard_of",{}]'):
            await client.send(odd)
    await each("leave_board_room", {"clinic_id": 1})
    await published(
        example(NewCheckin), example(PatientUpdated), example(VisitCancelled, reason="x" * 70_000)
    )
    await each("leave_queue_room", {"clinic_id": 1})
    await published(example(VisitCancelled), example(PatientUpdated))
    await each("join_queue_room", {"clinic_id": 1})
    await published(example(QueueUpdated))
    await each("leave_queue_room", {"clinic_id": 1})


def without_id(packet: str) -> str:
    """The packet, but for the id that is each connection's own."""
    return re.sub(r'^40\{"sid":"[^"]*"\}$', "40", packet)


async def test_clients_get_the_same_bytes_in_the_same_order_either_way(stage: Stage) -> None:
    await stage.answer()
    async with AsyncExitStack() as stack:
        houses = [
            await stack.enter_async_context(served(stage.settings("bridge", direct_wire=direct)))
            for direct in (True, False)
        ]
        clients = {
            (house.url, way, cursor): await stack.enter_async_context(
                Raw(house.url, AUTH | {"cursor": cursor}, transport=way)
            )
            for house in houses
            for way in ("websocket", "polling")
            for cursor in (False, True)
        }
        await day(stage, houses, list(clients.values()))
        got = {
            (url == houses[0].url, cursor, way): [without_id(packet) for packet in client.packets]
            for (url, way, cursor), client in clients.items()
        }
    for cursor in (False, True):
        wanted = got[False, cursor, "polling"]
        assert len(wanted) > 40
        for direct, way in ((True, "websocket"), (False, "websocket"), (True, "polling")):
            assert got[direct, cursor, way] == wanted
