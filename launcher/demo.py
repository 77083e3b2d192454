"""The demo's clinics, doctors, services and patients: each service plants its own, once."""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from contracts.event import Process

if TYPE_CHECKING:
    from chassis.service import Service

PLANTED = (Process.APPOINTMENT, Process.PATIENT)
"""Whose tables the demo begins with; the others hear of it."""


async def seed(services: "Mapping[Process, Service]") -> None:
    """Plant what is not there yet; a second time changes nothing."""
    for process in PLANTED:
        await import_module(f"{process}_service.seed").seed(services[process])
