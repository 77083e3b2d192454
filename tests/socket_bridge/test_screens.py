"""The dashboard's line to the bridge, and the bridge: what a screen missed is there when it comes back."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from contracts import DoctorQueueUpdated, PatientUpdated, QueueUpdated, VisitCancelled, VisitStatusChanged
from contracts.identity import Role
from tests import node
from tests.builders import example
from tests.cable import cable
from tests.parts import token
from tests.socket_bridge.stage import LIMIT, House, Stage, served

ROOT = Path(__file__).parent.parent.parent


class Screen:
    """A `Realtime` in Node; `told` is everything it told."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.told: list[dict[str, Any]] = []
        self._process = process

    async def join(self, kind: str, number: int) -> None:
        """Join a room."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"kind": kind, "id": number}).encode() + b"\n")

    async def until(self, what: str, wanted: object) -> dict[str, Any]:
        """The next that it tells with this in it."""
        assert self._process.stdout
        async with asyncio.timeout(LIMIT):
            while True:
                told = json.loads(await self._process.stdout.readline())
                self.told.append(told)
                if told.get(what) == wanted:
                    return dict(told)

    def numbers(self) -> list[str]:
        """The numbers of the cancelled visits that it heard of."""
        return [told["payload"]["reason"] for told in self.told if told.get("event") == "visit_cancelled"]

    def events(self) -> list[str]:
        """The names of what it heard."""
        return [told["event"] for told in self.told if "event" in told]


@pytest.fixture
def direct_wire() -> bool:
    """One way is enough here: what goes over the wire is the same in both."""
    return True


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The line to the bridge as one file that Node runs."""
    dashboard = node.installed(ROOT / "dashboard")
    made = tmp_path_factory.mktemp("screen") / "screen.mjs"
    options = ("--platform", "node", "--format", "esm", "--file", made)
    done = dashboard.run("rolldown", ROOT / "tests/dashboard/screen.ts", *options)
    assert done.returncode == 0, done.stderr
    return made


@asynccontextmanager
async def screen(program: Path, url: str) -> AsyncIterator[Screen]:
    """A receptionist's screen of clinic 1 and doctor 2, live."""
    node_program = shutil.which("node", path=node.PATH)
    assert node_program
    process = await asyncio.create_subprocess_exec(
        node_program,
        program,
        url,
        token(Role.RECEPTIONIST),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**22,
    )
    one = Screen(process)
    try:
        await one.join("clinic", 1)
        await one.join("doctor", 2)
        await one.until("state", "live")
        yield one
    finally:
        assert process.stdin
        process.stdin.close()
        await process.wait()


async def changes(stage: Stage, numbers: range) -> None:
    """Publish a numbered event for each, and at the end one of two rooms and one of all staff."""
    for number in numbers:
        await stage.publish(example(VisitCancelled, reason=str(number)))
        await stage.publish(example(QueueUpdated))
        await stage.publish(example(DoctorQueueUpdated))
    await stage.publish(example(VisitStatusChanged))
    await stage.publish(example(PatientUpdated), rev=None)


async def test_a_screen_that_was_cut_off_gets_exactly_what_it_missed(
    program: Path, stage: Stage, house: House
) -> None:
    async with cable(house.port) as line, screen(program, line.url) as one:
        line.pull()
        await one.until("state", "offline")
        one.told.clear()
        await changes(stage, range(30))
        await house.reached(stage.last)
        line.mend()
        await one.until("state", "live")
        await stage.publish(example(VisitCancelled, reason="newer"))
        await one.until("event", "visit_cancelled")
        assert one.numbers() == [*map(str, range(30)), "newer"]
        assert {name: one.events().count(name) for name in ("visit_status_changed", "patient_updated")} == {
            "visit_status_changed": 1,
            "patient_updated": 1,
        }
        # Of pictures the stream keeps the last.
        assert one.events().count("queue_updated") == 2
        assert not any("gap" in told for told in one.told)


async def test_a_screen_cut_off_again_and_again_hears_everything_once(
    program: Path, stage: Stage, house: House
) -> None:
    async with cable(house.port) as line, screen(program, line.url) as one:
        for start in range(0, 150, 30):
            publishing = asyncio.create_task(changes(stage, range(start, start + 30)))
            line.pull()
            await one.until("state", "offline")
            line.mend()
            await publishing
            await one.until("state", "live")
        await stage.publish(example(VisitCancelled, reason="last"))
        while "last" not in one.numbers():
            await one.until("event", "visit_cancelled")
        assert one.numbers() == [*map(str, range(150)), "last"]
        assert one.events().count("visit_status_changed") == 5
        assert one.events().count("patient_updated") == 5


async def test_a_screen_finds_a_restarted_bridge_and_misses_nothing(program: Path, stage: Stage) -> None:
    await stage.answer()
    async with (
        served(stage.settings("bridge")) as first,
        cable(first.port) as line,
        screen(program, line.url) as one,
    ):
        line.pull()
        await one.until("state", "offline")
        one.told.clear()
        await changes(stage, range(30))
        async with served(stage.settings("bridge")) as second:
            line.mend(second.port)
            await one.until("state", "live")
            await stage.publish(example(VisitCancelled, reason="newer"))
            await one.until("event", "visit_cancelled")
            assert one.numbers() == [*map(str, range(30)), "newer"]
            assert not any("gap" in told for told in one.told)


async def test_a_screen_that_missed_too_much_says_so_and_shows_the_last_picture(
    program: Path, stage: Stage
) -> None:
    await stage.answer()
    async with (
        served(stage.settings("bridge", replay_limit=10)) as house,
        cable(house.port) as line,
        screen(program, line.url) as one,
    ):
        line.pull()
        await one.until("state", "offline")
        one.told.clear()
        await changes(stage, range(30))
        await house.reached(stage.last)
        line.mend()
        await one.until("state", "live")
        assert one.numbers() == []
        assert sum("gap" in told for told in one.told) == 1
        assert one.events().count("queue_updated") == 2
        await stage.publish(example(VisitCancelled, reason="newer"))
        await one.until("event", "visit_cancelled")
        assert one.numbers() == ["newer"]
