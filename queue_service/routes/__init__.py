"""HTTP in and out, a noun a file."""

from fastapi import APIRouter

from queue_service.routes import audit, current, dashboard, pictures, queue, visits

router = APIRouter()
for part in (queue, pictures, visits, current, dashboard, audit):
    router.include_router(part.router)
