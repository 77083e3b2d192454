"""Visits by themselves."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from chassis.access import Caller
from chassis.command import Commanded
from chassis.documented import NOT_CHANGED
from chassis.errors import Forbidden, Unprocessable
from chassis.links import leads
from chassis.pages import Paged
from chassis.reply import Reply
from chassis.service import Serving
from chassis.transaction import Transaction
from contracts.shapes import Id, VisitStatus
from queue_service import events, known, shapes
from queue_service.actions import move, moves
from queue_service.actions.step import Wish
from queue_service.queries import lists
from queue_service.routes import pictures
from queue_service.routes.leading import OF_LIST, OF_VISIT
from queue_service.routes.moving import moved, wish
from queue_service.routes.queue import checked_in, walked_in
from queue_service.routes.reading import Day, check_clinic, only_doctor, own_clinics, sensible
from queue_service.tables import Visit

router = APIRouter(tags=["visits"])

VisitId = Annotated[Id, Path()]


@router.post(
    "/visits/check-in", status_code=201, response_model=shapes.TicketGiven, responses=leads(OF_VISIT, 201)
)
async def check_in(given: shapes.CheckIn, command: Commanded, serving: Serving) -> Response:
    """As POST /queue/checkin."""
    return await checked_in(serving, command, given)


@router.post(
    "/visits/walk-in", status_code=201, response_model=shapes.TicketGiven, responses=leads(OF_VISIT, 201)
)
async def walk_in(given: shapes.WalkIn, command: Commanded, serving: Serving) -> Response:
    """As POST /queue/walkin."""
    return await walked_in(serving, command, given)


@router.get("/visits", response_model=shapes.VisitList, responses=leads(OF_LIST))
async def listed(
    serving: Serving,
    caller: Caller,
    page: Paged,
    clinic_id: Annotated[Id | None, Query()] = None,
    doctor_id: Annotated[Id | None, Query()] = None,
    patient_id: Annotated[Id | None, Query()] = None,
    status: Annotated[VisitStatus | None, Query()] = None,
    date: Day = None,
    start_date: Day = None,
    end_date: Day = None,
) -> Response:
    """Visits, newest first, a page at a time; a doctor sees own ones only."""
    if clinic_id is not None:
        check_clinic(caller, clinic_id)
    own = only_doctor(caller)
    if own is not None and doctor_id not in (None, own):
        raise Forbidden("These visits are another doctor's")
    first, last = start_date or date, end_date or date
    wanted = lists.Filter(
        clinics=own_clinics(caller),
        clinic_id=clinic_id,
        doctor_id=own or doctor_id,
        patient_id=patient_id,
        status=status,
        first_day=first and sensible(first),
        last_day=last and sensible(last),
    )
    async with serving.database.reading() as session:
        rows, total = await lists.visits(session, wanted, page)
        places = await lists.places(session, rows)
    pages = page.pages(total)
    pagination = shapes.Pagination(
        page=page.page,
        per_page=page.per_page,
        total=total,
        pages=pages,
        has_next=page.page < pages,
        has_prev=page.page > 1,
    )
    answer = shapes.VisitList(
        visits=tuple(events.visit(row, places.get(row.id)) for row in rows), pagination=pagination
    )
    return Reply(answer).response()


@router.get("/visits/queue", response_model=shapes.Queue | shapes.DoctorQueue, responses=NOT_CHANGED)
async def queue(
    serving: Serving,
    caller: Caller,
    clinic_id: Annotated[Id | None, Query()] = None,
    doctor_id: Annotated[Id | None, Query()] = None,
    if_none_match: pictures.Seen = None,
) -> Response:
    """As GET /queue/clinic/{id}, or /queue/doctor/{id} where a doctor is named."""
    if doctor_id is not None:
        return await pictures.of_doctor(doctor_id, serving, caller, if_none_match=if_none_match)
    if clinic_id is None:
        raise Unprocessable("Give clinic_id or doctor_id")
    return await pictures.of_clinic(clinic_id, serving, caller, if_none_match=if_none_match)


@router.get("/visits/{visit_id}", response_model=shapes.VisitFound, responses=leads(OF_VISIT))
async def found(visit_id: VisitId, serving: Serving, caller: Caller) -> Response:
    """One visit."""
    row = await known.visit(serving, visit_id=visit_id)
    check_clinic(caller, row.clinic_id)
    own = only_doctor(caller)
    if own is not None and own != row.doctor_id:
        raise Forbidden("This visit is another doctor's")
    async with serving.database.reading() as session:
        places = await lists.places(session, [row])
    return Reply(shapes.VisitFound(visit=events.visit(row, places.get(row.id)))).response()


@router.put("/visits/{visit_id}/status", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def set_status(
    visit_id: VisitId, given: shapes.NewStatus, command: Commanded, serving: Serving
) -> Response:
    """Do what leads to this status."""

    async def to_status(change: Transaction, visit_id: int, wanted: Wish) -> Visit:
        return await moves.to_status(change, visit_id, given.status, wanted)

    if given.status is VisitStatus.WAITING:
        await known.arriving(serving, visit_id=visit_id)
    wanted = wish(serving, command, reason=given.reason, notes=given.notes)
    message = f"The visit is {given.status} now"
    return await moved(serving, command, visit_id, to_status, wanted, message)


@router.post("/visits/{visit_id}/call", response_model=shapes.VisitMoved, responses=leads(OF_VISIT))
async def call(visit_id: VisitId, command: Commanded, serving: Serving) -> Response:
    """As POST /queue/call with this visit."""
    wanted = wish(serving, command)
    return await moved(serving, command, visit_id, move.call, wanted, "The patient is called")
