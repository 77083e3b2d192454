"""HTTP in and out: clinics."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from appointment_service import events
from appointment_service.actions import catalogue as actions
from appointment_service.queries import catalogue
from appointment_service.routes.admission import refuse_other_clinic
from appointment_service.shapes import catalogue as shapes
from appointment_service.shapes.basics import Done
from chassis.access import Caller
from chassis.command import Commanded
from chassis.errors import Forbidden
from chassis.reply import Reply
from chassis.service import Serving
from chassis.transaction import Transaction
from contracts.shapes import Id

router = APIRouter(tags=["clinics"])

ClinicId = Annotated[Id, Path()]
Active = Annotated[bool, Query()]


@router.get("/clinics", response_model=shapes.ClinicList)
async def listed(serving: Serving, caller: Caller, is_active: Active = True) -> Response:
    """The caller's clinics."""
    async with serving.database.reading() as session:
        rows = await catalogue.clinics(session, caller, is_active)
    return Reply(shapes.ClinicList(clinics=tuple(events.clinic(row) for row in rows))).response()


@router.get("/clinics/{clinic_id}", response_model=shapes.ClinicFound)
async def found(clinic_id: ClinicId, serving: Serving, caller: Caller) -> Response:
    """A clinic."""
    refuse_other_clinic(caller, clinic_id)
    async with serving.database.reading() as session:
        row = await catalogue.clinic(session, clinic_id)
    return Reply(shapes.ClinicFound(clinic=events.clinic(row))).response()


@router.get("/clinics/{clinic_id}/doctors", response_model=shapes.DoctorList)
async def doctors(
    clinic_id: ClinicId, serving: Serving, caller: Caller, is_active: Active = True
) -> Response:
    """A clinic's doctors."""
    refuse_other_clinic(caller, clinic_id)
    async with serving.database.reading() as session:
        await catalogue.clinic(session, clinic_id)
        rows = await catalogue.doctors(session, caller, clinic_id, is_active)
    return Reply(shapes.DoctorList(doctors=tuple(events.doctor(row) for row in rows))).response()


@router.get("/clinics/{clinic_id}/services", response_model=shapes.ServiceList)
async def services(
    clinic_id: ClinicId, serving: Serving, caller: Caller, is_active: Active = True
) -> Response:
    """What a clinic offers."""
    refuse_other_clinic(caller, clinic_id)
    async with serving.database.reading() as session:
        await catalogue.clinic(session, clinic_id)
        rows = await catalogue.services(session, caller, clinic_id, is_active)
    return Reply(shapes.ServiceList(services=tuple(events.service(row) for row in rows))).response()


@router.post("/clinics", status_code=201, response_model=shapes.ClinicSaved)
async def add(given: shapes.NewClinic, command: Commanded) -> Response:
    """Open a clinic; for an admin of all of them."""
    if command.caller.clinics != "*":
        raise Forbidden("Only an admin of every clinic may open a new one")

    async def change(transaction: Transaction) -> Reply:
        row = await actions.open_clinic(transaction, given, transaction.mint())
        return Reply(shapes.ClinicSaved(message="The clinic is open", clinic=events.clinic(row)), 201)

    return await command.run(change)


@router.put("/clinics/{clinic_id}", response_model=shapes.ClinicSaved)
async def update(clinic_id: ClinicId, given: shapes.ClinicChanges, command: Commanded) -> Response:
    """Change what is given of a clinic."""
    refuse_other_clinic(command.caller, clinic_id)

    async def change(transaction: Transaction) -> Reply:
        row = await actions.change_clinic(transaction, clinic_id, given)
        return Reply(shapes.ClinicSaved(message="The clinic is updated", clinic=events.clinic(row)))

    return await command.run(change)


@router.delete("/clinics/{clinic_id}", response_model=Done)
async def close(clinic_id: ClinicId, command: Commanded) -> Response:
    """Close a clinic: nothing more is booked there."""
    refuse_other_clinic(command.caller, clinic_id)

    async def change(transaction: Transaction) -> Reply:
        await actions.change_clinic(transaction, clinic_id, shapes.ClinicChanges(is_active=False))
        return Reply(Done(message="The clinic is closed"))

    return await command.run(change)
