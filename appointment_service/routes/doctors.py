"""HTTP in and out: doctors."""

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
from chassis.reply import Reply
from chassis.service import Serving
from chassis.transaction import Transaction
from contracts.shapes import Id

router = APIRouter(tags=["doctors"])

DoctorId = Annotated[Id, Path()]


@router.get("/doctors", response_model=shapes.DoctorList)
async def listed(
    serving: Serving,
    caller: Caller,
    clinic_id: Annotated[Id | None, Query()] = None,
    is_active: Annotated[bool, Query()] = True,
) -> Response:
    """The doctors of the caller's clinics, or of one of them."""
    if clinic_id is not None:
        refuse_other_clinic(caller, clinic_id)
    async with serving.database.reading() as session:
        rows = await catalogue.doctors(session, caller, clinic_id, is_active)
    return Reply(shapes.DoctorList(doctors=tuple(events.doctor(row) for row in rows))).response()


@router.get("/doctors/{doctor_id}", response_model=shapes.DoctorFound)
async def found(doctor_id: DoctorId, serving: Serving, caller: Caller) -> Response:
    """A doctor."""
    async with serving.database.reading() as session:
        row = await catalogue.doctor(session, doctor_id)
    refuse_other_clinic(caller, row.clinic_id)
    return Reply(shapes.DoctorFound(doctor=events.doctor(row))).response()


@router.post("/doctors", status_code=201, response_model=shapes.DoctorSaved)
async def add(given: shapes.NewDoctor, command: Commanded) -> Response:
    """Add a doctor to a clinic."""
    refuse_other_clinic(command.caller, given.clinic_id)

    async def change(transaction: Transaction) -> Reply:
        row = await actions.add_doctor(transaction, given, transaction.mint())
        return Reply(shapes.DoctorSaved(message="The doctor is added", doctor=events.doctor(row)), 201)

    return await command.run(change)


@router.put("/doctors/{doctor_id}", response_model=shapes.DoctorSaved)
async def update(doctor_id: DoctorId, given: shapes.DoctorChanges, command: Commanded) -> Response:
    """Change what is given of a doctor."""
    if "clinic_id" in given.model_fields_set:
        refuse_other_clinic(command.caller, given.clinic_id)

    async def change(transaction: Transaction) -> Reply:
        row = await catalogue.doctor(transaction.session, doctor_id)
        refuse_other_clinic(command.caller, row.clinic_id)
        row = await actions.change_doctor(transaction, doctor_id, given)
        return Reply(shapes.DoctorSaved(message="The doctor is updated", doctor=events.doctor(row)))

    return await command.run(change)


@router.delete("/doctors/{doctor_id}", response_model=Done)
async def retire(doctor_id: DoctorId, command: Commanded) -> Response:
    """Let a doctor go: nothing more is booked with them."""

    async def change(transaction: Transaction) -> Reply:
        row = await catalogue.doctor(transaction.session, doctor_id)
        refuse_other_clinic(command.caller, row.clinic_id)
        await actions.change_doctor(transaction, doctor_id, shapes.DoctorChanges(is_active=False))
        return Reply(Done(message="The doctor is no longer bookable"))

    return await command.run(change)
