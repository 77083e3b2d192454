"""The embedded default: the broker beside one process that holds everything above it, on one port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from chassis.settings import Settings
from contracts.event import Process
from contracts.permissions import SERVICES
from launcher import broker, demo, lock, services, serving
from launcher.broker import Broker
from launcher.gateway import Gateway
from launcher.links import address, links
from launcher.provision import StreamSize, provision
from launcher.refusal import CannotGoOn
from launcher.secret import jwt_secret
from launcher.services import Part, SettingsT

if TYPE_CHECKING:
    from chassis.service import Service

SETTLING = 10.0
"""Seconds that the parts get to find the broker and the stream before we listen all the same."""


@dataclass(frozen=True)
class Installation:
    """Where an embedded default keeps its data and listens, and whether it has the demo's people."""

    data: Path
    host: str
    port: int
    demo: bool


async def up(installation: Installation, say: Callable[[str], None]) -> None:
    """Run everything until cancelled; `say` gets what a person is to read.

    Raises CannotGoOn when another instance has the data folder, the port is taken, or the broker won't start.
    """
    data = _folder(installation.data)
    with lock.held(data) as descriptor, serving.bound(installation.host, installation.port) as listener:
        # Only now what is slow to import: a refusal above is said at once.
        from socket_bridge.garbage import set_aside
        from socket_bridge.settings import Settings as BridgeSettings
        from socket_bridge.wire import server_options

        base = address(installation.host, listener.getsockname()[1])
        async with _provisioned_broker(data, descriptor) as nats, contextlib.AsyncExitStack() as running:
            # The bridge first: its reader is there when the first event comes.
            bridge = _bridge(data, nats)
            domain = {process: _service(process, data, nats) for process in SERVICES}
            parts: dict[Process, Part] = {Process.BRIDGE: bridge, **domain}
            for part in parts.values():
                # One after another: Alembic's context is one for the whole process.
                await running.enter_async_context(part.running())
            if installation.demo:
                await demo.seed(domain)
            gateway = Gateway(parts)
            await _settled(gateway)
            say(f"Clinicwire on {base}, its data in {data}, NATS on {nats.url}")
            settings = Settings()
            secret = jwt_secret(data)
            for link in links(base, secret, datetime.now(UTC), settings.jwt_issuer, settings.jwt_audience):
                say(f"{link.name} {link.url}")

            def listening() -> None:
                set_aside()
                gateway.ready = True
                say("ready; Ctrl-C stops it")

            options = server_options(services.from_environment(BridgeSettings).direct_wire)
            await serving.serve(gateway, listener, listening, **options)


async def _settled(gateway: Gateway) -> None:
    # Connections and first reads are under way; what is still missing then, /health/ready tells.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SETTLING):
            while await gateway.missing():  # noqa: ASYNC110  # each part knows in its own way
                await asyncio.sleep(0.01)


def _folder(data: Path) -> Path:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotGoOn(
            f"cannot make the data folder {data}: {error.strerror}; name another: --data DIR"
        ) from error
    return data.resolve()


@contextlib.asynccontextmanager
async def _provisioned_broker(data: Path, descriptor: int) -> AsyncIterator[Broker]:
    async with broker.running(data / "broker", lock=descriptor) as nats:

        async def ready() -> None:
            lock.note_broker(data, nats.pid)
            settings = Settings(nats_url=nats.url, nats_nkey=SecretStr(nats.seeds["provisioner"]))
            await provision(settings, services.heard(), StreamSize())

        await ready()
        watching = asyncio.create_task(nats.keep_alive(ready))
        try:
            yield nats
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


def _bridge(data: Path, nats: Broker) -> Part:
    from socket_bridge.settings import Settings as BridgeSettings

    return services.bridge(_settings(BridgeSettings, Process.BRIDGE, data, nats))


def _service(process: Process, data: Path, nats: Broker) -> "Service":
    return services.service(process, _settings(Settings, process, data, nats))


def _settings(kind: type[SettingsT], process: Process, data: Path, nats: Broker) -> SettingsT:
    return services.from_environment(
        kind,
        database_url=f"sqlite:///{data / process.value}.sqlite",
        nats_url=nats.url,
        nats_nkey=SecretStr(nats.seeds[process]),
        nats_tls_ca=None,
        jwt_secret=SecretStr(jwt_secret(data)),
        # The links are signed with the secret.
        jwks_url=None,
    )
