"""TLS between the broker and everyone who connects, by configuration alone."""

import asyncio
import json
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nats
import pytest
import yaml

from chassis import broker as chassis_broker
from contracts.event import Process
from launcher import broker, keys
from launcher import provision as provisioning
from launcher.broker_config import Limits, Place, Tls, configuration
from launcher.deployment import CONTAINER_TLS, prepare
from tests.launcher.authority import Authority, authority
from tests.launcher.compose import ROOT, Services
from tests.launcher.processes import answers_ready, run, started
from tests.parts import SECRET, Broker

LIMIT = 10
ENCRYPTED = ROOT / "deploy" / "tls.yaml"


@asynccontextmanager
async def listening(folder: Path, tls: Tls | None) -> AsyncIterator[Broker]:
    """A nats-server with the system's users."""
    (folder / "ports").mkdir(parents=True)
    seeds = keys.seeds(folder / "keys")
    place = Place(listen="127.0.0.1:-1", store=folder / "store", ports=folder / "ports")
    config = folder / "nats.conf"
    config.write_text(configuration(keys.users(seeds), place, Limits(), tls))
    server = await asyncio.create_subprocess_exec(
        broker.executable(), "--config", config, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        yield Broker(await _address(folder / "ports"), seeds)
    finally:
        server.terminate()
        await server.wait()


async def _address(ports: Path) -> str:
    async with asyncio.timeout(LIMIT):
        while True:
            for note in ports.iterdir():  # noqa: ASYNC240  # nobody tells of a file
                try:
                    port = urlsplit(json.loads(note.read_text())["nats"][0]).port
                except json.JSONDecodeError:
                    continue  # it is being written
                return f"nats://127.0.0.1:{port}"
            await asyncio.sleep(0.005)


@pytest.fixture
def signed(tmp_path: Path) -> Authority:
    return authority(tmp_path / "authority")


@pytest.fixture
async def encrypted(tmp_path: Path, signed: Authority) -> AsyncIterator[Broker]:
    async with listening(tmp_path / "encrypted", signed.server) as one:
        yield one


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who gets no connection gives up soon."""
    monkeypatch.setattr(chassis_broker, "CONNECT_LIMIT", 1.0)
    monkeypatch.setattr(provisioning, "CONNECT_LIMIT", 1.0)


async def test_every_process_works_over_tls(tmp_path: Path, encrypted: Broker, signed: Authority) -> None:
    def told(user: str) -> dict[str, str]:
        return {
            "NATS_URL": encrypted.url,
            "NATS_NKEY": encrypted.seeds[user],
            "NATS_TLS_CA": str(signed.ca),
            "JWT_SECRET": SECRET,
            "DATABASE_URL": f"sqlite:///{tmp_path}/{user}.sqlite",
            "PORT": "0",
        }

    provisioned = await run("provision", env=told("provisioner"))
    assert provisioned.code == 0, provisioned.err
    async with AsyncExitStack() as stack:
        processes = {
            process: await stack.enter_async_context(started("serve", process, env=told(process)))
            for process in Process
        }
        for process, running in processes.items():
            # Ready means that the broker and the stream answer.
            await answers_ready(f"http://127.0.0.1:{await running.line(f'{process} on port ')}")
    observer = await nats.connect(
        encrypted.url,
        nkeys_seed_str=encrypted.seeds["observer"],
        inbox_prefix=b"_INBOX_observer",
        tls=ssl.create_default_context(cafile=str(signed.ca)),
        tls_handshake_first=True,
    )
    await observer.close()


@pytest.mark.usefixtures("impatient")
async def test_a_server_of_another_authority_is_refused_by_everyone(
    tmp_path: Path, encrypted: Broker
) -> None:
    other = authority(tmp_path / "other")
    await _nobody_connects(encrypted, other.ca)


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_does_not_encrypt_is_refused_by_who_was_told_to(
    tmp_path: Path, signed: Authority
) -> None:
    # Whoever stands in between would only have to say that no encryption is needed.
    async with listening(tmp_path / "plain", None) as plain:
        await _nobody_connects(plain, signed.ca)


@pytest.mark.usefixtures("impatient")
async def test_a_certificate_for_another_address_is_refused(tmp_path: Path) -> None:
    elsewhere = authority(tmp_path / "elsewhere", "192.0.2.1")
    async with listening(tmp_path / "moved", elsewhere.server) as moved:
        await _nobody_connects(moved, elsewhere.ca)


async def _nobody_connects(server: Broker, ca: Path) -> None:
    async def refuses(process: Process) -> None:
        with pytest.raises((TimeoutError, OSError, nats.errors.Error)):
            await chassis_broker.connect(server.settings(process, nats_tls_ca=ca), process)

    async def provisions_nothing() -> None:
        settings = server.settings("provisioner", nats_tls_ca=ca)
        with pytest.raises(provisioning.NotProvisioned):
            await provisioning.provision(settings, {}, provisioning.StreamSize())

    await asyncio.gather(provisions_nothing(), *(refuses(process) for process in Process))


async def test_a_word_in_plain_text_gets_no_answer(encrypted: Broker) -> None:
    where = urlsplit(encrypted.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(b'CONNECT {"verbose":true,"pedantic":false}\r\nPING\r\n')
    async with asyncio.timeout(LIMIT):
        told = await reader.read()
    writer.close()
    assert not told.startswith((b"INFO", b"PONG", b"+OK")), told


def test_a_deployment_with_a_certificate_encrypts(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".env.example", tmp_path)
    _, config = prepare(tmp_path)
    assert "tls" not in json.loads(config.read_text())
    (tmp_path / "deploy" / "tls").mkdir()
    (tmp_path / "deploy" / "tls" / "nats.crt").touch()
    _, config = prepare(tmp_path)
    assert json.loads(config.read_text())["tls"] == {
        "cert_file": str(CONTAINER_TLS.certificate),
        "key_file": str(CONTAINER_TLS.key),
        "handshake_first": True,
    }


def test_the_encrypted_deployment_tells_everyone_who_connects_which_authority(services: Services) -> None:
    more = yaml.safe_load(ENCRYPTED.read_text())["services"]
    told = {name for name, one in services.items() if "NATS_URL" in one.get("environment", {})}
    # A migration is told like its service, and opens its database only.
    connecting = {name for name in told if services[name]["command"][0] != "migrate"}
    assert connecting == set(more) - {"nats"}
    for name in connecting:
        inside = more[name]["environment"]["NATS_TLS_CA"]
        assert more[name]["volumes"] == [f"./deploy/tls/ca.crt:{inside}:ro"]
    assert {volume.split(":")[1] for volume in more["nats"]["volumes"]} == {
        str(CONTAINER_TLS.certificate),
        str(CONTAINER_TLS.key),
    }
