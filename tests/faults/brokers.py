"""The broker as a deployment has it: one nats-server, or three that keep the stream together."""

import asyncio
import json
import shutil
import signal
from collections.abc import Iterable
from pathlib import Path

import nats
import orjson

from chassis.settings import Settings
from contracts.stream import STREAM
from launcher import broker_config, keys
from launcher.broker import executable
from launcher.provision import StreamSize, provision
from launcher.services import heard
from tests.faults.processes import Child, free_port
from tests.parts import SECRET

MAX_BYTES = 1 << 30


class Brokers:
    """The servers by number; each keeps its port and, unless it is wiped, its store."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        self._count = count
        self.seeds = keys.seeds(folder / "keys")
        self.ports = [free_port() for _ in range(count)]
        self._routes = [free_port() for _ in range(count)]
        self.nodes = [Child(f"nats-{number}", self._command(number), folder) for number in range(count)]

    @property
    def url(self) -> str:
        """What a process is told: all of them."""
        return ",".join(f"nats://127.0.0.1:{port}" for port in self.ports)

    async def start(self) -> None:
        """Start those that do not run, and make the stream and its consumers where they are not there."""
        for node in self.nodes:
            if not node.runs:
                await node.start()
        await self.provision()

    async def provision(self) -> None:
        """Make the stream; a cluster takes a moment to have a leader."""
        settings = Settings.model_validate(
            {"nats_url": self.url, "nats_nkey": self.seeds["provisioner"], "jwt_secret": SECRET}
        )
        size = StreamSize(max_bytes=MAX_BYTES, replicas=self._count)
        async with asyncio.timeout(60):
            while True:
                try:
                    await provision(settings, heard(), size)
                except Exception:
                    await asyncio.sleep(0.2)
                else:
                    return

    async def kill(self, numbers: Iterable[int]) -> None:
        """End these without a chance to say goodbye."""
        for number in numbers:
            await self.nodes[number].stop(signal.SIGKILL)

    async def wipe(self) -> None:
        """End all of them and lose what they kept: the next start is another epoch."""
        await self.kill(range(self._count))
        for number in range(self._count):
            shutil.rmtree(self._store(number), ignore_errors=True)

    async def leader(self) -> int:
        """The number of the server that leads the stream."""
        if self._count == 1:
            return 0
        connection = await nats.connect(
            self.url.split(","),
            nkeys_seed_str=self.seeds["provisioner"],
            inbox_prefix=b"_INBOX_provisioner",
        )
        try:
            answer = await connection.request(f"$JS.API.STREAM.INFO.{STREAM}", b"", timeout=5)
            leading = orjson.loads(answer.data)["cluster"]["leader"]
        finally:
            await connection.close()
        return int(leading.rpartition("-")[2])

    async def close(self) -> None:
        """End all of them."""
        await self.kill(range(self._count))

    def _store(self, number: int) -> Path:
        return self._folder / f"store-{number}"

    def _command(self, number: int) -> list[str]:
        place = broker_config.Place(listen=f"127.0.0.1:{self.ports[number]}", store=self._store(number))
        told = json.loads(broker_config.configuration(keys.users(self.seeds), place, broker_config.Limits()))
        if self._count > 1:
            told |= {
                "server_name": f"nats-{number}",
                "cluster": {
                    "name": "faults",
                    "listen": f"127.0.0.1:{self._routes[number]}",
                    "routes": [f"nats://127.0.0.1:{port}" for port in self._routes],
                },
            }
        config = self._folder / f"nats-{number}.conf"
        config.write_text(json.dumps(told))
        return [str(executable()), "--config", str(config)]
