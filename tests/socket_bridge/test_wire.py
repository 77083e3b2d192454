"""How packets travel: clients that don't read or answer, frames nobody may compress, odd frames."""

import asyncio
import contextlib
import json

import aiohttp
import pytest

from contracts import PatientUpdated, VisitCancelled
from contracts.identity import Role
from socket_bridge.packets import Packet, text_frame
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.raw import Closed, Raw
from tests.socket_bridge.stage import LIMIT, House, Stage, served

AUTH = {"token": token(Role.RECEPTIONIST)}


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_client_that_does_not_read_is_cut_off_and_the_others_go_on(
    stage: Stage, house: House, transport: str
) -> None:
    async with Raw(house.url, AUTH, transport=transport) as slow, Raw(house.url, AUTH) as quick:
        for client in (slow, quick):
            assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
        # More than the kernel takes for a connection on its own.
        event = example(VisitCancelled, reason="x" * 250_000)
        for _ in range(100):
            await stage.publish(event)
            await quick.event("visit_cancelled")
            quick.forget()
        await house.counts("slow_clients_cut_total", 1)
        assert 0 < house.metric("slow_client_bytes") <= 2**20
        await house.counts("connections", 1)
        await slow.closed()
        await stage.publish(example(PatientUpdated))
        await quick.event("patient_updated")


async def test_what_waits_for_a_slow_client_stays_below_the_limit(stage: Stage, direct_wire: bool) -> None:
    settings = stage.settings("bridge", direct_wire=direct_wire, pending_limit=100_000)
    async with served(settings) as house, Raw(house.url, AUTH, transport="polling") as slow:
        await slow.event("connected")
        for _ in range(3):
            await stage.publish(example(PatientUpdated))
        await slow.event("patient_updated")
        assert (await slow.call("join_queue_room", {"clinic_id": 1}))["ok"]
        for _ in range(4):
            await stage.publish(example(VisitCancelled, reason="x" * 20_000))
        await slow.event("visit_cancelled")
        assert house.metric("slow_clients_cut_total") == 0
        for _ in range(6):
            await stage.publish(example(VisitCancelled, reason="x" * 20_000))
        await house.counts("slow_clients_cut_total", 1)


async def test_compression_is_not_agreed_on(house: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket", compress=15) as socket,
    ):
        assert socket.compress == 0


async def test_a_client_that_answers_no_ping_is_dropped(stage: Stage, direct_wire: bool) -> None:
    settings = stage.settings("bridge", direct_wire=direct_wire, ping_interval=0.1, ping_timeout=0.2)
    async with (
        served(settings) as house,
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        await socket.receive()
        await socket.send_str("40" + json.dumps(AUTH))
        await house.counts("connections", 1)
        async with asyncio.timeout(LIMIT):
            while (await socket.receive()).type is aiohttp.WSMsgType.TEXT:
                pass
        await house.counts("connections", 0)


@pytest.mark.parametrize("transport", ["websocket", "polling"])
async def test_a_client_that_answers_pings_stays(stage: Stage, direct_wire: bool, transport: str) -> None:
    settings = stage.settings("bridge", direct_wire=direct_wire, ping_interval=0.05, ping_timeout=5)
    async with served(settings) as house, Raw(house.url, AUTH, transport=transport) as client:
        await client.event("connected")
        for _ in range(5):
            await client.pinged()
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")


async def test_frames_that_are_not_engine_io_end_at_most_the_connection(house: House) -> None:
    async with Raw(house.url, AUTH) as other:
        for packet in ("", "2", "x", "7", "4", "6x", "0{}", "b4AA", "b!", "9" * 10):
            async with Raw(house.url, AUTH) as odd:
                await odd.event("connected")
                await odd.send(packet)
                with contextlib.suppress(Closed, ConnectionError):
                    assert (await odd.call("join_queue_room", {"clinic_id": 1}))["ok"] is True
            assert (await other.call("join_queue_room", {"clinic_id": 1}))["ok"] is True


HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Y2xpbmljd2lyZSBiZW5jaA==\r\n\r\n"
)


async def test_a_client_that_goes_before_its_websocket_is_open_leaves_nothing(house: House) -> None:
    async with Raw(house.url, AUTH) as other:
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", house.port)
            writer.write(HANDSHAKE)
            writer.transport.abort()
        await other.event("connected")
        assert (await other.call("join_queue_room", {"clinic_id": 1}))["ok"] is True
    await house.counts("connections", 0)


@pytest.mark.parametrize(
    ("was", "instead"),
    [(b"Version: 13", b"Version: 8"), (b"Y2xpbmljd2lyZSBiZW5jaA==", b"short"), (b"Sec-WebSocket-Key", b"X")],
)
async def test_a_handshake_that_is_none_is_refused(house: House, was: bytes, instead: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
    writer.write(HANDSHAKE.replace(was, instead))
    async with asyncio.timeout(LIMIT):
        assert (await reader.readline()).split()[1] in (b"400", b"426")
        await reader.read()
    writer.close()


async def test_frames_before_the_answer_end_at_most_the_connection(house: House) -> None:
    async with Raw(house.url, AUTH) as other:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(HANDSHAKE)
        writer.write(b"\x81\x81\0\0\0\0" + b"2")
        async with asyncio.timeout(LIMIT):
            assert (await reader.readline()).startswith(b"HTTP/1.1 ")
        writer.close()
        assert (await other.call("join_queue_room", {"clinic_id": 1}))["ok"] is True


async def test_a_binary_frame_is_not_understood(house: House) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{house.url}/socket.io/?EIO=4&transport=websocket") as socket,
    ):
        await socket.send_str("40" + json.dumps(AUTH))
        await socket.send_bytes(b"\x00\x01")
        async with asyncio.timeout(LIMIT):
            while "not understood" not in str((await socket.receive()).data):
                pass


async def test_a_message_that_is_too_large_ends_the_connection(house: House) -> None:
    async with Raw(house.url, AUTH) as client:
        await client.event("connected")
        await client.send('42["join_queue_room",{"clinic_id":1,"token":"' + "x" * 70_000 + '"}]')
        await client.closed()
    await house.counts("connections", 0)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [({}, b"x" * 70_000, 413), ({"Transfer-Encoding": "chunked"}, b"4", 411)],
)
async def test_a_poll_with_a_body_of_no_known_or_too_large_a_size_is_refused(
    house: House, headers: dict[str, str], body: bytes, status: int
) -> None:
    async def stream() -> object:
        yield body

    async with Raw(house.url, AUTH, transport="polling") as client:
        await client.event("connected")
        async with (
            aiohttp.ClientSession() as session,
            session.post(client.address, data=stream() if headers else body) as answer,
        ):
            assert answer.status == status
            assert (await answer.json())["message"]


async def test_nothing_remains_of_clients_that_left(stage: Stage, house: House) -> None:
    for transport in ("websocket", "polling"):
        async with Raw(house.url, AUTH, transport=transport) as client:
            assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"]
            assert house.metric("connections") == 1
            assert house.metric("rooms") == 3
            await client.send("41")
            await house.counts("connections", 0)
            await house.counts("rooms", 0)


async def test_a_bridge_that_stops_closes_its_sockets(stage: Stage, direct_wire: bool) -> None:
    async with served(stage.settings("bridge", direct_wire=direct_wire)) as house:
        client = Raw(house.url, AUTH)
        await client.__aenter__()
        await client.event("connected")
    await client.closed()
    await client.__aexit__(None, None, None)


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_says_its_length_as_the_protocol_wants(size: int) -> None:
    frame = text_frame(b"x" * size)
    header = {0: 2, 125: 2, 126: 4, 65_535: 4, 65_536: 10}[size]
    assert len(frame) == header + size
    assert frame[0] == 0x81
    assert frame[1] & 0x80 == 0


def test_both_encodings_of_a_packet_say_the_same() -> None:
    packet = Packet.event("é", b'{"name":"\xc3\xa9"}')
    assert text_frame(packet.waiting.encode().encode()) == packet.frame
