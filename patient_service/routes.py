"""HTTP in and out."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.access import Caller
from chassis.command import Commanded
from chassis.links import Link, leads, to
from chassis.pages import Paged
from chassis.reply import Reply
from chassis.service import Serving
from chassis.spreadsheet import spreadsheet
from chassis.texts import OptionalLine, SearchWords
from chassis.transaction import Transaction
from contracts.identity import Identity, Role
from contracts.shapes import Gender, Id
from patient_service import actions, events, queries, rules
from patient_service.shapes import (
    NewPatient,
    Patient,
    PatientChanges,
    PatientDeleted,
    PatientFound,
    PatientList,
    PatientMatches,
    PatientSaved,
    PatientStatistics,
    PatientWithPast,
)
from patient_service.tables import Patient as PatientRow

router = APIRouter(tags=["patients"])

PatientId = Annotated[Id, Path()]


def _of(place: str) -> dict[str, Link]:
    """Where a patient leads whose id is there in the answer."""
    verbs = {"patient": "GET", "change": "PUT", "delete": "DELETE"}
    return {name: to(f"{verb} /patients/{{patient_id}}", patient_id=place) for name, verb in verbs.items()}


@router.post(
    "/patients", status_code=201, response_model=PatientSaved, responses=leads(_of("patient/id"), 201)
)
async def register(given: NewPatient, command: Commanded) -> Response:
    """Register a patient."""

    async def change(transaction: Transaction) -> Reply:
        row = await actions.register(transaction, given, transaction.mint())
        return Reply(PatientSaved(message="The patient is registered", patient=_shown(row, True)), 201)

    return await command.run(change)


@router.put("/patients/{patient_id}", response_model=PatientSaved, responses=leads(_of("patient/id")))
async def update(patient_id: PatientId, given: PatientChanges, command: Commanded) -> Response:
    """Change what is given of a patient."""

    async def change(transaction: Transaction) -> Reply:
        row = await actions.update(transaction, patient_id, given)
        return Reply(PatientSaved(message="The patient is updated", patient=_shown(row, True)))

    return await command.run(change)


@router.delete("/patients/{patient_id}", response_model=PatientDeleted)
async def delete(patient_id: PatientId, command: Commanded) -> Response:
    """Delete a patient."""

    async def change(transaction: Transaction) -> Reply:
        await actions.delete(transaction, patient_id)
        return Reply(PatientDeleted(message="The patient is deleted"))

    return await command.run(change)


@router.get("/patients", response_model=PatientList, responses=leads(_of("patients/0/id")))
async def listed(
    serving: Serving,
    caller: Caller,
    page: Paged,
    name: Annotated[OptionalLine, Query()] = None,
    phone: Annotated[OptionalLine, Query()] = None,
    gender: Annotated[Gender | None, Query()] = None,
) -> Response:
    """Patients, a page at a time."""
    async with serving.database.reading() as session:
        rows, total = await queries.page_of(session, queries.Wanted(name, phone, gender), page)
        patients = await _for_reader(session, rows, caller)
    answer = PatientList(
        patients=patients,
        total=total,
        pages=page.pages(total),
        current_page=page.page,
        per_page=page.per_page,
    )
    return Reply(answer).response()


@router.get("/patients/search", response_model=PatientMatches)
async def search(serving: Serving, caller: Caller, q: Annotated[SearchWords, Query()]) -> Response:
    """Patients whose name or phone has these letters."""
    async with serving.database.reading() as session:
        rows = await queries.matching(session, q)
        patients = await _for_reader(session, rows, caller)
    return Reply(PatientMatches(patients=patients)).response()


@router.get("/patients/statistics", response_model=PatientStatistics)
async def statistics(serving: Serving) -> Response:
    """How many patients there are."""
    async with serving.database.reading() as session:
        return Reply(await queries.statistics(session, serving.now())).response()


@router.get("/patients/export", response_class=Response)
async def export(serving: Serving) -> Response:
    """All patients as a spreadsheet, without their histories."""
    async with serving.database.reading() as session:
        rows = await queries.all_patients(session)
    heads = ("id", "name", "phone", "age", "gender", "address", "created_at")
    return spreadsheet("patients", heads, ([getattr(row, head) for head in heads] for row in rows))


@router.get("/patients/{patient_id}", response_model=PatientFound)
async def found(patient_id: PatientId, serving: Serving, caller: Caller) -> Response:
    """A patient, and what was last."""
    async with serving.database.reading() as session:
        row = await queries.patient(session, patient_id)
        (patient,) = await _for_reader(session, [row], caller)
        appointments, visits = await queries.past(session, patient_id, caller)
    answer = PatientWithPast(**patient.model_dump(), recent_appointments=appointments, recent_visits=visits)
    return Reply(PatientFound(patient=answer)).response()


async def _for_reader(
    session: AsyncSession, rows: Sequence[PatientRow], reader: Identity
) -> tuple[Patient, ...]:
    treated: frozenset[int] = frozenset()
    if reader.role is Role.DOCTOR and reader.doctor_id is not None:
        treated = await queries.treated_by(session, reader.doctor_id, [row.id for row in rows])
    return tuple(_shown(row, rules.may_read_history(reader, row.id in treated)) for row in rows)


def _shown(row: PatientRow, with_history: bool) -> Patient:
    return Patient(
        **events.card(row).model_dump(), medical_history=row.medical_history if with_history else None
    )
