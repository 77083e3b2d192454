"""Anything malformed gets a clear refusal, at every route and at the socket, and changes nothing."""

import json
import re
from collections import Counter

import pytest

from tests.flows.house import House
from tests.flows.test_access import ACCESS

pytestmark = pytest.mark.asyncio(loop_scope="module")

IDS = (
    "0",
    "-1",
    "999999999",
    "9007199254740992",
    "9223372036854775808",
    "1e3",
    "abc",
    "%00",
    "%D9%A1",
    "1.5",
)
"""None is anybody's; some are none at all."""

VALUES: tuple[object, ...] = (
    None,
    -1,
    0,
    2**53,
    2**63,
    2**200,
    1.5,
    True,
    "",
    "x" * 5000,
    "\0",
    "\ud800",
    [],
    {},
    [[]],
    "1; --",
)
FIELDS = (
    "visit_id",
    "appointment_id",
    "patient_id",
    "clinic_id",
    "doctor_id",
    "service_id",
    "name",
    "phone",
    "notes",
    "reason",
    "status",
    "start_time",
    "booking_source",
    "new_position",
    "priority",
    "from_phase",
    "to_phase",
    "amount_paid",
    "discount_amount",
    "payment_method",
    "price",
    "duration",
    "working_days",
    "working_hours",
    "share_percentage",
    "time_zone",
    "jti",
    "sub",
    "expires_at",
    "age",
    "gender",
)
BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"text"',
    b"17",
    b"\xff\xfe",
    b"{}",
    b'{"visit_id": NaN}',
    b"[" * 3000,
    *(json.dumps(dict.fromkeys(FIELDS, value)).encode() for value in VALUES),
)
QUERY = (
    "page=0",
    "page=9999999999999999999999",
    "per_page=101",
    "per_page=-1",
    "date=0001-01-01",
    "date=9999-12-31",
    "date=today",
    "start_date=9999-12-31&end_date=0001-01-01",
    "clinic_id=9223372036854775808",
    "clinic_id=",
    "clinic_id=1&doctor_id=1&date=9999-12-31",
    "status=%00",
    "name=%00&phone=%00",
    "q=%00%00",
    "q=%25%25",
    "visit_id=abc",
)


async def refuses(house: House, method: str, path: str, body: bytes | None = None) -> int:
    answer = await house.client("admin").request(
        method, path, content=body, headers={"Content-Type": "application/json"} if body is not None else None
    )
    told = f"{method} {path} {(body or b'')[:80]!r}: {answer.status_code} {answer.text[:200]}"
    assert answer.status_code < 500, told
    if answer.status_code >= 400:
        assert answer.json()["message"], told
    return answer.status_code


def with_id(path: str, id: str) -> str:
    return re.sub(r"\{[^}]*\}", id, path)


async def test_no_id_makes_a_route_fail(house: House) -> None:
    for route in ACCESS:
        method, path = route.split()
        if "{" in path:
            for id in IDS:
                await refuses(house, method, with_id(path, id), b"{}" if method != "GET" else None)


async def test_no_body_makes_a_route_fail(house: House) -> None:
    before = house.log.last
    for route in ACCESS:
        method, path = route.split()
        if method in ("POST", "PUT"):
            statuses = Counter([await refuses(house, method, with_id(path, "999999999"), b) for b in BODIES])
            assert not {200, 201} & statuses.keys(), f"{route}: {statuses}"
    last = await house.marker()
    assert not [one.event for one in house.log.entries if before < one.seq < last.seq]


async def test_no_query_makes_a_list_fail(house: House) -> None:
    for route in ACCESS:
        method, path = route.split()
        if method == "GET":
            for query in QUERY:
                await refuses(house, method, f"{with_id(path, '1')}?{query}")


async def test_no_header_makes_a_route_fail(house: House) -> None:
    admin = house.client("admin")
    visit = (await house.walks_in()).visit
    for name, value in (
        ("If-Match", "abc"),
        ("If-Match", "-1"),
        ("If-Match", "9" * 50),
        ("Idempotency-Key", ""),
        ("Idempotency-Key", "x" * 5000),
        ("If-None-Match", "x" * 5000),
        ("Authorization", "Bearer"),
        ("Authorization", "Basic eDp5"),
        ("Content-Type", "text/plain"),
    ):
        body = {"visit_id": visit.id}
        answer = await admin.post("/queue/call", json=body, headers={name: value})
        assert answer.status_code < 500, (name, value[:20])
        queue = await admin.get("/queue/clinic/1", headers={name: value})
        assert queue.status_code < 500, (name, value[:20])


async def test_the_screens_are_none_the_wiser(house: House) -> None:
    last = await house.marker()
    await house.all_screens_agree(last.seq)
