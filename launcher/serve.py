"""One process alone, as a deployment runs it: configured by its environment, on a port of its own."""

import socket
from collections.abc import Callable

from chassis import logs
from chassis.settings import Settings
from contracts.event import Process
from launcher import services, serving
from launcher.refusal import CannotGoOn

ANYWHERE = "0.0.0.0"  # noqa: S104  # a container's own network; the gateway is what the world reaches


async def serve(process: Process, say: Callable[[str], None]) -> None:
    """Run this process until cancelled; `say` gets where it listens.

    Raises CannotGoOn when its environment, its port or its database is not right.
    """
    if process is Process.BRIDGE:
        await _serve_bridge(say)
    else:
        settings = _settings_of_service()
        service = services.service(process, settings)
        with serving.bound(ANYWHERE, settings.port) as listener:
            try:
                async with service.running():
                    await serving.serve(service.app, listener, lambda: say(_told(process, listener)))
            except Exception as error:
                raise _explained(error) from error


async def migrate(process: Process) -> None:
    """Bring the database of this service to the newest shape."""
    service = services.service(process, _settings_of_service())
    try:
        await service.migrate()
    except Exception as error:
        raise _explained(error) from error


async def _serve_bridge(say: Callable[[str], None]) -> None:
    from socket_bridge.garbage import set_aside
    from socket_bridge.settings import Settings as BridgeSettings
    from socket_bridge.wire import server_options

    def listening() -> None:
        set_aside()
        say(_told(Process.BRIDGE, listener))

    settings = services.from_environment(BridgeSettings)
    logs.configure(settings.log_level)
    bridge = services.bridge(settings)
    with serving.bound(ANYWHERE, settings.port) as listener:
        async with bridge.running():
            options = server_options(settings.direct_wire)
            await serving.serve(bridge.app, listener, listening, **options)


def _told(process: Process, listener: socket.socket) -> str:
    return f"{process} on port {listener.getsockname()[1]}"


def _settings_of_service() -> Settings:
    settings = services.from_environment(Settings)
    logs.configure(settings.log_level)
    if not settings.database_url:
        raise CannotGoOn("DATABASE_URL is not set; name a database: sqlite:///path or postgresql://...")
    return settings


def _explained(error: Exception) -> Exception:
    from chassis.database import away

    if away(error):
        return CannotGoOn(f"the database does not answer; check DATABASE_URL and that it runs ({error})")
    return error
