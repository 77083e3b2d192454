"""Who may not, beyond the table's cells: by a second route, in a list, with the wrong method."""

import re
from collections.abc import Callable

import pytest

from chassis.access import Access
from contracts.shapes import Visit
from launcher.access import routes
from launcher.gateway import owner
from tests.flows.house import CLINIC, DOCTOR, SECOND_DOCTOR, SERVICE, House

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEATED = False
ACCESS: Access = {route: rights for access in routes().values() for route, rights in access.items()}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
PATHS = sorted({route.split()[1] for route in ACCESS})


def concrete(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "1", path)


def taken_by(method: str, path: str) -> bool:
    """Whether some route takes this method at this address, itself or by a placeholder."""
    return any(
        re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", template), path) is not None
        for taken, template in map(str.split, ACCESS)
        if taken == method and owner(concrete(template)) == owner(path)
    )


@pytest.mark.parametrize("path", PATHS)
async def test_a_wrong_method_is_said_to_be_one(house: House, path: str) -> None:
    for prefix in ("", "/api"):
        for method in METHODS:
            if taken_by(method, concrete(path)):
                continue
            answer = await house.tries("admin", method, prefix + concrete(path))
            assert answer.status == 405, f"{method} {path}: {answer.status}"
            assert answer.body["message"]
            assert set(answer.headers["Allow"].replace(" ", "").split(",")) <= set(METHODS) | {"HEAD"}


Wanted = Callable[[Visit, int, int], tuple[str, str, dict[str, object]]]

OF_ANOTHER_CLINIC: dict[str, Wanted] = {
    "POST /queue/checkin": lambda v, a, p: ("POST", "/queue/checkin", {"appointment_id": a}),
    "POST /queue/walkin": lambda v, a, p: (
        "POST",
        "/queue/walkin",
        {"clinic_id": CLINIC, "doctor_id": DOCTOR, "service_id": SERVICE, "patient_id": 1},
    ),
    "POST /queue/call": lambda v, a, p: ("POST", "/queue/call", {"visit_id": v.id}),
    "POST /queue/call, the next": lambda v, a, p: (
        "POST",
        "/queue/call",
        {"clinic_id": CLINIC, "doctor_id": DOCTOR},
    ),
    "POST /queue/cancel": lambda v, a, p: ("POST", "/queue/cancel", {"visit_id": v.id}),
    "POST /queue/skip": lambda v, a, p: ("POST", "/queue/skip", {"visit_id": v.id}),
    "PUT /queue/reorder": lambda v, a, p: ("PUT", "/queue/reorder", {"visit_id": v.id, "new_position": 1}),
    "POST /queue/phases/move": lambda v, a, p: (
        "POST",
        "/queue/phases/move",
        {"visit_id": v.id, "from_phase": "waiting", "to_phase": "with_doctor"},
    ),
    "PUT /visits/{id}/status": lambda v, a, p: ("PUT", f"/visits/{v.id}/status", {"status": "called"}),
    "GET /visits/{id}": lambda v, a, p: ("GET", f"/visits/{v.id}", {}),
    "GET /queue/clinic": lambda v, a, p: ("GET", f"/queue/clinic/{CLINIC}", {}),
    "GET /queue/doctor": lambda v, a, p: ("GET", f"/queue/doctor/{DOCTOR}", {}),
    "GET /queue/phases": lambda v, a, p: ("GET", f"/queue/phases/{CLINIC}", {}),
    "GET /queue/statistics": lambda v, a, p: ("GET", f"/queue/statistics/{CLINIC}", {}),
    "GET /dashboard/stats": lambda v, a, p: ("GET", f"/dashboard/stats?clinic_id={CLINIC}", {}),
    "GET /appointments/{id}": lambda v, a, p: ("GET", f"/appointments/{a}", {}),
    "PUT /appointments/{id}": lambda v, a, p: ("PUT", f"/appointments/{a}", {"notes": "Mine now"}),
    "PUT /appointments/{id} status": lambda v, a, p: ("PUT", f"/appointments/{a}", {"status": "no_show"}),
    "DELETE /appointments/{id}": lambda v, a, p: ("DELETE", f"/appointments/{a}", {}),
    "GET /clinics/{id}": lambda v, a, p: ("GET", f"/clinics/{CLINIC}", {}),
    "GET /payments/{id}": lambda v, a, p: ("GET", f"/payments/{p}", {}),
    "GET /payments/invoice": lambda v, a, p: ("GET", f"/payments/invoice/{v.id}", {}),
    "PUT /payments/{id}/process": lambda v, a, p: (
        "PUT",
        f"/payments/{p}/process",
        {"amount_paid": 1, "payment_method": "cash"},
    ),
    "POST /payments": lambda v, a, p: (
        "POST",
        "/payments",
        {"visit_id": v.id, "amount_paid": 1, "payment_method": "cash"},
    ),
}


async def test_another_clinics_desk_may_neither_see_nor_change_anything(house: House) -> None:
    visit = (await house.checks_in()).visit
    payment = int((await house.payment_of(visit))["id"])
    assert visit.appointment_id
    for name, wanted in OF_ANOTHER_CLINIC.items():
        method, path, body = wanted(visit, visit.appointment_id, payment)
        answer = await house.tries("other clinic", method, path, **body)
        assert answer.status == 403, f"{name}: {answer.status} {answer.body}"
        assert set(answer.body) <= {"message", "detail"}, f"{name} tells {set(answer.body)}"
    assert (await house.sees("reception", f"/visits/{visit.id}"))["visit"]["version"] == visit.version


async def test_a_list_holds_only_ones_own_clinics(house: House) -> None:
    visit = (await house.checks_in()).visit
    await house.payment_of(visit)
    for path, noun in (("/visits", "visits"), ("/appointments", "appointments"), ("/payments", "payments")):
        found = await house.sees("other clinic", f"{path}?per_page=100")
        assert found[noun] == [], path
        assert (await house.sees("reception", f"{path}?per_page=100"))[noun], path


async def test_another_doctors_visit_is_not_ones_own(house: House) -> None:
    visit = (await house.checks_in()).visit
    path = f"/visits/{visit.id}"
    for method, address, body in (
        ("POST", "/queue/call", {"visit_id": visit.id}),
        ("POST", "/queue/call", {"clinic_id": CLINIC, "doctor_id": DOCTOR}),
        ("POST", "/queue/start", {"visit_id": visit.id}),
        ("POST", "/queue/complete", {"visit_id": visit.id}),
        ("PUT", f"{path}/status", {"status": "called"}),
        ("GET", path, {}),
        ("GET", f"/queue/doctor/{DOCTOR}", {}),
        ("GET", f"/appointments/{visit.appointment_id}", {}),
        ("PUT", f"/appointments/{visit.appointment_id}", {"status": "completed"}),
    ):
        answer = await house.tries("doctor 2", method, address, **body)
        assert answer.status == 403, f"{method} {address}: {answer.status} {answer.body}"
    own = await house.sees("doctor 2", f"/queue/doctor/{SECOND_DOCTOR}")
    assert visit.id not in [item["id"] for item in own["waiting"]]


async def test_completing_is_the_doctors_by_every_route(house: House) -> None:
    visit = (await house.starts()).visit
    for method, path, body in (
        ("POST", "/queue/complete", {"visit_id": visit.id}),
        ("PUT", f"/visits/{visit.id}/status", {"status": "completed"}),
        ("PUT", f"/appointments/{visit.appointment_id}", {"status": "completed"}),
        (
            "POST",
            "/queue/phases/move",
            {"visit_id": visit.id, "from_phase": "with_doctor", "to_phase": "completed"},
        ),
    ):
        answer = await house.tries("reception", method, path, **body)
        assert answer.status == 403, f"{method} {path}: {answer.status}"
    assert (await house.does("admin", "POST", "/queue/complete", visit_id=visit.id)).status == 200
