"""A way in: the request that goes through a route to a target, and how to see whether it got there."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from contracts.identity import Role
from tests.flows.doors.target import Target

Body = dict[str, Any]
Ids = Collection[int]


@dataclass(frozen=True)
class Door:
    """`path` and `body` make the request; a list's `shows` says which of the target's ids must be in it.

    `state` is what the target's visit must be in for the route to work, `booked` whether it needs an
    appointment, `paid` whether a part of it is. `of_caller`: the route asks for
    nobody's thing by name, so what a caller sees there is the caller's own whatever they do.
    """

    path: Callable[[Target], str]
    body: Callable[[Target, Role], Body] | None = None
    state: str = "waiting"
    booked: bool = False
    paid: bool = False
    shows: Callable[[Target, Any], bool] | None = None
    of_caller: bool = False
    clinic: Callable[[Target], int] = lambda target: target.visit.clinic_id


def ids(things: list[Body], name: str = "id") -> set[int]:
    """The ids of what is in a list."""
    return {thing[name] for thing in things}
