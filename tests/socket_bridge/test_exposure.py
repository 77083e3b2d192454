"""Which origins may connect, what answers bear, and what the log keeps of who came and was refused."""

from collections.abc import Iterator

import aiohttp
import pytest
import structlog

from chassis.envelope import SECURITY_HEADERS
from contracts import TokenRevoked
from contracts.identity import Role
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, now, served

DESK, EVIL = "https://desk.example", "https://evil.example"
ADDRESS = "/socket.io/?EIO=4&transport="


@pytest.fixture
def logged() -> Iterator[list[dict[str, object]]]:
    """What the bridge logs in this test."""
    lines: list[dict[str, object]] = []

    def take(_: object, __: str, line: dict[str, object]) -> dict[str, object]:
        lines.append(dict(line))
        raise structlog.DropEvent

    # In place: a logger that was used already keeps this very list.
    processors = structlog.get_config()["processors"]
    before = list(processors)
    processors[:] = [take]
    yield lines
    processors[:] = before


async def polls(house: House, origin: str | None) -> aiohttp.ClientResponse:
    """What opening a poll from this origin is answered."""
    headers = {} if origin is None else {"Origin": origin}
    async with (
        aiohttp.ClientSession() as http,
        http.get(house.url + ADDRESS + "polling", headers=headers) as answer,
    ):
        await answer.read()
        return answer


async def opens(house: House, origin: str) -> bool:
    """Whether a WebSocket from this origin is taken."""
    async with aiohttp.ClientSession() as http:
        try:
            async with http.ws_connect(house.url + ADDRESS + "websocket", headers={"Origin": origin}) as ws:
                first = await ws.receive(timeout=5)
                return first.type is aiohttp.WSMsgType.TEXT
        except aiohttp.WSServerHandshakeError:
            return False


async def test_only_configured_origins_connect(stage: Stage) -> None:
    async with served(stage.settings("bridge", allowed_origins=DESK)) as house:
        allowed = await polls(house, DESK)
        assert allowed.status == 200
        assert allowed.headers["Access-Control-Allow-Origin"] == DESK
        assert await opens(house, DESK)
        for other in (EVIL, "http://desk.example", f"{DESK}.evil", "null"):
            refused = await polls(house, other)
            assert refused.status == 400, other
            assert "Access-Control-Allow-Origin" not in refused.headers
            assert not await opens(house, other)
        # Whoever is no browser says no origin.
        assert (await polls(house, None)).status == 200


async def test_without_configured_origins_only_the_bridges_own_connects(stage: Stage) -> None:
    async with served(stage.settings("bridge")) as house:
        assert await opens(house, house.url)
        assert (await polls(house, house.url)).status == 200
        assert (await polls(house, EVIL)).status == 400
        assert not await opens(house, EVIL)


async def test_every_answer_of_a_bridge_bears_the_security_headers(stage: Stage) -> None:
    async with served(stage.settings("bridge")) as house, aiohttp.ClientSession() as http:
        for method, path, status in (
            ("GET", "/health/live", 200),
            ("GET", "/health/ready", 200),
            ("GET", "/metrics", 200),
            ("POST", "/metrics", 405),
            ("GET", "/nothing", 404),
            ("GET", ADDRESS + "polling", 200),
            ("GET", ADDRESS + "polling&sid=unknown", 400),
            ("POST", ADDRESS + "polling&sid=unknown", 400),
        ):
            async with http.request(
                method, house.url + path, data=b"x" if method == "POST" else None
            ) as answer:
                assert answer.status == status, path
                for name, value in SECURITY_HEADERS.items():
                    assert answer.headers.getall(name) == [value], f"{path} {name}"


async def test_who_came_joined_and_was_refused_is_a_line_with_ids_alone(
    stage: Stage, logged: list[dict[str, object]]
) -> None:
    await stage.answer()
    mine = token(Role.RECEPTIONIST, sub="r-7", jti="t-1", name="Rita Reception")
    async with (
        served(stage.settings("bridge")) as house,
        Raw(house.url, {"token": mine}) as client,
        Raw(house.url, {"token": mine + "x"}) as stranger,
    ):
        await client.event("connected")
        await stranger.until(lambda packet: packet.startswith("44"))
        await client.call("join_queue_room", {"clinic_id": 1})
        await client.call("join_queue_room", {"clinic_id": 9})
        await client.call("join_queue_room", {"clinic_id": "Paula Placeholder"})
        renewed = token(Role.RECEPTIONIST, sub="r-7", jti="t-2", name="Rita Reception")
        await client.call("auth_refresh", {"token": renewed})
        await client.call("auth_refresh", {"token": token(Role.RECEPTIONIST, sub="another")})
        ends = now().replace(year=now().year + 1)
        gone = example(TokenRevoked, jti="t-2", revoked_at=now(), expires_at=ends)
        await stage.publish(gone, rev=None)
        await client.closed()
    kept = [{name: value for name, value in line.items() if name != "log_level"} for line in logged]
    assert [line for line in kept if line["event"] not in ("broker_closed", "reader_interrupted")] == [
        {"event": "connected", "sub": "r-7", "role": Role.RECEPTIONIST, "jti": "t-1"},
        {"event": "connect_refused", "why": "Invalid authentication"},
        {"event": "joined", "sub": "r-7", "room": "clinic_1"},
        {"event": "join_refused", "sub": "r-7", "room": "clinic_9", "why": "You may not join this room"},
        {
            "event": "join_refused",
            "sub": "r-7",
            "room": None,
            "why": "clinic_id must be a whole number, 1 or more",
        },
        {"event": "renewed", "sub": "r-7", "jti": "t-2", "left": ()},
        {
            "event": "renewal_refused",
            "sub": "r-7",
            "why": "This token is another person's: sign in on a connection of its own",
        },
        {"event": "revoked", "id": 9, "sub": None, "jti": "t-2"},
        {"event": "session_ended", "why": "revoked", "sub": "r-7", "role": Role.RECEPTIONIST},
    ]
    for secret in (mine, renewed, "Rita", "Paula"):
        assert secret not in str(logged)
