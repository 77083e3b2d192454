"""What a deployment needs before its first start: its secrets, and a broker that knows them."""

import secrets
from pathlib import Path

from launcher import keys
from launcher.broker_config import Limits, Place, Tls, configuration
from launcher.refusal import CannotGoOn

CONTAINER = Place(listen="0.0.0.0:4222", store=Path("/data"), monitor="0.0.0.0:8222")
"""Where the broker listens and writes inside its own container; the monitor is for its health check."""

CONTAINER_TLS = Tls(certificate=Path("/etc/nats/tls/nats.crt"), key=Path("/etc/nats/tls/nats.key"))
"""Where deploy/tls.yaml puts the broker's certificate and key."""


def prepare(folder: Path) -> tuple[Path, Path]:
    """Write `.env` and `deploy/nats.conf` in the folder of compose.yaml; answers with the two paths.

    What `.env` says already stays; every secret that is still empty is made. Where there is a
    `deploy/tls/nats.crt` the broker encrypts. Raises CannotGoOn where there is no `.env.example`.
    """
    example, env, config = folder / ".env.example", folder / ".env", folder / "deploy" / "nats.conf"
    if not example.exists():
        raise CannotGoOn(f"there is no .env.example in {folder.resolve()}; name the folder of compose.yaml")
    known = _variables(env.read_text()) if env.exists() else {}
    lines = [_filled(line, known) for line in example.read_text().splitlines()]
    lines += [f"{name}={value}" for name, value in known.items()]
    env.touch(mode=0o600)
    env.write_text("\n".join(lines) + "\n")
    told = _variables(env.read_text())
    seeds = {name: told[f"{name.upper()}_NKEY"] for name in keys.ROLES}
    config.parent.mkdir(exist_ok=True)
    tls = CONTAINER_TLS if (config.parent / "tls" / "nats.crt").exists() else None
    config.write_text(configuration(keys.users(seeds), CONTAINER, Limits(), tls))
    return env, config


def _filled(line: str, known: dict[str, str]) -> str:
    name, assigned, value = line.partition("=")
    if line.startswith("#") or not assigned:
        return line
    return f"{name}={known.pop(name, '') or value or _made(name)}"


def _made(name: str) -> str:
    if name.endswith("_NKEY"):
        return keys.new_seed()
    if name.endswith("_PASSWORD"):
        # It stands in a URL: letters and digits only.
        return secrets.token_hex(24)
    return secrets.token_urlsafe(48) if name == "JWT_SECRET" else ""


def _variables(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#") and "=" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
