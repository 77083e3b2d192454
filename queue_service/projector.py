"""The maker of the pictures: what a change marked is rendered a moment later, then at most every 50 ms.

A burst of changes makes a few pictures, the last one is never stale, and a change costs the same in the
evening as in the morning. A picture is a transaction of its own under the clinic's row, so it shows exactly
the revision that it carries; one that is behind after a crash is made again: the marks are in the database.
"""

import asyncio
import time
from collections.abc import Mapping
from datetime import date

import structlog
from sqlalchemy.exc import DBAPIError

from chassis import revision
from chassis.outbox import stage
from chassis.service import Service
from chassis.transaction import Transaction
from contracts.queue import (
    BoardUpdated,
    DoctorPhasesUpdated,
    DoctorQueueUpdated,
    PhasesUpdated,
    QueueUpdated,
)
from contracts.shapes import BoardTicket, VisitStatus
from queue_service.queries import catalogue, marks, pictures
from queue_service.queries.pictures import Wanted
from queue_service.rules import day_of

log = structlog.get_logger()

INTERVAL = 0.05
"""Seconds between two pictures of one clinic (design.md, http.md: within 50 ms)."""

HEAD_START = 0.005
"""Seconds that the change's own events have to leave first: rendering takes as long as their whole way."""

LOOK = 0.02
"""Seconds between looks for another marked clinic while one waits for its next picture."""

SAFETY_POLL = 1.0
"""Seconds between looks when no commit was heard; also how late a clinic's midnight may be noticed."""


class Projector:
    """Renders a service's marked clinics."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._not_before: dict[int, float] = {}
        self._days: dict[int, date] = {}

    async def run(self) -> None:
        """Render until cancelled."""
        with self._service.database.committed.listen() as commits:
            while True:
                try:
                    await self._mark_new_days()
                    wait = await self._render_due()
                except (DBAPIError, OSError) as error:
                    log.warning("projector_waits", reason=str(error)[:200])
                    wait = SAFETY_POLL
                # A clinic that may not be rendered yet must not hold back another one.
                if await commits.heard(wait):
                    early = 0.0 < wait < SAFETY_POLL
                    await asyncio.sleep(min(wait, LOOK) if early else HEAD_START)

    async def _render_due(self) -> float:
        """Render what may be rendered now; the seconds until the next may be."""
        async with self._service.database.looking() as session:
            behind = await marks.behind(session)
        wait = SAFETY_POLL
        for clinic_id in behind:
            early = self._not_before.get(clinic_id, 0.0) - time.monotonic()
            if early > 0:
                wait = min(wait, early)
                continue
            self._not_before[clinic_id] = time.monotonic() + INTERVAL
            async with self._service.database.transaction(self._service.now(), "projector") as change:
                await render(change, clinic_id)
            # It may have been marked again meanwhile, unheard.
            wait = 0.0
        return wait

    async def _mark_new_days(self) -> None:
        """At a clinic's midnight its queue is another one, though nothing has changed."""
        now = self._service.now()
        async with self._service.database.looking() as session:
            zones = await catalogue.time_zones(session)
        days = {clinic_id: day_of(now, zone) for clinic_id, zone in zones.items()}
        for clinic_id in [id for id, day in days.items() if self._days.get(id) != day]:
            async with self._service.database.transaction(now, "projector") as change:
                await mark_all(change, clinic_id)
        self._days = days


async def mark_all(change: Transaction, clinic_id: int) -> None:
    """Let every picture of a clinic be made again."""
    await revision.advance(change, clinic_id)
    doctors = await catalogue.doctors_of(change.session, clinic_id)
    await marks.mark(change, clinic_id, doctors, phases=True)


async def mark_everything(service: Service) -> None:
    """Let every picture be made again: the stream that held them is another one."""
    async with service.database.reading() as session:
        clinics = await catalogue.clinics(session)
    for clinic in clinics:
        async with service.database.transaction(service.now(), "projector") as change:
            await mark_all(change, clinic.id)


async def render(change: Transaction, clinic_id: int) -> None:
    """Say how a clinic's marked pictures look at its revision of now."""
    revised = await revision.hold(change, clinic_id)
    session = change.session
    marked = await marks.of_clinic(session, clinic_id)
    zone, room = await catalogue.place(session, clinic_id)
    wanted = Wanted(clinic_id, day_of(change.now, zone))
    the_day = await pictures.day(session, wanted)
    doctors = [mark.doctor_id for mark in marked if mark.doctor_id != marks.WHOLE]
    newest = await pictures.newest_completed(session, wanted, doctors)
    completed = dict(zip((marks.WHOLE, *doctors), newest, strict=True))
    for mark in marked:
        whole = mark.doctor_id == marks.WHOLE
        part = wanted if whole else wanted.of_doctor(mark.doctor_id)
        if mark.queue:
            picture = the_day.picture(completed[mark.doctor_id], part.doctor_id)
            if whole:
                stage(change, _queue(clinic_id, picture), version=revised)
                stage(change, _board(clinic_id, pictures.board(the_day, room)), version=revised)
            else:
                stage(change, _doctor_queue(clinic_id, mark.doctor_id, picture), version=revised)
        if mark.phases:
            stage(change, await _phases(change, part), version=revised)
    await marks.settle(change, clinic_id)


def _queue(clinic_id: int, picture: pictures.Picture) -> QueueUpdated:
    return QueueUpdated(
        clinic_id=clinic_id,
        waiting=picture.waiting,
        called=picture.called,
        in_progress=picture.in_progress,
        completed=picture.completed,
        total=picture.total,
    )


def _doctor_queue(clinic_id: int, doctor_id: int, picture: pictures.Picture) -> DoctorQueueUpdated:
    return DoctorQueueUpdated(
        clinic_id=clinic_id,
        doctor_id=doctor_id,
        waiting=picture.waiting,
        called=picture.called,
        in_progress=picture.in_progress,
        completed=picture.completed,
        total=picture.total,
    )


def _board(clinic_id: int, tickets: Mapping[VisitStatus, tuple[BoardTicket, ...]]) -> BoardUpdated:
    return BoardUpdated(
        clinic_id=clinic_id,
        waiting=tickets[VisitStatus.WAITING],
        called=tickets[VisitStatus.CALLED],
        in_progress=tickets[VisitStatus.IN_PROGRESS],
    )


async def _phases(change: Transaction, wanted: Wanted) -> PhasesUpdated | DoctorPhasesUpdated:
    phases = await pictures.phases(change.session, wanted)
    if wanted.doctor_id is None:
        return PhasesUpdated(phases=phases, clinic_id=wanted.clinic_id, date=wanted.day)
    return DoctorPhasesUpdated(
        phases=phases, clinic_id=wanted.clinic_id, date=wanted.day, doctor_id=wanted.doctor_id
    )


async def project(service: Service) -> None:
    """Keep the service's pictures up to date, until cancelled."""
    await Projector(service).run()
