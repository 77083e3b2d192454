"""Every event, from each HTTP change that causes it: on the stream, at exactly its audience, in order."""

import json
from datetime import timedelta

import pytest

from contracts import (
    EVENTS,
    AppointmentUpdated,
    DoctorPhasesUpdated,
    DoctorQueueUpdated,
    Event,
    PhasesUpdated,
    QueueUpdated,
    encode,
)
from contracts.event import Process
from tests.flows.changes import appointments
from tests.flows.house import CLINIC, DOCTOR, Answer, House
from tests.flows.log import Entry
from tests.flows.triggers import TRIGGERS, Trigger, follows
from tests.others import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOWN = timedelta(seconds=1)
"""When a change has to be in the picture: 50 ms are promised (http.md), the rest is a busy machine's."""

CAUSED: dict[Trigger, list[type[Event]]] = {}
"""What each change causes."""
for _event, _triggers in TRIGGERS.items():
    for _trigger in _triggers:
        CAUSED.setdefault(_trigger, []).append(_event)


async def test_every_event_has_a_trigger() -> None:
    assert TRIGGERS.keys() == set(EVENTS)
    assert all(TRIGGERS.values())


@pytest.mark.parametrize("trigger", [pytest.param(trigger, id=trigger.__doc__) for trigger in CAUSED])
async def test_a_change_tells_its_audience_and_nobody_else(house: House, trigger: Trigger) -> None:
    await make(house, trigger)


async def make(house: House, trigger: Trigger) -> None:
    """Make the change, and hold everything that it causes to every law."""
    done = await trigger(house)
    told = {kind: await _told(house, kind, done) for kind in CAUSED[trigger]}
    for kind, entry in told.items():
        also = kind is AppointmentUpdated and trigger is appointments.moves_to_another_doctor
        beyond = entry.rooms - set(entry.event.audience())
        assert beyond == ({f"doctor_{DOCTOR}"} if also else set()), "told in another room"
        if kind.owner is Process.QUEUE and not kind.snapshot:
            await _shown_after(house, entry, QueueUpdated)
            if "doctor_{doctor_id}" in kind.rooms:
                await _shown_after(house, entry, DoctorQueueUpdated)
    last = max(told.values(), key=lambda entry: entry.seq)
    if any(not entry.rooms for entry in told.values()):
        # Nothing of it may have come to a screen before what came after it.
        last = await house.marker()
    await house.all_screens_agree(last.seq)


async def _told(house: House, kind: type[Event], done: Answer) -> Entry:
    try:
        return await house.log.wait_for(
            lambda one: isinstance(one.event, kind) and follows(one.event, done), done.since
        )
    except TimeoutError:
        since = [one.event for one in house.log.entries if one.seq > done.since]
        others = "\n".join(repr(event) for event in since if isinstance(event, kind))
        names = [type(event).__name__ for event in since]
        raise AssertionError(f"no {kind.__name__} of {done.body}\nsince {names}\nothers: {others}") from None


async def _shown_after(
    house: House, told: Entry, picture: type[QueueUpdated] | type[DoctorQueueUpdated]
) -> None:
    """The first picture that holds a change comes after the change's own event, and soon."""
    of = {"clinic_id": CLINIC}
    if picture is DoctorQueueUpdated:
        of["doctor_id"] = getattr(told.event, "doctor_id", DOCTOR)
    revision = told.rev or 0

    def holds(one: Entry) -> bool:
        ours = isinstance(one.event, picture) and all(getattr(one.event, n) == of[n] for n in of)
        return ours and (one.rev or 0) >= revision

    shown = await house.log.wait_for(holds)
    assert shown.seq > told.seq, f"{picture.__name__} shows {type(told.event).__name__} before it is told"
    assert shown.stored - told.stored <= SHOWN


async def test_a_call_and_a_start_by_their_own_routes_send_no_phases(house: House) -> None:
    visit = (await house.walks_in()).visit
    # The patient's bill belongs to the walk-in, not to what follows.
    await house.payment_of(visit)
    await house.frees_the_doctor()
    since = (await house.marker()).seq
    await house.does("reception", "POST", "/queue/call", visit_id=visit.id)
    started = await house.does("doctor 1", "POST", "/queue/start", visit_id=visit.id)
    await house.log.until(QueueUpdated, lambda event: follows(event, started), since)
    last = await house.marker()
    between = [one.event for one in house.log.entries if since < one.seq < last.seq]
    assert not [one for one in between if isinstance(one, PhasesUpdated | DoctorPhasesUpdated)]


async def test_the_newest_pictures_are_what_is_answered(house: House) -> None:
    await house.walks_in()
    queue = await house.sees("reception", f"/queue/clinic/{CLINIC}")
    doctors = await house.sees("doctor 1", f"/queue/doctor/{DOCTOR}")
    await house.log.until(QueueUpdated, lambda event: json.loads(encode(event)) == queue)
    await house.log.until(DoctorQueueUpdated, lambda event: json.loads(encode(event)) == doctors)


async def test_no_screen_has_more_than_the_stream_holds_for_it(house: House) -> None:
    last = await house.marker()
    await house.all_screens_agree(last.seq)

    async def all_even() -> bool:
        return all(screen.has(house.log, house.log.last) for screen in house.screens.values())

    await until(all_even)  # a picture may be on its way yet
    for name, screen in house.screens.items():
        assert screen.got(), f"{name} got nothing at all"
