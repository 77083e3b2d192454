"""The Python line to the bridge, and the bridge: what it missed is there when it comes back."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from chassis.listening import Gap, Heard, Line, listening
from contracts import DoctorQueueUpdated, PatientUpdated, QueueUpdated, VisitCancelled, VisitStatusChanged
from contracts.identity import Role
from contracts.screen import Refused, Room
from tests.builders import example
from tests.cable import Cable, cable
from tests.parts import token
from tests.socket_bridge.stage import LIMIT, House, Stage, served

ROOMS = (Room.of_clinic(1), Room.of_doctor(2))


@pytest.fixture
def direct_wire() -> bool:
    """One way is enough here: what goes over the wire is the same in both."""
    return True


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tries to come back without a pause that a test would wait for."""
    monkeypatch.setattr("chassis.listening.PAUSE", 0.02)


@pytest.fixture
async def line_to(house: House) -> AsyncIterator[Cable]:
    async with cable(house.port) as one:
        yield one


async def changes(stage: Stage, numbers: range) -> None:
    """Publish a numbered event for each, and at the end one of two rooms and one of all staff."""
    for number in numbers:
        await stage.publish(example(VisitCancelled, reason=str(number)))
        await stage.publish(example(QueueUpdated))
        await stage.publish(example(DoctorQueueUpdated))
    await stage.publish(example(VisitStatusChanged))
    await stage.publish(example(PatientUpdated), rev=None)


async def until(line: Line, reason: str) -> list[Heard | Gap | Refused]:
    """What it hears up to the cancelled visit with this reason, but for the pictures at the start."""
    heard: list[Heard | Gap | Refused] = []
    async with asyncio.timeout(LIMIT):
        async for one in line:
            match one:
                case Heard(event=VisitCancelled(reason=given)) if given == reason:
                    return heard
            heard.append(one)
    return heard


def numbers(heard: list[Heard | Gap | Refused]) -> list[str | None]:
    """The numbers that came."""
    found = []
    for one in heard:
        match one:
            case Heard(event=VisitCancelled(reason=reason)):
                found.append(reason)
    return found


async def state(line: Line, wanted: str) -> None:
    """Wait for a state that lasts."""
    async with asyncio.timeout(LIMIT):
        while line.state != wanted:  # noqa: ASYNC110  # as a monitor does
            await asyncio.sleep(0.005)


async def test_events_come_as_the_contracts_have_them(stage: Stage, house: House) -> None:
    async with listening(house.url, token(Role.RECEPTIONIST), *ROOMS) as line:
        assert line.state == "live"
        seq = await stage.publish(example(VisitStatusChanged))
        await stage.publish(example(VisitCancelled, reason="end"))
        heard = [one for one in await until(line, "end") if isinstance(one, Heard)]
        assert [type(one.event) for one in heard] == [QueueUpdated, DoctorQueueUpdated, VisitStatusChanged]
        assert heard[2].event == example(VisitStatusChanged)
        assert heard[2].stamp.seq == seq
        assert heard[2].stamp.rev == 7


async def test_what_was_missed_comes_once_and_in_order(stage: Stage, house: House, line_to: Cable) -> None:
    async with listening(line_to.url, token(Role.RECEPTIONIST), *ROOMS) as line:
        line_to.pull()
        await state(line, "offline")
        await changes(stage, range(30))
        await house.reached(stage.last)
        line_to.mend()
        await state(line, "live")
        await stage.publish(example(VisitCancelled, reason="newer"))
        heard = await until(line, "newer")
        assert numbers(heard) == [str(number) for number in range(30)]
        names = [one.name for one in heard if isinstance(one, Heard)]
        # The two pictures at the start, and of those that were missed the last.
        assert names.count("queue_updated") == 4
        assert names.count("visit_status_changed") == 1
        assert names.count("patient_updated") == 1
        assert Gap() not in heard


async def test_a_line_cut_again_and_again_hears_everything_once(
    stage: Stage, house: House, line_to: Cable
) -> None:
    async with listening(line_to.url, token(Role.RECEPTIONIST), *ROOMS) as line:
        for start in range(0, 150, 30):
            publishing = asyncio.create_task(changes(stage, range(start, start + 30)))
            line_to.pull()
            await state(line, "offline")
            line_to.mend()
            await publishing
            await state(line, "live")
        await stage.publish(example(VisitCancelled, reason="last"))
        heard = await until(line, "last")
        assert numbers(heard) == [str(number) for number in range(150)]
        assert Gap() not in heard


async def test_what_was_missed_for_good_is_said(stage: Stage) -> None:
    await stage.answer()
    async with (
        served(stage.settings("bridge", replay_limit=10)) as house,
        cable(house.port) as wire,
        listening(wire.url, token(Role.RECEPTIONIST), *ROOMS) as line,
    ):
        wire.pull()
        await state(line, "offline")
        await changes(stage, range(30))
        await house.reached(stage.last)
        wire.mend()
        await state(line, "live")
        await stage.publish(example(VisitCancelled, reason="newer"))
        heard = await until(line, "newer")
        assert numbers(heard) == []
        assert heard.count(Gap()) == 1
        assert sum(isinstance(one, Heard) and one.name == "queue_updated" for one in heard) == 4


async def test_a_restarted_bridge_is_found_and_nothing_is_missed(stage: Stage) -> None:
    await stage.answer()
    async with (
        served(stage.settings("bridge")) as first,
        cable(first.port) as wire,
        listening(wire.url, token(Role.RECEPTIONIST), *ROOMS) as line,
    ):
        wire.pull()
        await state(line, "offline")
        await changes(stage, range(30))
        async with served(stage.settings("bridge")) as second:
            wire.mend(second.port)
            await state(line, "live")
            await stage.publish(example(VisitCancelled, reason="newer"))
            heard = await until(line, "newer")
            assert numbers(heard) == [str(number) for number in range(30)]
            assert Gap() not in heard


async def test_a_consumer_that_falls_behind_is_waited_for_and_misses_nothing(
    stage: Stage, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.listening.WAITING", 20)
    async with listening(house.url, token(Role.RECEPTIONIST), *ROOMS) as line:
        await changes(stage, range(100))
        await state(line, "offline")
        await stage.publish(example(VisitCancelled, reason="last"))
        heard = await until(line, "last")
        assert numbers(heard) == [str(number) for number in range(100)]
        assert Gap() not in heard


async def test_a_fresh_token_is_asked_for_at_each_connection(house: House, line_to: Cable) -> None:
    asked = count(1)
    given: list[int] = []

    async def fresh() -> str:
        given.append(next(asked))
        return token(Role.RECEPTIONIST)

    async with listening(line_to.url, fresh, *ROOMS) as line:
        line_to.pull()
        await state(line, "offline")
        line_to.mend()
        await state(line, "live")
    assert len(given) >= 2


async def test_a_token_that_does_not_count_is_an_error_at_the_start(house: House) -> None:
    with pytest.raises(ConnectionError, match="Invalid authentication"):
        async with listening(house.url, "nonsense", *ROOMS):
            pass


async def test_a_room_that_is_refused_is_said(house: House) -> None:
    async with listening(house.url, token(Role.RECEPTIONIST), Room.of_clinic(99)) as line:
        async with asyncio.timeout(LIMIT):
            assert await anext(aiter(line)) == Refused(message="You may not join this room")
