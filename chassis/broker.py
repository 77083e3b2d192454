"""The connection to NATS, with the options that survived every fault that was tried on it."""

import asyncio
import re
import ssl
from collections.abc import Callable

import structlog
from nats.aio.client import Client, Srv
from nats.aio.msg import Msg
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError

from chassis.settings import Settings
from contracts.event import Process
from contracts.stream import inbox_prefix

log = structlog.get_logger()

CONNECT_LIMIT = 10.0
"""Seconds until a first connection is given up: endless attempts never say that a key is wrong."""

CLOSED_POLL = 0.5
"""Seconds between looks whether a connection is closed."""

_REFUSED = re.compile(r"permissions violation for publish to \"([^\"]+)\"", re.IGNORECASE)


class Connection(Client):
    """A client of nats-py that closes the socket of every attempt to connect again that came to nothing."""

    async def _connect_to_server(self, s: Srv) -> None:
        # nats-py only forgets it, when a server hangs up before it has said a word, as one that starts may.
        if self._transport:
            self._transport.close()  # type: ignore[no-untyped-call]
        await super()._connect_to_server(s)


async def connect(
    settings: Settings,
    process: Process,
    on_refused: Callable[[str], None] | None = None,
    on_reconnected: Callable[[], None] | None = None,
) -> Client:
    """Connect as this process's own user; `on_refused` hears the subject (lower case) of a refused publish.

    `on_reconnected` is called whenever a lost connection was made anew: what was asked on it is unanswered.

    Raises TimeoutError or a nats error when the broker does not let us in within `CONNECT_LIMIT` seconds.
    """

    async def on_error(error: Exception) -> None:
        # An exception that leaves a callback would stop reconnecting (nats.py #204).
        refused = _REFUSED.search(str(error))
        if refused and on_refused:
            on_refused(refused.group(1))
        log.warning("broker_error", process=process, error=str(error) or type(error).__name__)

    async def on_again() -> None:
        log.info("broker_reconnected", process=process)
        if on_reconnected:
            on_reconnected()

    async def on_closed() -> None:
        log.info("broker_closed", process=process)

    tls = tls_of(settings)
    connection = Connection()
    try:
        async with asyncio.timeout(CONNECT_LIMIT):
            await connection.connect(
                [server.strip() for server in settings.nats_url.split(",")],
                name=f"clinicwire-{process}",
                nkeys_seed_str=settings.nats_nkey.get_secret_value() if settings.nats_nkey else None,
                tls=tls,
                tls_handshake_first=tls is not None,
                inbox_prefix=inbox_prefix(process).encode(),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,  # type: ignore[arg-type]  # it only sleeps for it
                ping_interval=5,
                max_outstanding_pings=2,
                error_cb=on_error,
                reconnected_cb=on_again,
                closed_cb=on_closed,
            )
        stay_cancelled()
    except BaseException:
        # Given up half way, it would keep its socket, and try again for ever.
        await connection.close()
        raise
    return connection


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """What to encrypt the connection with; None where it is plain.

    Connect with `tls_handshake_first` besides: without it nats-py speaks plainly to whoever says that no TLS
    is needed.
    """
    if settings.nats_tls_ca is None:
        return None
    return ssl.create_default_context(cafile=str(settings.nats_tls_ca))


async def until_closed(connection: Client) -> None:
    """Return never; raises `ConnectionClosedError` when the connection is closed for good.

    An error of the protocol, told by the server, makes nats-py close it and connect no more, however often it
    may.
    """
    while not connection.is_closed:  # noqa: ASYNC110  # the callback for it belongs to who connected
        await asyncio.sleep(CLOSED_POLL)
    raise ConnectionClosedError


async def flushed(connection: Client) -> None:
    """Wait until the server knows what was published and subscribed so far; raises a nats error."""
    # nats-py's own flush writes its PING past what still waits to be written; a second one comes after it.
    await connection.flush()
    await connection.flush()


async def request(
    connection: Client, subject: str, payload: bytes, limit: float, headers: dict[str, str] | None = None
) -> Msg:
    """The reply to a request, waited for `limit` seconds at most; raises a nats error when there is none.

    nats-py turns a cancellation that reaches it while it waits into a time-out, and Python 3.11 drops one
    that comes together with the reply; here it stays one.
    """
    try:
        reply = await connection.request(subject, payload, timeout=limit, headers=headers)
    except NatsError:
        stay_cancelled()
        raise
    stay_cancelled()
    return reply


def stay_cancelled() -> None:
    """Raise CancelledError if this task was cancelled, whatever became of the cancellation since."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
