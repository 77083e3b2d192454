"""What is too much is refused in words, by client and by token; a whole hospital coming back is not."""

from contextlib import AsyncExitStack

import pytest

from contracts import PatientUpdated
from contracts.identity import Identity, Role
from socket_bridge.connection import Connection
from socket_bridge.limits import Limits
from socket_bridge.members import Member
from socket_bridge.metrics import Metrics
from socket_bridge.settings import Settings
from socket_bridge.wire import MESSAGE_LIMIT
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.raw import Closed, Raw
from tests.socket_bridge.stage import Stage, now, served

OFTEN = "Too many messages: wait a moment and try again"


async def test_too_many_joins_are_refused_in_words_and_end_who_goes_on(
    stage: Stage,
) -> None:
    slow = {"messages_at_once": 3, "messages_per_second": 0.001}
    async with (
        served(stage.settings("bridge", **slow)) as house,
        Raw(house.url, {"token": token(Role.RECEPTIONIST)}) as client,
        Raw(house.url, {"token": token(Role.RECEPTIONIST)}) as other,
    ):
        for number in range(3):
            assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"], number
        for number in range(3):
            answer = await client.call("join_queue_room", {"clinic_id": 1})
            assert answer == {"ok": False, "message": OFTEN}, number
        assert (await client.event("error")) == [{"message": OFTEN}]
        assert (await other.call("join_queue_room", {"clinic_id": 1}))["ok"]
        await client.emit("nonsense")
        await client.closed()
        assert house.metric("limited_total") == 4
        await stage.publish(example(PatientUpdated))
        await other.event("patient_updated")


async def test_too_many_messages_of_one_token_are_refused_on_all_its_connections(stage: Stage) -> None:
    slow = {"token_messages_at_once": 4, "token_messages_per_second": 0.001}
    shared = {"token": token(Role.RECEPTIONIST)}
    async with served(stage.settings("bridge", **slow)) as house, AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(Raw(house.url, shared)) for _ in range(3)]
        answers = [await one.call("join_queue_room", {"clinic_id": 1}) for one in clients * 2]
        assert [answer["ok"] for answer in answers] == [True] * 4 + [False] * 2
        another = await stack.enter_async_context(Raw(house.url, {"token": token(Role.RECEPTIONIST)}))
        assert (await another.call("join_queue_room", {"clinic_id": 1}))["ok"]


async def test_too_many_connections_with_one_token_are_refused_in_words(stage: Stage) -> None:
    slow = {"connects_at_once": 2, "connects_per_second": 0.001}
    shared = {"token": token(Role.DISPLAY)}
    async with served(stage.settings("bridge", **slow)) as house, AsyncExitStack() as stack:
        for _ in range(2):
            client = await stack.enter_async_context(Raw(house.url, shared))
            await client.event("connected")
        async with Raw(house.url, shared) as third:
            packet = await third.until(lambda text: text.startswith("44"))
            assert "Too many connections" in packet
        async with Raw(house.url, {"token": token(Role.DISPLAY)}) as another:
            await another.event("connected")


def test_two_thousand_screens_with_one_token_may_return_at_once_and_join_their_rooms() -> None:
    limits = Limits(Settings(), Metrics(), clock=lambda: 0.0)
    identity = Identity(
        sub="wall", name="", role=Role.DISPLAY, clinics=frozenset({1}), jti="wall", expires_at=now()
    )
    for _ in range(2_000):
        assert limits.on_connect(identity) is None
        screen = Member(Connection.__new__(Connection), identity, cursor=True)
        for _ in range(10):
            assert limits.on_message(screen) is None


async def test_a_message_that_is_too_large_ends_the_connection(stage: Stage) -> None:
    async with served(stage.settings("bridge")) as house:
        async with Raw(house.url, {"token": token(Role.RECEPTIONIST)}) as client:
            await client.event("connected")
            await client.emit("join_queue_room", {"clinic_id": 1, "token": "x" * MESSAGE_LIMIT})
            await client.closed()
        async with Raw(house.url, {"token": token(Role.RECEPTIONIST)}, transport="polling") as client:
            await client.event("connected")
            with pytest.raises(Closed, match="A message may have 65536 bytes"):
                await client.emit("join_queue_room", {"clinic_id": 1, "token": "x" * MESSAGE_LIMIT})
