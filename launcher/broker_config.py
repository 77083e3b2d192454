"""What a nats-server is told: who may do what, and how much room it may take."""

import json
from collections.abc import Iterable
from pathlib import Path

from contracts.event import Shape
from launcher.keys import User


class Limits(Shape):
    """How much a broker takes, in bytes; the server's own defaults take what the disk has."""

    file_store: int = 4 * 2**30
    memory_store: int = 64 * 2**20
    payload: int = 2**20
    """A day's largest snapshot is some 150 KB."""
    sync_interval: str = "always"
    """When what is acknowledged is on the disk: a server's default is two minutes (nats-server #7564)."""


class Place(Shape):
    """Where a broker listens and what it writes to; port -1 takes a free one and notes it in `ports`."""

    listen: str
    store: Path
    monitor: str | None = None
    ports: Path | None = None
    log: Path | None = None


class Tls(Shape):
    """Where the broker finds its certificate and its key; their CA is `NATS_TLS_CA` of the processes."""

    certificate: Path
    key: Path


def configuration(users: Iterable[User], place: Place, limits: Limits, tls: Tls | None = None) -> str:
    """A nats-server configuration (JSON, which its parser reads); what no user is allowed is refused.

    With `tls` nobody is heard who does not encrypt.
    """
    told: dict[str, object] = {
        "listen": place.listen,
        "server_name": "clinicwire",
        "max_payload": limits.payload,
        "jetstream": {
            "store_dir": str(place.store),
            "max_file_store": limits.file_store,
            "max_memory_store": limits.memory_store,
            "sync_interval": limits.sync_interval,
        },
        "authorization": {"users": [_user(user) for user in users]},
    }
    if tls:
        # Not a word before the handshake: what is asked for plainly can be answered by anybody.
        told["tls"] = {
            "cert_file": str(tls.certificate),
            "key_file": str(tls.key),
            "handshake_first": True,
        }
    if place.monitor:
        told["http"] = place.monitor
    if place.ports:
        told["ports_file_dir"] = str(place.ports)
    if place.log:
        told |= {"log_file": str(place.log), "logfile_size_limit": 8 * 2**20, "logfile_max_num": 3}
    return json.dumps(told, indent=2)


def _user(user: User) -> dict[str, object]:
    allowed = user.permissions
    return {
        "nkey": user.public_key,
        "permissions": {
            # An empty list of allowed subjects would allow all.
            "publish": {"allow": list(allowed.publish), "deny": list(allowed.publish_denied)}
            if allowed.publish
            else {"deny": [">"]},
            "subscribe": {"allow": list(allowed.subscribe)} if allowed.subscribe else {"deny": [">"]},
        },
    }
