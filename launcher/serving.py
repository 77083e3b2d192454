"""HTTP and WebSocket by uvicorn, stopped by whoever started it."""

import asyncio
import contextlib
import errno
import signal
import socket
from collections.abc import Callable, Coroutine, Generator
from typing import Any

import uvicorn
import uvloop
from starlette.types import ASGIApp

from launcher.refusal import CannotGoOn

GRACE = 3
"""Seconds that requests in flight get when it stops; a long poll would take 25."""


OPTIONS: dict[str, Any] = {
    "http": "httptools",
    # The parts have `running()`.
    "lifespan": "off",
    # An address may hold a token.
    "access_log": False,
    "log_config": None,
    "server_header": False,
    "timeout_graceful_shutdown": GRACE,
}


class PortInUse(CannotGoOn):
    """Somebody listens there already."""


class _Server(uvicorn.Server):
    """uvicorn that leaves signals to us: its own handling ends the process before the rest can stop."""

    def __init__(self, config: uvicorn.Config, on_listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_listening = on_listening

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, and say so."""
        for listener in sockets or []:
            try:
                # Here, because uvloop says nothing when somebody who bound at the same moment listened first.
                listener.listen(self.config.backlog)
            except OSError as error:
                host, port, *_ = listener.getsockname()
                raise _told(error, host, port) from error
        await super().startup(sockets)
        self._on_listening()


def bound(host: str, port: int) -> socket.socket:
    """A socket bound to this address, so that a port in use is known before anything starts.

    Raises PortInUse; port 0 takes a free one.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise _told(error, host, port) from error
    return listener


def _told(error: OSError, host: str, port: int) -> CannotGoOn:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"port {port} of {host} is in use by another program; "
            f"stop it, or choose another port: --port {port + 1}"
        )
    return CannotGoOn(f"cannot listen on {host}:{port}: {error.strerror}")


async def serve(
    app: ASGIApp, listener: socket.socket, on_listening: Callable[[], None] = lambda: None, **options: Any
) -> None:
    """Serve this app on the socket until cancelled; what is in flight then gets `GRACE` seconds.

    `on_listening` is called when connections are taken; `options` are further ones of `uvicorn.Config`.
    """
    config = uvicorn.Config(app, **{**OPTIONS, **options})
    server = _Server(config, on_listening)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def until_stopped(work: Coroutine[None, None, None]) -> None:
    """Run `work`, and cancel it on Ctrl-C and SIGTERM: everything it opened closes in turn."""

    async def stoppable() -> None:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    uvloop.run(stoppable())
