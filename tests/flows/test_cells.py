"""Every cell of the table of routes over real HTTP: allowed and refused, in one's own clinic and another."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from fastapi import APIRouter
from sqlalchemy import func, select

from chassis.access import check
from chassis.bookkeeping import OUTBOX
from chassis.service import Service
from contracts.identity import Reach, Rights, Role
from contracts.permissions import SERVICES
from launcher.access import routes
from tests.flows.doors import queue, records
from tests.flows.doors.door import Door
from tests.flows.doors.target import Target, made
from tests.flows.house import CLINIC, DOCTOR, OTHER_CLINIC, OTHER_DOCTOR, SECOND_DOCTOR, House
from tests.parts import token

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEATED = False
ACCESS = {route: rights for access in routes().values() for route, rights in access.items()}
DOORS = queue.DOORS | records.DOORS


@dataclass(frozen=True)
class Caller:
    """Somebody who asks, and how they stand to the target."""

    role: Role
    stands: str

    def may(self, rights: Rights) -> bool:
        """Whether the table lets this caller at the target."""
        match rights.get(self.role):
            case None:
                return False
            case Reach.ALL:
                return True
            case Reach.EVERY_CLINIC:
                return self.stands == "everywhere"
            case Reach.CLINIC:
                return self.stands != "in another clinic"
            case Reach.OWN:
                return self.stands == "its own doctor"

    def token(self, clinic: int, doing: str) -> str:
        """A token of this caller, whose subject says what is being tried."""
        doctors = {
            "its own doctor": DOCTOR,
            "another doctor": SECOND_DOCTOR,
            "in another clinic": OTHER_DOCTOR,
        }
        clinics: Any = (OTHER_CLINIC,) if self.stands == "in another clinic" else (clinic,)
        return token(
            self.role,
            sub=f"{doing} {self.role}",
            clinics="*" if self.stands == "everywhere" else clinics,
            doctor_id=doctors[self.stands] if self.role is Role.DOCTOR else None,
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def standing(house: House) -> dict[str, Target]:
    """A target in each state, for whoever changes nothing."""
    return {state: await made(house, state) for state in ("scheduled", "waiting", "called", "in_progress")}


def callers() -> Iterator[Caller]:
    for role in Role:
        doctors = ("its own doctor", "another doctor") if role is Role.DOCTOR else ("in the clinic",)
        for stands in (*doctors, "in another clinic"):
            yield Caller(role, stands)
    yield Caller(Role.ADMIN, "everywhere")


async def asked(house: House, door: Door, target: Target, caller: Caller, method: str, doing: str) -> Any:
    """What the caller is answered."""
    body = None if door.body is None else door.body(target, caller.role)
    headers = {"Authorization": f"Bearer {caller.token(door.clinic(target), doing)}"}
    return await house.client("admin").request(method, door.path(target), json=body, headers=headers)


async def said_by(house: House, subject: str) -> int:
    """How much of what was done in any service was done by such a subject: every change says something."""
    total = 0
    for process in SERVICES:
        part = house.installation.parts[process]
        assert isinstance(part, Service)
        async with part.database.reading() as session:
            counted = select(func.count()).select_from(OUTBOX).where(OUTBOX.c.actor.startswith(subject))
            total += (await session.execute(counted)).scalar_one()
    return total


async def looks(house: House, target: Target) -> list[Any]:
    """The target as an admin of everything sees it."""
    paths = [f"/visits/{target.visit.id}", f"/payments/{target.payment_id}", f"/patients/{target.patient_id}"]
    return [(await house.sees("admin", path)) for path in paths]


async def test_every_route_of_the_table_is_tried() -> None:
    assert DOORS.keys() == ACCESS.keys()


async def test_a_screen_on_the_wall_has_no_route_at_all() -> None:
    assert not [route for route, rights in ACCESS.items() if Role.DISPLAY in rights]


async def test_a_route_without_a_line_is_refused_before_anything_starts() -> None:
    router = APIRouter()

    @router.get("/visits/secret")
    async def secret() -> None:
        """Nobody wrote down who may."""

    with pytest.raises(ValueError, match="GET /visits/secret"):
        check(router, {})
    with pytest.raises(ValueError, match="GET /visits/gone"):
        check(router, {"GET /visits/secret": {}, "GET /visits/gone": {}})


@pytest.mark.parametrize("route", ACCESS)
async def test_who_may_not_is_refused_and_changes_nothing(
    house: House, standing: dict[str, Target], route: str
) -> None:
    door, method = DOORS[route], route.split()[0]
    target = standing[door.state]
    before = await looks(house, target)
    doing = f"refused {house.number()}"
    for caller in callers():
        if caller.may(ACCESS[route]):
            continue
        answer = await asked(house, door, target, caller, method, doing)
        if caller.role in ACCESS[route] and answer.status_code != 403:
            # The role may, but this target is not the caller's: it is not in what they see.
            assert door.of_caller or (method == "GET" and door.shows), f"{caller}: {answer.status_code}"
            assert answer.status_code in (200, 409), f"{caller}: {answer.text}"
            assert door.shows is None or not door.shows(target, answer.json()), f"{caller}: {answer.text}"
            continue
        assert answer.status_code == 403, f"{caller}: {answer.status_code} {answer.text}"
        assert set(answer.json()) == {"message"}, caller
    assert await looks(house, target) == before
    assert await said_by(house, doing) == 0


@pytest.mark.parametrize("route", ACCESS)
async def test_who_may_is_let_through(house: House, standing: dict[str, Target], route: str) -> None:
    door, method = DOORS[route], route.split()[0]
    target = standing[door.state]
    if method != "GET" or door.state == "in_progress":
        target = await made(house, door.state, booked=door.booked, spare=target.spare)
    if door.paid:
        await house.does("admin", "PUT", f"/payments/{target.payment_id}/process", **records.money(5))
    done = 0
    for caller in callers():
        if not caller.may(ACCESS[route]):
            continue
        answer = await asked(house, door, target, caller, method, "allowed")
        # What the first one did, the next one can't do again; but they were let as far as that.
        passed = (200, 201) if method == "GET" else (200, 201, 404, 409)
        assert answer.status_code in passed, f"{caller}: {answer.status_code} {answer.text}"
        if answer.status_code in (200, 201):
            done += 1
            assert door.shows is None or door.shows(target, answer.json()), f"{caller}: {answer.text}"
    assert done > 0, route


async def test_nobody_gets_through_any_door_without_a_token_that_counts(
    house: House, standing: dict[str, Target]
) -> None:
    target = standing["waiting"]
    doing = f"nobody {house.number()}"
    bad = [
        None,
        "nonsense",
        token(Role.ADMIN, clinics="*", sub=doing, ttl=-60),
        token(Role.ADMIN, clinics="*", sub=doing, type="refresh"),
        token(Role.RECEPTIONIST, clinics="*", sub=doing),
        token(Role.ADMIN, clinics="*", sub=doing)[:-4] + "AAAA",
    ]
    for route, door in DOORS.items():
        body = None if door.body is None else door.body(target, Role.ADMIN)
        for bearer in bad:
            headers = {"Authorization": "" if bearer is None else f"Bearer {bearer}"}
            answer = await house.client("admin").request(
                route.split()[0], door.path(target), json=body, headers=headers
            )
            assert answer.status_code == 401, f"{route}: {answer.status_code}"
    assert await said_by(house, doing) == 0


async def test_a_doctors_counts_are_of_own_visits(house: House) -> None:
    await house.walks_in()
    day = f"/dashboard/stats?clinic_id={CLINIC}"
    mine, colleagues = await house.sees("doctor 1", day), await house.sees("doctor 2", day)
    assert mine["visits"]["total"] > 0
    assert colleagues["visits"]["total"] == colleagues["appointments"]["total"] == 0
