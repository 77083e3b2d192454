"""The embedded default's own broker: who it knows, how it ends, what it keeps."""

import asyncio
import base64
import json
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it ships no types
import pytest
from nats.aio.client import Client

from chassis.broker import Connection
from chassis.settings import Settings
from contracts.permissions import Permissions
from contracts.stream import STREAM
from launcher import broker, keys
from launcher.broker import Broker, BrokerFailed
from launcher.broker_config import Limits, Place, configuration
from launcher.keys import User
from launcher.provision import NotProvisioned, StreamSize, provision

LIMIT = 20


@asynccontextmanager
async def connected(
    running: Broker, user: str, came_back: asyncio.Event | None = None
) -> AsyncIterator[Client]:
    async def back() -> None:
        if came_back:
            came_back.set()

    async def ignore(_: Exception) -> None:
        """The tests look at what comes of it."""

    client = Connection()
    await client.connect(
        running.url,
        nkeys_seed_str=running.seeds[user],
        inbox_prefix=f"_INBOX_{user}".encode(),
        reconnect_time_wait=0.05,  # type: ignore[arg-type]  # it only sleeps for it
        max_reconnect_attempts=-1,
        error_cb=ignore,
        reconnected_cb=back,
    )
    try:
        yield client
    finally:
        await client.close()


async def answer(running: Broker, seed: str | None) -> str:
    """What the server says to a ping of whoever signs its challenge with this seed, or not at all."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    try:
        async with asyncio.timeout(LIMIT):
            challenge = json.loads((await reader.readline()).removeprefix(b"INFO "))["nonce"]
            told: dict[str, str | bool] = {"verbose": False, "pedantic": False}
            if seed:
                signature = nkeys.from_seed(seed.encode()).sign(challenge.encode())
                told |= {"nkey": keys.public_key(seed), "sig": base64.b64encode(signature).decode()}
            writer.write(f"CONNECT {json.dumps(told)}\r\nPING\r\n".encode())
            return (await reader.readline()).decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()


async def stream_info(client: Client) -> dict[str, dict[str, object]]:
    reply = await client.request(f"$JS.API.STREAM.INFO.{STREAM}", timeout=LIMIT)
    info: dict[str, dict[str, object]] = json.loads(reply.data)
    return info


def provisioning(running: Broker) -> Settings:
    return Settings.model_validate({"nats_url": running.url, "nats_nkey": running.seeds["provisioner"]})


async def test_every_process_gets_in_by_its_own_key_and_nobody_else(tmp_path: Path) -> None:
    async with broker.running(tmp_path) as running:
        for user in keys.ROLES:
            async with connected(running, user) as client:
                assert client.is_connected
        assert await answer(running, seed=running.seeds["queue"]) == "PONG"
        assert await answer(running, seed=None) == "-ERR 'Authorization Violation'"
        assert await answer(running, seed=keys.new_seed()) == "-ERR 'Authorization Violation'"


async def test_keys_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    async with broker.running(tmp_path) as running:
        first = dict(running.seeds)
    async with broker.running(tmp_path) as running:
        assert running.seeds == first
    for path in (tmp_path / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() not in (tmp_path / "nats.conf").read_text()


async def test_the_stream_is_there_after_a_restart(tmp_path: Path) -> None:
    created = []
    for _ in range(2):
        async with broker.running(tmp_path) as running:
            await provision(provisioning(running), {}, StreamSize())
            async with connected(running, "queue") as client:
                created.append((await stream_info(client))["created"])
    assert created[0] == created[1]


async def test_a_broker_that_was_killed_is_started_again_at_the_same_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launcher.broker.RESTART_PAUSE", 0)
    again, came_back = asyncio.Event(), asyncio.Event()
    failures = [NotProvisioned("not yet"), NotProvisioned("nor now")]

    async def note() -> None:
        if failures:
            raise failures.pop()
        again.set()

    async with broker.running(tmp_path) as running, connected(running, "queue", came_back):
        url, before = running.url, running.pid
        watching = asyncio.create_task(running.keep_alive(note))
        os.kill(before, signal.SIGKILL)
        async with asyncio.timeout(LIMIT):
            await again.wait()
            assert running.url == url
            assert running.pid != before
            await came_back.wait()
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="there the next start ends the orphan")
def test_a_broker_ends_with_its_launcher(tmp_path: Path) -> None:
    launcher = subprocess.run(
        [
            sys.executable,
            "-c",
            "import asyncio, os, pathlib, sys\n"
            "from launcher import broker\n"
            "async def main():\n"
            "    async with broker.running(pathlib.Path(sys.argv[1]), lock=int(sys.argv[2])):\n"
            "        os._exit(9)\n"
            "asyncio.run(main())",
            tmp_path,
            str((pipe := os.pipe())[1]),
        ],
        pass_fds=pipe[1:],
        check=False,
    )
    os.close(pipe[1])
    assert launcher.returncode == 9
    # The broker had the other end, which is gone with it.
    ended, _, _ = select.select([pipe[0]], [], [], LIMIT)
    assert ended
    assert os.read(pipe[0], 1) == b""
    os.close(pipe[0])


async def test_a_broker_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("this is no folder")
    with pytest.raises(BrokerFailed, match="storage directory is not a directory"):
        async with broker.running(tmp_path):
            pass


async def test_a_broker_takes_no_more_room_than_it_is_given(tmp_path: Path) -> None:
    limits = Limits(file_store=64 * 2**20)
    async with broker.running(tmp_path, limits=limits) as running:
        with pytest.raises(NotProvisioned, match="storage"):
            await provision(provisioning(running), {}, StreamSize(max_bytes=128 * 2**20))
        await provision(provisioning(running), {}, StreamSize(max_bytes=32 * 2**20))


def test_a_user_of_no_permissions_may_do_nothing() -> None:
    nobody = User(name="nobody", public_key="U", permissions=Permissions(publish=(), subscribe=()))
    told = json.loads(configuration([nobody], Place(listen=":0", store=Path("/")), Limits()))
    denied = {"publish": {"deny": [">"]}, "subscribe": {"deny": [">"]}}
    assert told["authorization"]["users"] == [{"nkey": "U", "permissions": denied}]


def test_an_acknowledged_event_is_on_the_disk() -> None:
    told = json.loads(configuration([], Place(listen=":0", store=Path("/")), Limits()))
    assert told["jetstream"]["sync_interval"] == "always"
