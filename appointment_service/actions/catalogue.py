"""What can be done with clinics, doctors and services, a function a verb; nothing is ever deleted."""

from typing import Any

from appointment_service import events, rules
from appointment_service.queries import bookings, catalogue
from appointment_service.shapes.catalogue import (
    ClinicChanges,
    DoctorChanges,
    NewClinic,
    NewDoctor,
    NewService,
    ServiceChanges,
)
from appointment_service.tables import Clinic, Doctor, OfferedService
from chassis import revision
from chassis.errors import Conflict
from chassis.outbox import stage
from chassis.transaction import Transaction


async def open_clinic(change: Transaction, given: NewClinic, clinic_id: int) -> Clinic:
    """Open a clinic."""
    await revision.advance(change, clinic_id)
    row = Clinic(id=clinic_id, **_columns(given.model_dump()))
    change.session.add(row)
    stage(change, events.clinic_changed(row), version=row.version)
    return row


async def change_clinic(change: Transaction, clinic_id: int, given: ClinicChanges) -> Clinic:
    """Change what is given of a clinic; raises `NotFound`."""
    await revision.advance(change, clinic_id)
    row = await catalogue.clinic(change.session, clinic_id)
    if _apply(row, _columns(given.model_dump(exclude_unset=True))):
        stage(change, events.clinic_changed(row), version=row.version)
    return row


async def add_doctor(change: Transaction, given: NewDoctor, doctor_id: int) -> Doctor:
    """Add a doctor to a clinic; raises `NotFound`, and `Conflict` when the user is a doctor already."""
    await revision.advance(change, given.clinic_id)
    await catalogue.clinic(change.session, given.clinic_id)
    await _refuse_taken_user(change, given.user_id, doctor_id)
    row = Doctor(id=doctor_id, **_columns(given.model_dump()))
    change.session.add(row)
    stage(change, events.doctor_changed(row), version=row.version)
    return row


async def change_doctor(change: Transaction, doctor_id: int, given: DoctorChanges) -> Doctor:
    """Change what is given of a doctor.

    Raises `NotFound`; `Conflict` when the user is another doctor already, and when a doctor with appointments
    to come is to leave the clinic they are in.
    """
    row = await catalogue.doctor(change.session, doctor_id)
    for clinic_id in sorted({row.clinic_id, given.clinic_id or row.clinic_id}):
        await revision.advance(change, clinic_id)
    row = await catalogue.doctor(change.session, doctor_id)
    values = _columns(given.model_dump(exclude_unset=True))
    if "user_id" in values:
        await _refuse_taken_user(change, given.user_id, doctor_id)
    if values.get("clinic_id", row.clinic_id) != row.clinic_id:
        await catalogue.clinic(change.session, given.clinic_id)
        if await bookings.is_booked_after(change.session, doctor_id, change.now):
            raise Conflict(f"{row.name} has appointments to come; move or cancel them first")
    if _apply(row, values):
        stage(change, events.doctor_changed(row), version=row.version)
    return row


async def offer_service(change: Transaction, given: NewService, service_id: int) -> OfferedService:
    """Offer a service in a clinic; raises `NotFound`."""
    await revision.advance(change, given.clinic_id)
    await catalogue.clinic(change.session, given.clinic_id)
    row = OfferedService(id=service_id, **_columns(given.model_dump()))
    change.session.add(row)
    stage(change, events.service_changed(row), version=row.version)
    return row


async def change_service(change: Transaction, service_id: int, given: ServiceChanges) -> OfferedService:
    """Change what is given of a service; raises `NotFound`, and `Conflict` for another clinic."""
    row = await catalogue.service(change.session, service_id)
    await revision.advance(change, row.clinic_id)
    row = await catalogue.service(change.session, service_id)
    values = _columns(given.model_dump(exclude_unset=True))
    if values.get("clinic_id", row.clinic_id) != row.clinic_id:
        raise Conflict("A service stays with its clinic; offer a new one there")
    if _apply(row, values):
        stage(change, events.service_changed(row), version=row.version)
    return row


async def _refuse_taken_user(change: Transaction, user_id: int | None, doctor_id: int) -> None:
    if user_id is None:
        return
    holder = await catalogue.doctor_of_user(change.session, user_id)
    if holder is not None and holder.id != doctor_id:
        raise Conflict(f"This user is {holder.name} already; give another user_id, or none")


def _columns(given: dict[str, Any]) -> dict[str, Any]:
    # What was validated, under the names and in the units of the tables.
    columns = dict(given)
    if "working_hours" in given:
        hours = columns.pop("working_hours")
        columns["day_start"], columns["day_end"] = hours["start"], hours["end"]
    if "working_days" in given:
        columns["working_days"] = list(given["working_days"])
    if "price" in given:
        columns["price"] = rules.minor(given["price"])
    return columns


def _apply(row: Clinic | Doctor | OfferedService, columns: dict[str, Any]) -> bool:
    changed = {name: value for name, value in columns.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += bool(changed)
    return bool(changed)
