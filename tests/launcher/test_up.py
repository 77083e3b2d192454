"""How `clinicwire up` begins and ends."""

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

from launcher import lock
from tests.launcher.processes import appeared, client, ready, run, started


async def test_it_stops_cleanly_on_either_signal_and_goes_on_with_the_same_data(tmp_path: Path) -> None:
    command = ("up", "--port", "0", "--data", tmp_path)
    async with started(*command, "--no-demo") as running:
        async with await client(running, "admin") as http:
            assert (await http.get("/clinics")).json() == {"clinics": []}
            made = await http.post("/patients", json={"name": "Wanda Waitwell", "phone": "+0005551234"})
            assert made.status_code == 201, made.text
            token = http.headers["Authorization"]
        assert await running.stop(signal.SIGINT) == 0
        assert "Traceback" not in running.err
    with lock.held(tmp_path):
        pass  # nothing of it is left, the broker included
    async with started(*command) as running:
        async with await client(running, "reception") as http:
            found = await http.get("/patients", headers={"Authorization": token})
            assert found.json()["patients"][0]["name"] == "Wanda Waitwell"
        assert await running.stop(signal.SIGTERM) == 0
        assert "Traceback" not in running.err


async def test_a_start_after_a_kill_copes(tmp_path: Path) -> None:
    command = ("up", "--port", "0", "--data", tmp_path)
    async with started(*command) as running:
        await ready(running)
        os.kill(running.pid, signal.SIGKILL)
        async with started(*command) as again, await client(again, "admin") as http:
            assert (await http.get("/patients")).json()["total"] == 40


async def test_a_stop_in_the_middle_of_starting_is_clean(tmp_path: Path) -> None:
    async with started("up", "--port", "0", "--data", tmp_path) as running:
        await appeared(tmp_path / "broker" / "nats.conf")
        assert await running.stop(signal.SIGTERM) == 0
        assert "Traceback" not in running.err
    with lock.held(tmp_path):
        pass


async def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        refused = await run("up", "--port", str(port), "--data", tmp_path)
    assert refused.code == 1
    assert f"port {port} of 127.0.0.1 is in use" in refused.err
    assert "--port" in refused.err
    assert "Traceback" not in refused.err
