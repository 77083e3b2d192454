"""Who may call a route: one table a service, deny by default, enforced here and nowhere else."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute

from chassis.errors import Forbidden, TooMany, Unauthenticated
from contracts.identity import Identity, Rights

Access = Mapping[str, Rights]
"""Which roles may call which route, and how far, as in {"POST /queue/call": {Role.DOCTOR: Reach.OWN}}.

The role is decided here; how far it goes by the route's own rules, which know whose the thing is. Both are
tested by this table, each cell.
"""


async def admit(request: Request) -> None:
    """Let a caller through to the route, or refuse: 401 without a valid token, 403 with the wrong role.

    429 when too much is asked with one token.
    """
    service = request.app.state.service
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Unauthenticated("Authentication required: send the token as Authorization: Bearer ...")
    caller = await service.verifier.bearer(token.strip(), service.now())
    if service.revocations.refuses(caller):
        raise Unauthenticated("This token was revoked: sign in again")
    if not service.pace.allows((caller.sub, caller.jti)):
        raise TooMany("Too many requests with this token: wait a moment and try again")
    route = f"{request.method} {request.scope['route'].path}"
    if caller.role not in service.access.get(route, ()):
        raise Forbidden(f"A {caller.role} may not do this")
    request.state.caller = caller


async def caller(request: Request) -> Identity:
    """Who calls."""
    identity: Identity = request.state.caller
    return identity


Caller = Annotated[Identity, Depends(caller)]
"""A route's parameter that is its caller."""


def check(router: APIRouter, access: Access) -> None:
    """Raise ValueError unless every route has its line in the table, and every line its route."""
    routes = {f"{method} {route.path}" for route in flat(router) for method in route.methods or ()}
    if routes != set(access):
        raise ValueError(f"routes and access differ: {sorted(routes ^ set(access))}")


def flat(router: APIRouter) -> Iterator[APIRoute]:
    """Every route of a router, those of the routers within it too."""
    for route in router.routes:
        # A router within a router is one entry here; no service gives a prefix to one.
        within = getattr(route, "original_router", None)
        if within is not None:
            yield from flat(within)
        elif isinstance(route, APIRoute):
            yield route
