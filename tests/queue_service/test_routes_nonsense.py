"""Nonsense over HTTP: whatever is sent is answered with what is wrong, never with a 500."""

import json
from typing import Any

import pytest

from queue_service.access import ACCESS
from tests.queue_service.clinic import Clinic, Json

NONSENSE: list[Any] = [
    None,
    "",
    "\x00",
    "word\x00",
    "\ud800",
    "9" * 400,
    10**30,
    2**53,
    2**63,
    -1,
    0,
    1.5,
    True,
    [],
    [1],
    {},
    {"a": {"b": []}},
    "0001-01-01",
    "9999-12-31",
    "9999-12-31T23:59:59-14:00",
    "2026-13-45",
]

BODIES: dict[str, Json] = {
    "POST /queue/checkin": {"appointment_id": 1005},
    "POST /visits/check-in": {"appointment_id": 1005},
    "POST /queue/walkin": {
        "patient_id": 6,
        "clinic_id": 1,
        "doctor_id": 2,
        "service_id": 3,
        "priority": 0,
        "notes": "",
    },
    "POST /queue/call": {"visit_id": 5, "clinic_id": 1, "doctor_id": 2},
    "POST /queue/complete": {"visit_id": 5, "notes": ""},
    "POST /queue/cancel": {"visit_id": 5, "reason": ""},
    "PUT /queue/reorder": {"visit_id": 5, "new_position": 1},
    "POST /queue/phases/move": {
        "visit_id": 5,
        "appointment_id": 6,
        "from_phase": "waiting",
        "to_phase": "completed",
        "notes": "",
    },
    "PUT /visits/{visit_id}/status": {"status": "called", "reason": "", "notes": ""},
    "POST /appointments/current/complete": {"notes": ""},
}

QUERIES = {
    "GET /queue/clinic/{clinic_id}": ("start_date", "end_date"),
    "GET /queue/doctor/{doctor_id}": ("start_date", "end_date"),
    "GET /queue/phases/{clinic_id}": ("date", "doctor_id"),
    "GET /queue/statistics/{clinic_id}": ("date",),
    "GET /queue/upcoming": ("date", "clinic_id"),
    "GET /queue/appointments": ("date", "clinic_id"),
    "GET /visits": (
        "clinic_id",
        "doctor_id",
        "patient_id",
        "status",
        "date",
        "start_date",
        "page",
        "per_page",
    ),
    "GET /visits/queue": ("clinic_id", "doctor_id"),
    "GET /dashboard/stats": ("clinic_id", "date"),
    "GET /dashboard/notifications": ("clinic_id",),
}

# Of the two databases the one that refuses more: NUL characters, and numbers beyond 64 bits.
pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def path_of(route: str, number: str = "1") -> str:
    """A route's path with this number in it."""
    path = route.split()[1]
    for name in ("{clinic_id}", "{doctor_id}", "{visit_id}"):
        path = path.replace(name, number)
    return path


async def send(clinic: Clinic, route: str, path: str, content: bytes | None = None) -> None:
    """Send this to a route, as one who may; it is answered with a message, or done."""
    who = clinic.doctor if "/current" in route else clinic.admin
    headers = {} if content is None else {"Content-Type": "application/json"}
    answer = await who.request(route.split()[0], path, content=content, headers=headers)
    assert answer.status_code < 500, (path, content, answer.text)
    assert answer.is_success or answer.is_redirect or answer.json()["message"]


async def test_a_field_that_is_nonsense_does_no_harm(clinic: Clinic) -> None:
    await clinic.book(5)
    for route, body in BODIES.items():
        for name in body:
            for nonsense in NONSENSE:
                content = json.dumps(body | {name: nonsense}).encode()
                await send(clinic, route, path_of(route), content)


CONTENTS = (None, b"", b"null", b"[]", b"{}", b"7", b'"word"', b"{", b"\xff\xfe", b"[" * 10_000)


async def test_a_body_that_is_nonsense_does_no_harm(clinic: Clinic) -> None:
    for route in ACCESS:
        if not route.startswith("GET"):
            for content in (
                None,
                b"",
                b"null",
                b"[]",
                b"{}",
                b"7",
                b'"word"',
                b"{",
                b"\xff\xfe",
                b"[" * 10_000,
            ):
                await send(clinic, route, path_of(route), content)


WORDS = (
    *("", "%00", "word", "%ED%A0%80", "%2F..%2F"),
    *("-1", "0", "1.5", str(2**53), str(2**63), "9" * 400),
    *("0001-01-01", "9999-12-31", "9999-12-31T23:59:59-14:00"),
)


async def test_an_address_that_is_nonsense_does_no_harm(clinic: Clinic) -> None:
    for route in ACCESS:
        for word in WORDS:
            if "{" in route:
                await send(clinic, route, path_of(route, word))
            for name in QUERIES.get(route, ()):
                await send(clinic, route, f"{path_of(route)}?{name}={word}")


async def test_a_header_that_is_nonsense_does_no_harm(clinic: Clinic) -> None:
    body = {"clinic_id": 1, "doctor_id": 2}
    for name in (b"Idempotency-Key", b"If-Match", b"If-None-Match"):
        for value in (b"", b"x" * 500, b'"', b"9" * 20, b"\xe9\xff"):
            headers = {name: value}
            for answer in (
                await clinic.admin.post("/queue/call", json=body, headers=headers),
                await clinic.admin.get("/queue/clinic/1", headers=headers),
            ):
                assert answer.status_code < 500, (name, value, answer.text)
