"""Joins and leaves: the answers, the picture at once, the refusals."""

import json

import pytest

from contracts import (
    BoardUpdated,
    DoctorChanged,
    DoctorQueueUpdated,
    NewCheckin,
    PatientUpdated,
    QueueUpdated,
    encode,
)
from contracts.identity import Role
from contracts.questions import KnownDoctor
from tests.builders import doctor, example, queue_item
from tests.parts import token
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import House, Stage, served

EMPTY: dict[str, object] = {"waiting": [], "called": [], "in_progress": []}

JOINS = [
    ("join_queue_room", {"clinic_id": 1}, QueueUpdated, Role.RECEPTIONIST),
    ("join_doctor_room", {"doctor_id": 2}, DoctorQueueUpdated, Role.RECEPTIONIST),
    ("join_doctor_room", {"doctor_id": 2}, DoctorQueueUpdated, Role.DOCTOR),
    ("join_board_room", {"clinic_id": 1}, BoardUpdated, Role.DISPLAY),
]
JOINING = pytest.mark.parametrize(("message", "named", "picture", "role"), JOINS)


def signed(role: Role) -> dict[str, object]:
    """The auth of someone of clinic 1; a doctor is doctor 2."""
    return {"token": token(role, doctor_id=2 if role is Role.DOCTOR else None)}


@JOINING
async def test_who_joins_gets_the_last_picture_at_once(
    stage: Stage, house: House, message: str, named: dict[str, int], picture: type[QueueUpdated], role: Role
) -> None:
    seq = await stage.publish(example(picture))
    await house.reached(seq)
    async with Raw(house.url, signed(role)) as client:
        answer = await client.call(message, named)
        assert answer == {"ok": True, "epoch": answer["epoch"], "seq": seq, "recovered": False}
        assert answer["epoch"]
        shown = await client.event(picture.name())
        assert shown == [json.loads(encode(example(picture)))]


@JOINING
async def test_a_room_without_a_picture_yet_is_empty(
    house: House, message: str, named: dict[str, int], picture: type[QueueUpdated], role: Role
) -> None:
    async with Raw(house.url, signed(role)) as client:
        await client.call(message, named)
        [shown] = await client.event(picture.name())
        assert shown["clinic_id"] == 1
        assert shown.items() >= (EMPTY | named).items()


async def test_a_picture_older_than_the_bridge_is_shown(stage: Stage) -> None:
    await stage.publish(example(QueueUpdated, total=41))
    await stage.publish(example(QueueUpdated, total=42))
    async with served(stage.settings("bridge")) as house, Raw(house.url, signed(Role.CASHIER)) as client:
        await client.emit("join_queue_room", {"clinic_id": 1})
        [shown] = await client.event("queue_updated")
        assert shown["total"] == 42


async def test_the_second_to_join_gets_the_picture_that_went_by(stage: Stage, house: House) -> None:
    async with Raw(house.url, signed(Role.CASHIER)) as first, Raw(house.url, signed(Role.CASHIER)) as second:
        await first.call("join_queue_room", {"clinic_id": 1})
        await first.event("queue_updated")
        await stage.publish(example(QueueUpdated, waiting=(queue_item(),), total=1))
        await first.event("queue_updated")
        await second.emit("join_queue_room", {"clinic_id": 1})
        [shown] = await second.event("queue_updated")
        assert shown["total"] == 1


async def test_who_left_gets_nothing_more(stage: Stage, house: House) -> None:
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        await client.call("join_queue_room", {"clinic_id": 1})
        await client.event("queue_updated")
        assert await client.call("leave_queue_room", {"clinic_id": 1}) == {"ok": True}
        await stage.publish(example(NewCheckin))
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")
        assert [name for name, _ in client.events()] == ["connected", "queue_updated", "patient_updated"]


async def test_joining_twice_is_being_there_once(stage: Stage, house: House) -> None:
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        await client.call("join_queue_room", {"clinic_id": 1})
        await client.call("join_queue_room", {"clinic_id": 1})
        await stage.publish(example(NewCheckin))
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")
        assert [name for name, _ in client.events()].count("new_checkin") == 1


async def test_a_token_in_a_join_may_be_another_of_the_same_person(house: House) -> None:
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        given = {"clinic_id": 1, "token": token(Role.RECEPTIONIST)}
        assert (await client.call("join_queue_room", given))["ok"] is True
        assert (await client.call("join_queue_room", given | {"token": None}))["ok"] is True


REFUSED = [
    ("join_queue_room", (), "clinic_id is required"),
    ("join_queue_room", (None,), "clinic_id is required"),
    ("join_queue_room", ({},), "clinic_id is required"),
    ("join_queue_room", ({"clinic_id": None},), "clinic_id is required"),
    ("join_board_room", ({},), "clinic_id is required"),
    ("join_doctor_room", ({},), "doctor_id is required"),
    ("leave_queue_room", ({},), "clinic_id is required"),
    ("leave_doctor_room", ({"doctor_id": [2]},), "doctor_id must be a whole number, 1 or more"),
    ("join_queue_room", ([1],), 'Send an object, as in {"clinic_id": 1}'),
    ("join_queue_room", ("1",), 'Send an object, as in {"clinic_id": 1}'),
    ("join_queue_room", (1,), 'Send an object, as in {"clinic_id": 1}'),
    ("join_queue_room", (True,), 'Send an object, as in {"clinic_id": 1}'),
    *(
        ("join_queue_room", ({"clinic_id": wrong},), "clinic_id must be a whole number, 1 or more")
        for wrong in ("1", "x", "", True, False, 0, -1, 1.0, 1.5, 2**53, 10**60, [1], {"a": 1})
    ),
    ("join_queue_room", ({"clinic_id": 9},), "You may not join this room"),
    ("join_board_room", ({"clinic_id": 9},), "You may not join this room"),
    ("join_doctor_room", ({"doctor_id": 8},), "You may not join this room"),
    ("join_doctor_room", ({"doctor_id": 404},), "You may not join this room"),
    ("join_queue_room", ({"clinic_id": 1, "token": "nonsense"},), "Invalid authentication"),
    ("join_queue_room", ({"clinic_id": 1, "token": 5},), "Invalid authentication"),
    ("join_queue_room", ({"clinic_id": 1, "token": ""},), "Authentication required"),
    (
        "join_queue_room",
        ({"clinic_id": 1, "token": token(Role.RECEPTIONIST, sub="8")},),
        "Invalid authentication",
    ),
    (
        "join_queue_room",
        ({"clinic_id": 1, "token": token(Role.RECEPTIONIST, ttl=-60)},),
        "Invalid authentication",
    ),
]


async def test_what_is_wrong_with_a_message_is_said_and_changes_nothing(stage: Stage, house: House) -> None:
    stage.doctors[8] = KnownDoctor(doctor=doctor(id=8, clinic_id=9), version=1)
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        for message, given, said in REFUSED:
            assert await client.call(message, *given) == {"ok": False, "message": said}, (message, given)
            assert await client.event("error") == [{"message": said}], (message, given)
        await stage.publish(example(NewCheckin))
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")
        assert {name for name, _ in client.events()} == {"connected", "error", "patient_updated"}
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"] is True


NOT_UNDERSTOOD = [
    "4",
    "42",
    "42{}",
    "42[]",
    "42[1]",
    "42[[]]",
    "42[{}]",
    "42nonsense",
    '42["join_queue_room"',
    "42" + "[" * 20_000,
    "42" + "9" * 5000 + '["join_queue_room"]',
    '42["join_queue_room",{"clinic_id":1' + "0" * 400 + "}]",
    '44{"message":"x"}',
    "45",
    '451-["join_queue_room",{"_placeholder":true,"num":0}]',
    "49",
    "4x",
    "4{}",
    "4[]",
    "4null",
]


async def test_a_packet_nobody_understands_is_answered_with_an_error(house: House) -> None:
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        await client.event("connected")
        for packet in NOT_UNDERSTOOD:
            await client.send(packet)
            [said] = await client.event("error")
            assert said == {"message": "This message is not understood: send an event name and one object"}
        assert (await client.call("join_queue_room", {"clinic_id": 1}))["ok"] is True


async def test_a_message_of_another_name_is_let_be(house: House) -> None:
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        await client.emit("typing", {"a": 1})
        assert (await client.call("typing", {"a": 1}))["ok"] is False
        assert [name for name, _ in client.events()] == ["connected"]


async def test_a_doctor_room_waits_for_appointment_service(stage: Stage) -> None:
    async with served(stage.settings("bridge")) as house, Raw(house.url, signed(Role.ADMIN)) as client:
        answer = await client.call("join_doctor_room", {"doctor_id": 2})
        assert answer["ok"] is False
        assert "try again" in answer["message"]
        await stage.answer()
        assert (await client.call("join_doctor_room", {"doctor_id": 2}))["ok"] is True


async def test_who_watched_a_doctor_that_moved_to_another_clinic_watches_no_more(
    stage: Stage, house: House
) -> None:
    async with Raw(house.url, signed(Role.RECEPTIONIST)) as client:
        assert (await client.call("join_doctor_room", {"doctor_id": 2}))["ok"] is True
        await stage.publish(example(DoctorChanged, doctor=doctor(clinic_id=9), clinic_id=9))
        await stage.publish(example(DoctorQueueUpdated, clinic_id=9))
        await stage.publish(example(PatientUpdated))
        await client.event("patient_updated")
        assert [name for name, _ in client.events()] == ["connected", "queue_updated", "patient_updated"]
        assert (await client.call("join_doctor_room", {"doctor_id": 2}))["ok"] is False
