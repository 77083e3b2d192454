"""The reader against a broker that dies, forgets, or takes its consumer away."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import aiohttp
import pytest

from contracts import PatientUpdated, QueueUpdated, VisitCancelled
from contracts.identity import Role
from contracts.stream import STREAM
from socket_bridge import reader
from socket_bridge.status import Status
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import LIMIT, House, Stage, served, staged

AUTH = {"token": token(Role.RECEPTIONIST), "cursor": True}


async def cancelled(stage: Stage, numbers: range) -> None:
    """Publish a numbered event for each."""
    for number in numbers:
        await stage.publish(example(VisitCancelled, reason=str(number)))


async def reasons(client: Raw, last: int) -> list[str]:
    """The numbers that came, up to the last."""
    while (await client.event("visit_cancelled"))[0]["reason"] != str(last):
        pass
    return [given[0]["reason"] for name, given in client.events() if name == "visit_cancelled"]


async def kill(stage: Stage) -> None:
    """End the broker without a chance to say goodbye, and start it again on the same store."""
    os.kill(stage.broker.pid, signal.SIGKILL)
    await stage.broker.stop()
    await stage.broker.start()


async def test_nothing_is_lost_or_doubled_when_the_broker_is_killed(stage: Stage, house: House) -> None:
    async with Raw(house.url, AUTH) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        await cancelled(stage, range(20))
        await kill(stage)
        async with asyncio.timeout(LIMIT):
            await cancelled(stage, range(20, 40))
        assert await reasons(client, 39) == [str(number) for number in range(40)]
        await house.ready()


async def test_a_connection_that_the_broker_ends_for_good_is_made_anew(stage: Stage, house: House) -> None:
    async with Raw(house.url, AUTH) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        assert house.bridge._switchboard is not None
        transport = house.bridge._switchboard._connection._transport
        assert transport is not None
        # No protocol of NATS: the server says so, and nats-py never connects again.
        transport.write(b"NONSENSE\r\n")
        await client.closed()
    await house.ready()
    async with Raw(house.url, AUTH) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        await cancelled(stage, range(3))
        assert await reasons(client, 2) == ["0", "1", "2"]


async def test_a_part_that_fails_costs_the_clients_a_reconnect(
    stage: Stage, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Status) -> None:
        raise RuntimeError("this was not foreseen")

    async with Raw(house.url, AUTH) as client:
        [before] = await client.event("connected")
        with monkeypatch.context() as patch:
            patch.setattr(Status, "_tell", fail)
            await stage.broker.stop()
            await client.closed()
        await stage.broker.start()
    await house.ready()
    async with Raw(house.url, AUTH | {"since": before["seq"], "epoch": before["epoch"]}) as client:
        assert (await client.event("connected"))[0]["recovered"] is True


async def test_a_deleted_consumer_is_replaced_without_a_gap(stage: Stage, house: House) -> None:
    connection = await stage.provisioner()
    async with Raw(house.url, AUTH) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        stream = connection.jetstream()
        [consumer] = await stream.consumers_info(STREAM)
        await cancelled(stage, range(20))
        await stream.delete_consumer(STREAM, consumer.name)
        await cancelled(stage, range(20, 40))
        assert await reasons(client, 39) == [str(number) for number in range(40)]


async def test_a_broker_that_stands_still_is_read_on_when_it_goes_on(stage: Stage, house: House) -> None:
    async with Raw(house.url, AUTH) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        await cancelled(stage, range(20))
        os.kill(stage.broker.pid, signal.SIGSTOP)
        try:
            # No heartbeat comes: the reader gives its consumer up.
            assert (await client.event("bridge_status"))[0]["state"] == "catching_up"
        finally:
            os.kill(stage.broker.pid, signal.SIGCONT)
        await cancelled(stage, range(20, 40))
        assert await reasons(client, 39) == [str(number) for number in range(40)]
        await house.ready()


async def test_what_the_client_library_drops_under_pressure_is_read_again(
    stage: Stage, direct_wire: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # nats-py drops without a word what it has no room for; so little room is soon too little.
    monkeypatch.setattr(reader, "PENDING_MESSAGES", 50)
    await stage.answer()
    await cancelled(stage, range(300))
    async with served(stage.settings("bridge", direct_wire=direct_wire)) as house:
        async with Raw(house.url, AUTH) as client:
            [connected] = await client.event("connected")
            cursor = {"since": 0, "epoch": connected["epoch"]}
            assert (await client.call("join_queue_room", {"clinic_id": 1} | cursor))["recovered"] is True
            came = [given[0]["reason"] for name, given in client.events() if name == "visit_cancelled"]
            assert came == [str(number) for number in range(300)]
        assert house.metric("reader_restarts_total") > 0


async def test_holes_that_snapshots_leave_are_no_gap(stage: Stage, house: House) -> None:
    connection = await stage.provisioner()
    async with Raw(house.url, AUTH) as client:
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        stream = connection.jetstream()
        [consumer] = await stream.consumers_info(STREAM)
        await stream.delete_consumer(STREAM, consumer.name)
        for number in range(10):
            await stage.publish(example(QueueUpdated, total=number))
            await cancelled(stage, range(number, number + 1))
        assert await reasons(client, 9) == [str(number) for number in range(10)]
        totals = [given[0]["total"] for name, given in client.events() if name == "queue_updated"]
        # Those that were replaced before the reader was back are not missed; the last is never.
        assert totals[-1] == 9
        assert totals == sorted(set(totals))
        assert house.metric("reader_restarts_total") == 1


async def test_a_new_stream_sends_every_client_to_begin_anew(
    stage: Stage, house: House, tmp_path: Path
) -> None:
    async with Raw(house.url, AUTH) as client:
        [before] = await client.event("connected")
        await stage.publish(example(QueueUpdated, total=5))
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        await stage.broker.stop()
        shutil.rmtree(tmp_path / "broker" / "store")
        await stage.broker.start()
        await stage.provision()
        await client.closed()
    async with Raw(house.url, AUTH) as client:
        [after] = await client.event("connected")
        assert after["epoch"] != before["epoch"]
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["seq"] == 0
        assert (await client.event("queue_updated"))[0]["total"] == 0
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")


async def test_a_bridge_that_can_not_read_says_that_it_is_not_ready(stage: Stage, house: House) -> None:
    async with aiohttp.ClientSession() as session:

        async def answers(status: int) -> None:
            async with asyncio.timeout(LIMIT):
                while True:
                    async with session.get(f"{house.url}/health/ready") as answer:
                        if answer.status == status:
                            return

        await answers(200)
        await stage.broker.stop()
        await answers(503)
        await stage.broker.start()
        await answers(200)
        async with session.get(f"{house.url}/health/live") as answer:
            assert answer.status == 200
        async with session.get(f"{house.url}/metrics") as answer:
            assert "clinicwire_bridge_deliveries_total" in await answer.text()


async def test_who_joins_while_the_broker_is_away_gets_the_picture_when_it_is_back(
    stage: Stage, house: House
) -> None:
    await stage.publish(example(QueueUpdated, total=7))
    async with Raw(house.url, AUTH) as client:
        await client.event("connected")
        await stage.broker.stop()
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        await stage.broker.start()
        assert (await client.event("queue_updated"))[0]["total"] == 7


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_before_there_is_a_stream_clients_are_told_to_try_again(tmp_path: Path, transport: str) -> None:
    async with (
        staged(tmp_path, provisioned=False) as stage,
        served(stage.settings("bridge"), wait=False) as house,
        aiohttp.ClientSession() as session,
    ):
        url = f"{house.url}/socket.io/?EIO=4&transport={transport}"
        if transport == "polling":
            async with session.get(url) as answer:
                assert answer.status == 503
                assert answer.headers["Retry-After"] == "1"
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await session.ws_connect(url)
        await stage.provision()
        await house.ready()
        async with Raw(house.url, AUTH, transport=transport) as client:
            await client.event("connected")
