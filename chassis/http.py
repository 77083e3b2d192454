"""A service's HTTP side: its routes, its health, its metrics, and what every request passes."""

import inspect
from typing import TYPE_CHECKING

import orjson
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.routing import APIRoute
from prometheus_client import generate_latest
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from chassis import access
from chassis.addresses import Addresses
from chassis.documented import BEARER, REFUSALS
from chassis.envelope import Limited, Prefixed, Secured
from chassis.metrics import Measured
from chassis.refusals import answer_refusals
from chassis.reply import json_response

if TYPE_CHECKING:
    from chassis.service import Parts, Service


def app_of(service: "Service", parts: "Parts") -> ASGIApp:
    """The app that answers for this service; raises ValueError when a route has no line in its access."""
    # No page that explains the routes: it would load its scripts from somebody else's server.
    app = FastAPI(
        title=f"Clinicwire {service.process}",
        version="1.0.0",
        docs_url=None,
        redoc_url=None,
        # It would tell addresses, which may name a person, to whomever the environment says.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.service = service
    access.check(parts.router, parts.access)
    app.router.routes += [Addresses(parts.admitted), *parts.admitted]
    answer_refusals(app)

    @app.get("/health/live", include_in_schema=False)
    async def live() -> Response:
        return json_response(b'{"status":"live"}', 200)

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        problems = await service.problems()
        status = "waiting" if problems else "ready"
        return json_response(
            orjson.dumps({"status": status, "waiting_for": problems}), 503 if problems else 200
        )

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(service.metrics), media_type="text/plain; version=0.0.4")

    if service.settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=service.settings.allowed_origins,
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"],
            expose_headers=["ETag", "Retry-After"],
        )
    return Secured(Prefixed(Limited(Measured(app, service.metrics))))


def admitted(router: APIRouter) -> list[APIRoute]:
    """A service's routes, each behind the admission, in one list.

    A router within a router would be looked through anew for each request.
    """
    guarded = APIRouter()
    for route in access.flat(router):
        said = {name: getattr(route, name) for name in _SAID if hasattr(route, name)}
        said["dependencies"] = [Depends(BEARER), Depends(access.admit), *route.dependencies]
        said["responses"] = {**REFUSALS, **route.responses}
        guarded.add_api_route(**said)
    return list(access.flat(guarded))


_SAID = tuple(inspect.signature(APIRouter.add_api_route).parameters)
"""What can be said of a route when it is declared."""
