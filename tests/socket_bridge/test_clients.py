"""The clients that people use: python-socketio's, and socket.io-client as it is in the field and as it is
today."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import socketio  # type: ignore[import-untyped]  # it has no types

from contracts import NewCheckin, PatientUpdated, VisitCancelled, VisitStatusChanged, encode
from contracts.identity import Role
from tests import node
from tests.builders import example
from tests.parts import token
from tests.socket_bridge.stage import LIMIT, House, Stage

KINDS = pytest.mark.parametrize("kind", ["field", "newest"])
TRANSPORTS = pytest.mark.parametrize(
    "transports",
    [["websocket"], ["polling"], ["polling", "websocket"]],
    ids=["websocket", "polling", "upgrade"],
)


class Browser:
    """A socket.io-client in Node; `heard` is everything it told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.heard: list[dict[str, Any]] = []
        self._process = process
        self._read = 0

    async def emit(self, event: str, *given: object, ack: bool = False) -> None:
        """Emit an event, with an acknowledgement wanted or not."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"emit": event, "given": given, "ack": ack}).encode() + b"\n")

    async def until(self, **wanted: object) -> dict[str, Any]:
        """The next that it tells in which all of this is so."""
        assert self._process.stdout
        async with asyncio.timeout(LIMIT):
            while True:
                while self._read < len(self.heard):
                    told = self.heard[self._read]
                    self._read += 1
                    if wanted.items() <= {k: v for k, v in told.items() if isinstance(v, str)}.items() or (
                        wanted.keys() == {"ack"} and "ack" in told
                    ):
                        return told
                self.heard.append(json.loads(await self._process.stdout.readline()))

    def rewind(self) -> None:
        """Look at everything once more."""
        self._read = 0

    def events(self) -> list[str]:
        """The names of the events so far."""
        return [told["event"] for told in self.heard if "event" in told]


@pytest.fixture(scope="session")
def clients() -> Path:
    """Where the clients are installed."""
    return node.installed(Path(__file__).parent.parent / "socket_clients").folder


@asynccontextmanager
async def browser(
    clients: Path, house: House, kind: str, options: Mapping[str, object]
) -> AsyncIterator[Browser]:
    """A client that connects to the house."""
    program = shutil.which("node", path=node.PATH)
    assert program
    process = await asyncio.create_subprocess_exec(
        program,
        clients / "client.js",
        kind,
        house.url,
        json.dumps(options),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    try:
        yield Browser(process)
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


@KINDS
@TRANSPORTS
async def test_socket_io_client_gets_its_rooms_events(
    clients: Path, stage: Stage, house: House, kind: str, transports: list[str]
) -> None:
    options = {"transports": transports, "auth": {"token": token(Role.RECEPTIONIST)}}
    async with browser(clients, house, kind, options) as client:
        await client.until(open=transports[0])
        if len(transports) == 2:
            await client.until(upgrade="websocket")
        client.rewind()
        await client.until(event="connected")
        await client.emit("join_queue_room", {"clinic_id": 1})
        await client.until(event="queue_updated")
        await client.emit("join_doctor_room", {"doctor_id": 2}, ack=True)
        assert (await client.until(ack=True))["ack"]["ok"] is True
        for number in range(50):
            await stage.publish(example(VisitCancelled, reason=str(number)))
        await stage.publish(example(VisitStatusChanged))
        await stage.publish(example(PatientUpdated))
        told = await client.until(event="patient_updated")
        assert told["given"] == [json.loads(encode(example(PatientUpdated)))]
        assert client.events().count("visit_status_changed") == 1
        reasons = [t["given"][0]["reason"] for t in client.heard if t.get("event") == "visit_cancelled"]
        assert reasons == [str(number) for number in range(50)]
        await client.emit("join_queue_room", {})
        assert (await client.until(event="error"))["given"] == [{"message": "clinic_id is required"}]


@KINDS
async def test_socket_io_client_hears_why_it_is_refused(clients: Path, house: House, kind: str) -> None:
    async with browser(clients, house, kind, {"auth": {"token": "nonsense"}}) as client:
        await client.until(connect_error="Invalid authentication")
    async with browser(clients, house, kind, {"query": {"token": "nonsense"}}) as client:
        await client.until(connect_error="Invalid authentication")
    async with browser(clients, house, kind, {}) as client:
        await client.until(connect_error="Authentication required")
    async with browser(clients, house, kind, {"query": {"token": token(Role.DOCTOR)}}) as client:
        await client.until(event="connected")


@KINDS
async def test_socket_io_client_gets_the_stamp_when_it_asks(
    clients: Path, stage: Stage, house: House, kind: str
) -> None:
    options = {"transports": ["websocket"], "auth": {"token": token(Role.DOCTOR), "cursor": True}}
    async with browser(clients, house, kind, options) as client:
        await client.until(event="connected")
        seq = await stage.publish(example(PatientUpdated), rev=None)
        told = await client.until(event="patient_updated")
        assert told["given"][1]["seq"] == seq


@TRANSPORTS
async def test_python_socketio_gets_its_rooms_events(
    stage: Stage, house: House, transports: list[str]
) -> None:
    client = socketio.AsyncClient()
    heard: asyncio.Queue[tuple[str, object]] = asyncio.Queue()
    for name in ("connected", "queue_updated", "new_checkin", "visit_cancelled", "patient_updated", "error"):

        async def hear(payload: object, name: str = name) -> None:
            await heard.put((name, payload))

        # One parameter: a second argument that nobody asked for would be an error here.
        client.on(name, hear)
    await client.connect(house.url, auth={"token": token(Role.RECEPTIONIST)}, transports=transports)
    try:
        async with asyncio.timeout(LIMIT):
            assert (await heard.get())[0] == "connected"
            answer = await client.call("join_queue_room", {"clinic_id": 1})
            assert answer["ok"] is True
            assert (await heard.get())[0] == "queue_updated"
            for number in range(50):
                await stage.publish(example(VisitCancelled, reason=str(number)))
            await stage.publish(example(NewCheckin))
            reasons = [(await heard.get())[1]["reason"] for _ in range(50)]  # type: ignore[index]  # JSON
            assert reasons == [str(number) for number in range(50)]
            assert await heard.get() == ("new_checkin", json.loads(encode(example(NewCheckin))))
    finally:
        await client.disconnect()


async def test_python_socketio_hears_why_it_is_refused(house: House) -> None:
    client = socketio.AsyncClient()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(house.url, auth={"token": "nonsense"}, retry=False)
