"""What the fuzzer of frames found, each as it was sent; before, each ended in a traceback or a 500."""

import logging

import aiohttp
import pytest

from contracts.identity import Role
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House

STAFF = token(Role.RECEPTIONIST)


@pytest.mark.parametrize("packet", ["7", "8[]", "9probe", "x", "4", '42["a"', "[" * 3000, "4" + "[" * 3000])
async def test_a_packet_of_no_kind_ends_at_most_its_own_connection(
    house: House, packet: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Raw(house.url, {"token": STAFF}) as other, Raw(house.url, {"token": STAFF}) as one:
        await one.event("connected")
        await other.event("connected")
        await one.send(packet)
        await one.send("1")
        await one.closed()
        assert (await other.call("leave_board_room", {"clinic_id": 1}))["ok"] is True
    await house.counts("connections", 0)
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("body", ["1\x1e9", "1\x1e4", "9", "1\x1e1", "4\x1e1\x1e7"])
async def test_what_follows_the_end_in_one_payload_is_let_be(house: House, body: str) -> None:
    async with Raw(house.url, {"token": STAFF}, transport="polling") as one:
        await one.event("connected")
        async with aiohttp.ClientSession() as http, http.post(one.address, data=body.encode()) as answer:
            assert answer.status in (200, 400)
    await house.counts("connections", 0)


@pytest.mark.parametrize("probe", ["x", "9", "", "4[", "2other"])
async def test_an_upgrade_that_is_none_leaves_the_client_polling(
    house: House, probe: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Raw(house.url, {"token": STAFF}, transport="polling") as one:
        await one.event("connected")
        over = one.address.replace("transport=polling", "transport=websocket")
        async with aiohttp.ClientSession() as http:
            socket = await http.ws_connect(over)
            await socket.send_str(probe)
            assert (await socket.receive()).type in (
                aiohttp.WSMsgType.CLOSE,
                aiohttp.WSMsgType.CLOSED,
                aiohttp.WSMsgType.CLOSING,
            )
            await socket.close()
        assert (await one.call("leave_board_room", {"clinic_id": 1}))["ok"] is True
    assert [one for one in caplog.records if one.levelno >= logging.ERROR] == []
