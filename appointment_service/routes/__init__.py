"""HTTP in and out, a file a noun."""

from fastapi import APIRouter

from appointment_service.routes import appointments, clinics, doctors, services, tokens

router = APIRouter()
for part in (appointments, clinics, doctors, services, tokens):
    # One flat list: the table of who may call what is checked against it.
    router.routes.extend(part.router.routes)
