"""HTTP in and out: services."""

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

router = APIRouter(tags=["services"])

ServiceId = Annotated[Id, Path()]


@router.get("/services", response_model=shapes.ServiceList)
async def listed(
    serving: Serving,
    caller: Caller,
    clinic_id: Annotated[Id | None, Query()] = None,
    is_active: Annotated[bool, Query()] = True,
) -> Response:
    """The services of the caller's clinics, or of one of them."""
    if clinic_id is not None:
        refuse_other_clinic(caller, clinic_id)
    async with serving.database.reading() as session:
        rows = await catalogue.services(session, caller, clinic_id, is_active)
    return Reply(shapes.ServiceList(services=tuple(events.service(row) for row in rows))).response()


@router.get("/services/{service_id}", response_model=shapes.ServiceFound)
async def found(service_id: ServiceId, serving: Serving, caller: Caller) -> Response:
    """A service."""
    async with serving.database.reading() as session:
        row = await catalogue.service(session, service_id)
    refuse_other_clinic(caller, row.clinic_id)
    return Reply(shapes.ServiceFound(service=events.service(row))).response()


@router.post("/services", status_code=201, response_model=shapes.ServiceSaved)
async def add(given: shapes.NewService, command: Commanded) -> Response:
    """Offer a service in a clinic."""
    refuse_other_clinic(command.caller, given.clinic_id)

    async def change(transaction: Transaction) -> Reply:
        row = await actions.offer_service(transaction, given, transaction.mint())
        return Reply(shapes.ServiceSaved(message="The service is offered", service=events.service(row)), 201)

    return await command.run(change)


@router.put("/services/{service_id}", response_model=shapes.ServiceSaved)
async def update(service_id: ServiceId, given: shapes.ServiceChanges, command: Commanded) -> Response:
    """Change what is given of a service."""

    async def change(transaction: Transaction) -> Reply:
        row = await catalogue.service(transaction.session, service_id)
        refuse_other_clinic(command.caller, row.clinic_id)
        row = await actions.change_service(transaction, service_id, given)
        return Reply(shapes.ServiceSaved(message="The service is updated", service=events.service(row)))

    return await command.run(change)


@router.delete("/services/{service_id}", response_model=Done)
async def withdraw(service_id: ServiceId, command: Commanded) -> Response:
    """Offer a service no longer."""

    async def change(transaction: Transaction) -> Reply:
        row = await catalogue.service(transaction.session, service_id)
        refuse_other_clinic(command.caller, row.clinic_id)
        await actions.change_service(transaction, service_id, shapes.ServiceChanges(is_active=False))
        return Reply(Done(message="The service is no longer offered"))

    return await command.run(change)
