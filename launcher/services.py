"""The processes of the system by name, each imported only when it is built."""

from collections.abc import Collection
from contextlib import AbstractAsyncContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from prometheus_client import CollectorRegistry
from pydantic import ValidationError
from starlette.types import ASGIApp

from chassis.settings import Settings
from contracts.event import Event, Process
from contracts.permissions import SERVICES
from launcher.refusal import CannotGoOn

if TYPE_CHECKING:
    # It takes a second: a wrong environment is said before.
    from chassis.service import Service

SettingsT = TypeVar("SettingsT", bound=Settings)


class Part(Protocol):
    """What the launcher needs of a service or a bridge."""

    app: ASGIApp
    metrics: CollectorRegistry

    async def problems(self) -> tuple[str, ...]:
        """What keeps it from being ready; empty when nothing does."""

    def running(self) -> AbstractAsyncContextManager[None]:
        """Everything but HTTP, while the block lasts."""


def service(process: Process, settings: Settings) -> "Service":
    """The service of this process, wired; nothing of it runs yet. Raises CannotGoOn for wrong settings."""
    try:
        built: Service = import_module(f"{process}_service.main").build(settings)
    except ValueError as wrong:
        raise CannotGoOn(str(wrong)) from wrong
    return built


def bridge(settings: Settings) -> Part:
    """A bridge, wired; nothing of it runs yet. Raises CannotGoOn for wrong settings."""
    try:
        built: Part = import_module("socket_bridge.main").build(settings)
    except ValueError as wrong:
        raise CannotGoOn(str(wrong)) from wrong
    return built


def heard() -> dict[Process, Collection[type[Event]]]:
    """Which events each service consumes: what its durable consumer is to deliver."""
    return {process: tuple(import_module(f"{process}_service.consumers").HANDLERS) for process in SERVICES}


def from_environment(kind: type[SettingsT], **given: Any) -> SettingsT:
    """This process's settings, `given` before the environment; raises CannotGoOn naming what is wrong."""
    try:
        return kind(**given)
    except ValidationError as invalid:
        wrong = "; ".join(f"{str(e['loc'][0]).upper()}: {e['msg']}" for e in invalid.errors())
        raise CannotGoOn(f"the environment is not right: {wrong}") from invalid
