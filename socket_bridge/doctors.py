"""Where each doctor works: asked of appointment_service once, then kept up by the events that go by."""

from typing import NamedTuple

from nats.aio.client import Client

from chassis.errors import NotFound
from chassis.questions import ask
from contracts.catalogue import DoctorChanged
from contracts.questions import AskDoctor, KnownDoctor
from contracts.shapes import Doctor

KEPT = 10_000
"""How many doctors are remembered; the one asked about first is forgotten first."""


class _Known(NamedTuple):
    version: int
    clinic_id: int | None


class Doctors:
    """The clinic of each doctor that someone has asked about."""

    def __init__(self, connection: Client) -> None:
        self._connection = connection
        self._known: dict[int, _Known] = {}

    async def clinic_of(self, doctor_id: int) -> int | None:
        """Where this doctor works, None when there is no such doctor (any more).

        Raises `Unavailable` when that is not known here and appointment_service does not answer.
        """
        if doctor_id not in self._known:
            try:
                answer = await ask(self._connection, AskDoctor(doctor_id=doctor_id), KnownDoctor)
            except NotFound:
                return None
            self._learn(answer.doctor, answer.version)
        return self._known[doctor_id].clinic_id

    def changed(self, event: DoctorChanged, version: int) -> int | None:
        """Take in a change; where that doctor works now."""
        # Known or not: an older answer may be on its way to someone who asked.
        self._learn(event.doctor, version)
        return event.doctor.clinic_id if event.doctor.is_active else None

    def _learn(self, doctor: Doctor, version: int) -> None:
        known = self._known.get(doctor.id)
        if known is None or known.version < version:
            self._known[doctor.id] = _Known(version, doctor.clinic_id if doctor.is_active else None)
        if len(self._known) > KEPT:
            del self._known[next(iter(self._known))]
