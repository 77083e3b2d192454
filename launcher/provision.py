"""The streams and the services' durable consumers, made or brought up to date by the one user that may."""

import asyncio
from collections.abc import Collection, Mapping

import nats
import orjson
from nats.aio.client import Client

from chassis.broker import tls_of
from chassis.settings import Settings
from contracts.event import Event, Process, Shape
from contracts.stream import (
    DUPLICATE_WINDOW_SECONDS,
    RETENTION_SECONDS,
    REVOKED,
    REVOKED_SECONDS,
    STREAM,
    SUBJECTS,
)
from contracts.tokens import TokenRevoked
from launcher.refusal import CannotGoOn

CONNECT_LIMIT = 10.0
"""Seconds until a broker that lets nobody in is given up."""

ANSWER_LIMIT = 5.0
"""Seconds until the broker has not answered; to whoever may not ask it answers nothing."""

MAX_ACK_PENDING = 1000
ACK_WAIT_SECONDS = 5

REVOKED_BYTES = 16 * 2**20
"""What revocations may take, a few hundred bytes each."""

_NANO = 10**9
_STREAM_NOT_FOUND = 10059

Heard = Mapping[Process, Collection[type[Event]]]
"""Which events each process consumes."""


class NotProvisioned(CannotGoOn):
    """The broker could not be reached, or refused the stream or a consumer."""


class StreamSize(Shape):
    """How large the stream may grow, in bytes, and on how many servers it is kept (production: three)."""

    max_bytes: int = 2 * 2**30
    replicas: int = 1


async def provision(settings: Settings, heard: Heard, size: StreamSize) -> None:
    """Make the stream, and a durable consumer for each process that hears something; again changes nothing.

    `settings` holds the provisioning user's seed. Raises NotProvisioned, with what the broker said.
    """
    connection = await _connect(settings)
    try:
        await _make_stream(connection, _events(size))
        await _make_stream(connection, _revocations(size))
        for process, events in heard.items():
            if events:
                await _make_consumer(connection, process, events)
    finally:
        await connection.close()


async def _connect(settings: Settings) -> Client:
    async def ignore(_: Exception) -> None:
        """What matters of it is raised below."""

    tls = tls_of(settings)
    try:
        async with asyncio.timeout(CONNECT_LIMIT):
            return await nats.connect(
                [server.strip() for server in settings.nats_url.split(",")],
                name="clinicwire-provisioner",
                nkeys_seed_str=settings.nats_nkey.get_secret_value() if settings.nats_nkey else None,
                tls=tls,
                tls_handshake_first=tls is not None,
                inbox_prefix=b"_INBOX_provisioner",
                reconnect_time_wait=0.2,
                max_reconnect_attempts=-1,
                error_cb=ignore,
            )
    except (TimeoutError, OSError, nats.errors.Error) as error:
        raise NotProvisioned(
            f"no connection to NATS at {settings.nats_url} as the provisioning user ({error or 'time-out'}); "
            "check NATS_URL, NATS_NKEY and that the server runs"
        ) from error


def _events(size: StreamSize) -> dict[str, object]:
    return {
        "name": STREAM,
        "subjects": list(SUBJECTS),
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_age": RETENTION_SECONDS * _NANO,
        "max_bytes": size.max_bytes,
        "max_consumers": -1,
        "max_msgs": -1,
        "num_replicas": size.replicas,
        "duplicate_window": DUPLICATE_WINDOW_SECONDS * _NANO,
        "allow_direct": True,
        "allow_rollup_hdrs": True,
        # Not in nats-py's own configuration class, hence the API itself (server 2.12).
        "allow_atomic": True,
    }


def _revocations(size: StreamSize) -> dict[str, object]:
    """The server itself copies them out of the stream of events: nobody has to be at work for it."""
    return {
        "name": REVOKED,
        "sources": [{"name": STREAM, "filter_subject": TokenRevoked.pattern()}],
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_age": REVOKED_SECONDS * _NANO,
        "max_bytes": REVOKED_BYTES,
        "max_consumers": -1,
        "max_msgs": -1,
        "num_replicas": size.replicas,
        "allow_direct": True,
    }


async def _make_stream(connection: Client, wanted: Mapping[str, object]) -> None:
    name = str(wanted["name"])
    verb = "CREATE" if await _missing(connection, name) else "UPDATE"
    await _ask(connection, f"$JS.API.STREAM.{verb}.{name}", wanted)


async def _missing(connection: Client, name: str) -> bool:
    answer = await _answer(connection, f"$JS.API.STREAM.INFO.{name}", {})
    return answer.get("error", {}).get("err_code") == _STREAM_NOT_FOUND


async def _make_consumer(connection: Client, process: Process, events: Collection[type[Event]]) -> None:
    wanted = {
        "stream_name": STREAM,
        "config": {
            "name": process.value,
            "durable_name": process.value,
            "filter_subjects": sorted({event.pattern() for event in events}),
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": ACK_WAIT_SECONDS * _NANO,
            "max_ack_pending": MAX_ACK_PENDING,
            "max_deliver": -1,
        },
    }
    await _ask(connection, f"$JS.API.CONSUMER.CREATE.{STREAM}.{process}", wanted)


async def _ask(connection: Client, subject: str, wanted: Mapping[str, object]) -> None:
    error = (await _answer(connection, subject, wanted)).get("error")
    if error:
        raise NotProvisioned(f"NATS refused {subject}: {error.get('description', error)}")


async def _answer(
    connection: Client, subject: str, question: Mapping[str, object]
) -> dict[str, dict[str, object]]:
    try:
        reply = await connection.request(subject, orjson.dumps(question), timeout=ANSWER_LIMIT)
    except nats.errors.Error as error:
        raise NotProvisioned(
            f"no answer from NATS to {subject}; is JetStream on, and NATS_NKEY the provisioning user's?"
        ) from error
    answer: dict[str, dict[str, object]] = orjson.loads(reply.data)
    return answer
