"""A whole day before the screens on the wall: every frame that comes to them is searched for every person."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.launcher.processes import run
from tests.launcher.test_day import A_DAY, HILLSIDE, installation
from tests.socket_bridge.raw import Closed, Raw

ALLOWED = {"connected", "board_updated", "bridge_status", "error"}
"""What a screen on the wall may ever hear: the board, how the line is, and what it is refused."""

TRANSPORTS = ("websocket", "polling")


@asynccontextmanager
async def listening(base: str, token: str, transport: str) -> AsyncIterator[Raw]:
    """A screen in every room that it is let into, which keeps every frame."""
    async with Raw(base, {"token": token, "cursor": True}, transport=transport) as one:
        await one.event("connected")
        for message, room in (
            ("join_board_room", {"clinic_id": HILLSIDE}),
            ("join_queue_room", {"clinic_id": HILLSIDE}),
            ("join_doctor_room", {"doctor_id": 3}),
        ):
            await one.call(message, room)
        reading = asyncio.create_task(_read(one))
        yield one
        reading.cancel()
        await asyncio.wait((reading,))


async def _read(one: Raw) -> None:
    try:
        while True:
            await one._more()
    except Closed:
        raise AssertionError("the server ended the connection") from None


async def _all(http: httpx.AsyncClient, path: str, noun: str) -> list[dict[str, Any]]:
    """Every page of a list."""
    found: list[dict[str, Any]] = []
    while True:
        query = {"per_page": 100, "page": len(found) // 100 + 1}
        page = (await http.get(path, params=query)).json()[noun]
        found += page
        if len(page) < 100:
            return found


async def _known(base: str, token: str) -> set[str]:
    """Patterns of every name, phone, address, id and amount that the installation knows."""
    async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {token}"}) as http:
        patients = await _all(http, "/patients", "patients")
        payments = await _all(http, "/payments", "payments")
        visits = (await http.get("/visits", params={"per_page": 100})).json()["visits"]
        doctors = (await http.get("/doctors")).json()["doctors"]
    told = {word for one in (*patients, *doctors) for word in re.findall(r"\w{4,}", one["name"])}
    told |= {one[field] for one in patients for field in ("phone", "address") if one[field]}
    # The demo's own are small numbers, as tickets are: of those the shape of the payload speaks.
    ids = {one[field] for one in payments for field in ("id", "visit_id", "patient_id")}
    ids |= {one["id"] for one in (*patients, *visits)}
    told |= {str(number) for number in ids if number > 10**9}
    amounts = ("total_amount", "amount_paid", "remaining_amount", "doctor_share", "center_share")
    told = set(map(re.escape, told))
    # Not in the seconds of a time.
    told |= {rf"(?<![\d:.]){one[field]:.1f}" for one in payments for field in amounts if one[field]}
    assert len(told) > 200
    return told


async def test_a_whole_day_tells_the_screens_on_the_wall_nothing_about_anybody(tmp_path: Path) -> None:
    async with installation(tmp_path) as (base, admin):
        wall = await run("token", "--role", "display", "--clinic", str(HILLSIDE), "--data", tmp_path)
        desk = await run("token", "--role", "receptionist", "--clinic", str(HILLSIDE), "--data", tmp_path)
        async with (
            listening(base, wall.out.strip(), TRANSPORTS[0]) as one,
            listening(base, wall.out.strip(), TRANSPORTS[1]) as two,
            listening(base, desk.out.strip(), TRANSPORTS[0]) as control,
        ):
            command = ("day", "--base", base, "--clinic", str(HILLSIDE), "--data", tmp_path)
            played = await run(*command, "--seed", "6", "--speed", "0", limit=A_DAY)
            assert played.code == 0, played.out + played.err
            known = re.compile("|".join(sorted(await _known(base, admin))))
        assert known.search("\n".join(control.packets)), "the search finds nobody where everybody is"
        for screen in (one, two):
            _tells_only_tickets(screen)
            for packet in screen.packets:
                assert not (found := known.search(packet)), f"{found} in {packet}"


def _tells_only_tickets(screen: Raw) -> None:
    names = [name for name, _ in screen.events()]
    assert set(names) <= ALLOWED
    assert names.count("error") == 2, "the rooms of the staff were not refused"
    boards = [given for name, given in screen.events() if name == "board_updated"]
    assert len(boards) > 30, "there was hardly a day"
    for told, stamp in boards:
        assert set(told) == {"clinic_id", "waiting", "called", "in_progress"}
        assert set(stamp) <= {"seq", "rev", "at", "id"}
        for line in (*told["waiting"], *told["called"], *told["in_progress"]):
            assert set(line) == {"queue_number", "room_number", "status", "called_time"}, json.dumps(line)
