"""HTTP in and out, a file a noun."""

from fastapi import APIRouter

from appointment_service.routes import appointments, clinics, doctors, services, slots, tokens

router = APIRouter()
# The slots before the appointments: their address would be read as an appointment's id.
for part in (slots, appointments, clinics, doctors, services, tokens):
    # One flat list: the table of who may call what is checked against it.
    router.routes.extend(part.router.routes)
