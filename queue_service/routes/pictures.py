"""The queue as it is: whole clinics, single doctors, the reception's columns, numbers."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from chassis import revision
from chassis.access import Caller
from chassis.documented import NOT_CHANGED
from chassis.errors import Forbidden, Unprocessable
from chassis.reply import Reply
from chassis.service import Service, Serving
from contracts.identity import Identity
from contracts.shapes import AppointmentStatus, Id
from queue_service import known, shapes
from queue_service.queries import catalogue, lists, numbers, pictures
from queue_service.queries.pictures import Wanted
from queue_service.routes.reading import (
    Day,
    bounds,
    check_clinic,
    only_doctor,
    own_clinics,
    sensible,
    todays_zone,
)
from queue_service.rules import day_of

router = APIRouter(tags=["queue"])

ClinicId = Annotated[Id, Path()]
Seen = Annotated[str | None, Header(alias="If-None-Match", max_length=200)]


@router.get("/queue/clinic/{clinic_id}", response_model=shapes.Queue, responses=NOT_CHANGED)
async def of_clinic(
    clinic_id: ClinicId,
    serving: Serving,
    caller: Caller,
    start_date: Day = None,
    end_date: Day = None,
    if_none_match: Seen = None,
) -> Response:
    """A clinic's queue; a doctor sees own patients only."""
    check_clinic(caller, clinic_id)
    wanted = await _wanted(serving, clinic_id, start_date, end_date, only_doctor(caller))
    return await queue_answer(serving, wanted, None, if_none_match)


@router.get("/queue/doctor/{doctor_id}", response_model=shapes.DoctorQueue, responses=NOT_CHANGED)
async def of_doctor(
    doctor_id: Annotated[Id, Path(description="the doctor's user id, or id")],
    serving: Serving,
    caller: Caller,
    start_date: Day = None,
    end_date: Day = None,
    if_none_match: Seen = None,
) -> Response:
    """A doctor's part of the queue; another doctor's is refused, never one's own instead."""
    doctor = await _doctor(serving, doctor_id)
    own = only_doctor(caller)
    if own is not None and own != doctor[0]:
        raise Forbidden("This queue is another doctor's")
    check_clinic(caller, doctor[1])
    wanted = await _wanted(serving, doctor[1], start_date, end_date, doctor[0])
    return await queue_answer(serving, wanted, doctor[0], if_none_match)


@router.get("/queue/phases/{clinic_id}", response_model=shapes.PhasesOfDay, responses=NOT_CHANGED)
async def phases(
    clinic_id: ClinicId,
    serving: Serving,
    caller: Caller,
    date: Day = None,
    doctor_id: Annotated[Id | None, Query()] = None,
    if_none_match: Seen = None,
) -> Response:
    """The columns of the reception's board."""
    check_clinic(caller, clinic_id)
    own = only_doctor(caller)
    if own is not None and doctor_id not in (None, own):
        raise Forbidden("This queue is another doctor's")
    wanted = await _wanted(serving, clinic_id, date, None, own or doctor_id)
    async with serving.database.reading() as session:
        tag = _tag("phases", wanted, await revision.current(session, clinic_id))
        if if_none_match == tag:
            return Response(status_code=304, headers={"ETag": tag})
        columns = await pictures.phases(session, wanted)
    answer = shapes.PhasesOfDay(phases=columns, date=wanted.day, clinic_id=clinic_id)
    return Reply(answer, headers={"ETag": tag}).response()


@router.get("/queue/statistics/{clinic_id}", response_model=shapes.QueueStatistics)
async def statistics(clinic_id: ClinicId, serving: Serving, caller: Caller, date: Day = None) -> Response:
    """A clinic's day in numbers."""
    check_clinic(caller, clinic_id)
    wanted = await _wanted(serving, clinic_id, date, None, None)
    async with serving.database.reading() as session:
        return Reply(await numbers.statistics(session, clinic_id, wanted.day)).response()


@router.get("/queue/upcoming", response_model=shapes.UpcomingAppointments)
async def upcoming(
    serving: Serving,
    caller: Caller,
    date: Day = None,
    clinic_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """The day's appointments that are still to come."""
    return await _appointments(serving, caller, date, clinic_id, (AppointmentStatus.CONFIRMED,))


@router.get("/queue/appointments", response_model=shapes.UpcomingAppointments)
async def appointments(
    serving: Serving,
    caller: Caller,
    date: Day = None,
    clinic_id: Annotated[Id | None, Query()] = None,
) -> Response:
    """All of the day's appointments."""
    return await _appointments(serving, caller, date, clinic_id, tuple(AppointmentStatus))


async def queue_answer(serving: Service, wanted: Wanted, doctor_id: int | None, seen: str | None) -> Response:
    """A queue with its ETag, made of the clinic's revision: 304 when it is what the caller has."""
    async with serving.database.reading() as session:
        tag = _tag("queue", wanted, await revision.current(session, wanted.clinic_id))
        if seen == tag:
            return Response(status_code=304, headers={"ETag": tag})
        picture = await pictures.queue(session, wanted)
    shown = {
        "clinic_id": wanted.clinic_id,
        "waiting": picture.waiting,
        "called": picture.called,
        "in_progress": picture.in_progress,
        "completed": picture.completed,
        "total": picture.total,
    }
    if doctor_id is None:
        return Reply(shapes.Queue.model_validate(shown), headers={"ETag": tag}).response()
    answer = shapes.DoctorQueue.model_validate(shown | {"doctor_id": doctor_id})
    return Reply(answer, headers={"ETag": tag}).response()


async def _wanted(
    serving: Service, clinic_id: int, first: date | None, last: date | None, doctor_id: int | None
) -> Wanted:
    clinic = await known.clinic(serving, clinic_id)
    today = day_of(serving.now(), clinic.time_zone)
    first_day = sensible(first or last or today)
    last_day = sensible(last or first_day)
    if last_day < first_day:
        raise Unprocessable("end_date is before start_date")
    # Without dates the answer is what the event says; with dates it is the whole (design.md).
    whole = first is not None or last is not None
    return Wanted(clinic_id, first_day, last_day, doctor_id, whole)


async def _doctor(serving: Service, either_id: int) -> tuple[int, int]:
    async with serving.database.reading() as session:
        found = await catalogue.doctor_named(session, either_id)
    if found is not None:
        return found.id, found.clinic_id
    doctor = await known.doctor(serving, either_id)
    return doctor.id, doctor.clinic_id


async def _appointments(
    serving: Service,
    caller: Identity,
    day: date | None,
    clinic_id: int | None,
    statuses: tuple[AppointmentStatus, ...],
) -> Response:
    if clinic_id is not None:
        check_clinic(caller, clinic_id)
    clinics = own_clinics(caller) if clinic_id is None else frozenset({clinic_id})
    if clinic_id is None:
        zone = await todays_zone(serving, clinics)
    else:
        zone = (await known.clinic(serving, clinic_id)).time_zone
    the_day = sensible(day or day_of(serving.now(), zone))
    async with serving.database.reading() as session:
        listed = await lists.appointments(
            session, clinics, only_doctor(caller), *bounds(the_day, zone), statuses
        )
    answer = shapes.UpcomingAppointments(appointments=listed, date=the_day, clinic_id=clinic_id)
    return Reply(answer).response()


def _tag(kind: str, wanted: Wanted, revised: int) -> str:
    span = f"{wanted.day}-{wanted.last_day}" + ("-whole" if wanted.whole else "")
    return f'"{kind}-{wanted.clinic_id}-{wanted.doctor_id or 0}-{span}-{revised}"'
