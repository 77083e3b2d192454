"""Reading many messages by one question."""

import pytest
from nats.errors import Error as NatsError

from chassis import direct
from chassis.broker import connect
from contracts import VisitCancelled, encode
from contracts.event import Process
from contracts.stream import STREAM
from tests import builders
from tests.parts import Broker


async def test_all_of_a_subject_comes_in_batches_and_nothing_is_the_end(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct, "BATCH", 2)
    await broker.provision({})
    queue = await connect(broker.settings("queue"), Process.QUEUE)
    bridge = await connect(broker.settings("bridge"), Process.BRIDGE)
    event = builders.example(VisitCancelled)
    for _ in range(3):
        await queue.jetstream().publish(event.address(), encode(event))
    first, more = await direct.get(bridge, STREAM, VisitCancelled.pattern(), 1)
    assert ([int((one.headers or {})[direct.SEQUENCE]) for one in first], more) == ([1, 2], True)
    rest, more = await direct.get(bridge, STREAM, VisitCancelled.pattern(), 3)
    assert ([one.data for one in rest], more) == ([encode(event)], False)
    assert await direct.get(bridge, STREAM, VisitCancelled.pattern(), 4) == ([], False)
    for connection in (queue, bridge):
        await connection.close()


async def test_a_stream_that_is_not_there_is_no_empty_one(broker: Broker) -> None:
    bridge = await connect(broker.settings("bridge"), Process.BRIDGE)
    with pytest.raises(NatsError, match="503"):
        await direct.get(bridge, STREAM, VisitCancelled.pattern(), 1)
    await bridge.close()
