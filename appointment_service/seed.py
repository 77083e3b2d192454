"""The catalogue of the demo: every name in it invented."""

from decimal import Decimal

from appointment_service.actions import catalogue
from appointment_service.queries.catalogue import is_empty
from appointment_service.shapes.catalogue import Hours, NewClinic, NewDoctor, NewService
from chassis.service import Service
from contracts.shapes import Weekday

CLINICS = {1: "Harbour Test Clinic", 2: "Hillside Test Clinic"}
DOCTORS = {1: ("Dr. Ada Sample", 1), 2: ("Dr. Ben Example", 1), 3: ("Dr. Cleo Mockridge", 2)}


async def seed(service: Service) -> None:
    """Open clinics 1 and 2 with doctors 1 to 3 and services 1 and 2, unless there is any clinic."""
    async with service.database.transaction(service.now(), "demo") as change:
        if not await is_empty(change.session):
            return
        for clinic_id, name in CLINICS.items():
            await catalogue.open_clinic(change, NewClinic(name=name, room_number=str(clinic_id)), clinic_id)
            consultation = NewService(
                clinic_id=clinic_id, name="Consultation", duration=15, price=Decimal("200.00")
            )
            await catalogue.offer_service(change, consultation, clinic_id)
        for doctor_id, (name, clinic_id) in DOCTORS.items():
            doctor = NewDoctor(
                name=name,
                specialty="General Examples",
                clinic_id=clinic_id,
                user_id=doctor_id,
                working_days=tuple(Weekday),
                working_hours=Hours(start="00:00", end="23:30"),
                share_percentage=0.6,
            )
            await catalogue.add_doctor(change, doctor, doctor_id)
