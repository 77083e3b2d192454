"""Who connects to the broker: a user for each process, one that provisions, one that only listens."""

import secrets
from collections.abc import Mapping
from pathlib import Path

import nkeys  # type: ignore[import-untyped]  # it ships no types

from contracts.event import Shape
from contracts.permissions import OBSERVER, PERMISSIONS, PROVISIONER, Permissions
from launcher.secret import kept

ROLES: dict[str, Permissions] = {
    **{process.value: permissions for process, permissions in PERMISSIONS.items()},
    "provisioner": PROVISIONER,
    "observer": OBSERVER,
}
"""Every NATS user by name, and what it may do."""


class User(Shape):
    """A user as the broker knows it: the public half of its key, and its permissions."""

    name: str
    public_key: str
    permissions: Permissions


def new_seed() -> str:
    """The secret half of a new user's key ("SU...")."""
    return bytes(nkeys.encode_seed(secrets.token_bytes(32), nkeys.PREFIX_BYTE_USER)).decode()


def public_key(seed: str) -> str:
    """The half that the broker is told ("U..."); raises `nkeys.NkeysError` when the seed is none."""
    return bytes(nkeys.from_seed(seed.encode()).public_key).decode()


def seeds(folder: Path) -> dict[str, str]:
    """Each user's seed by name, from `<name>.nk` in the folder; made where it is not there yet."""
    return {name: kept(folder / f"{name}.nk", new_seed) for name in ROLES}


def users(seeds: Mapping[str, str]) -> tuple[User, ...]:
    """The broker's users for these seeds."""
    return tuple(
        User(name=name, public_key=public_key(seeds[name]), permissions=permissions)
        for name, permissions in ROLES.items()
    )
