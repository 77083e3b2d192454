"""What a bridge keeps of what it was asked and told is bounded, however many different things that were."""

import subprocess
import sys

import pytest
from nats.aio.client import Client

from contracts.catalogue import DoctorChanged
from contracts.identity import Role
from contracts.queue import BoardUpdated
from socket_bridge import doctors as where
from socket_bridge import snapshots as pictures
from socket_bridge.doctors import Doctors
from tests.builders import doctor, example
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import Stage, served

BOUND, MANY = 20, 300


async def test_rooms_that_somebody_joined_are_forgotten_once_others_were_joined(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "KEPT", BOUND)
    await stage.answer()
    await stage.publish(example(BoardUpdated))
    patient = {"messages_at_once": MANY * 2}
    async with (
        served(stage.settings("bridge", **patient)) as house,
        Raw(house.url, {"token": token(Role.ADMIN, clinics="*")}) as admin,
    ):
        for number in range(2, MANY):
            assert (await admin.call("join_board_room", {"clinic_id": number}))["ok"] is True
            await stage.publish(example(BoardUpdated, clinic_id=number), rooms=(f"board_{number}",))
        await house.reached(stage.last)
        board = house.bridge._switchboard
        assert board is not None
        kept = board._snapshots
        assert len(kept._wanted) == len(kept._passed) == BOUND
        assert len(kept._last) <= BOUND
        assert len(kept._none) <= BOUND
        # And what was forgotten is read again.
        admin.forget()
        assert (await admin.call("join_board_room", {"clinic_id": 1}))["ok"] is True
        assert (await admin.event("board_updated"))[0]["clinic_id"] == 1
        assert (await admin.call("leave_board_room", {"clinic_id": 7}))["ok"] is True
        assert (await admin.call("join_board_room", {"clinic_id": 7}))["ok"] is True
        assert (await admin.event("board_updated"))[0]["clinic_id"] == 7


def test_doctors_that_changed_are_forgotten_once_others_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(where, "KEPT", BOUND)
    known = Doctors(Client())
    for number in range(1, MANY):
        known.changed(example(DoctorChanged, doctor=doctor(id=number)), 1)
    assert len(known._known) == BOUND


def test_garbage_that_lived_for_a_while_is_found_before_there_is_much_of_it() -> None:
    # In a process of its own: here a look at all would be at everything that the tests have loaded.
    made = """if True:
        import gc
        from collections import deque
        from socket_bridge.garbage import collect_seldom, set_aside

        collect_seldom()
        set_aside()
        lately, most = deque(maxlen=50_000), 0
        for number in range(1_000_000):
            held = []
            held.append(held)
            lately.append(held)
            if number % 50_000 == 0:
                most = max(most, len(gc.get_objects()))
        print(most)
    """
    told = subprocess.run([sys.executable, "-c", made], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 800_000
