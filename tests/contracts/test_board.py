"""Nothing about a person can reach a screen on the wall, whatever the events say."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import EVENTS, BoardUpdated, Event, NewCheckin, PatientUpdated, PaymentProcessed, encode
from contracts.identity import Identity, Role
from contracts.shapes import BoardTicket
from socket_bridge.admission import may_enter, rooms_at_connect
from tests.builders import NOW
from tests.contracts import payloads

each_event = pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.__name__)
thoroughly = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))


def display(clinics: set[int]) -> Identity:
    """A screen on the wall of these clinics."""
    return Identity(sub="wall", name="Wall", role=Role.DISPLAY, clinics=frozenset(clinics), expires_at=NOW)


def numbers(value: Any) -> set[int]:
    """Every id there is in a payload: a screen of all of them sees the most a screen can."""
    match value:
        case dict():
            return set().union(*map(numbers, value.values()))
        case list():
            return set().union(*map(numbers, value))
        case int() if not isinstance(value, bool) and 0 < value < 2**53:
            return {value}
        case _:
            return set()


def personal(text: str) -> bool:
    """Whether somebody's name, phone, note, patient id or money is in it."""
    return bool(re.search(rf"{payloads.MARK}|{payloads.MONEY}|\b8\d{{15}}\b|patient", text))


@each_event
@thoroughly
@given(data=st.data())
def test_no_event_about_a_person_is_for_a_room_that_a_screen_on_the_wall_can_enter(
    event: type[Event], data: st.DataObject
) -> None:
    said = data.draw(payloads.events(event))
    text = encode(said).decode()
    wall = display(numbers(json.loads(text)) | {1})
    rooms = set(said.audience())
    reachable = {room for room in rooms if may_enter(wall, room, doctor_clinic=1)}
    reachable |= rooms & set(rooms_at_connect(wall))
    assert bool(reachable) == (event is BoardUpdated)
    if reachable:
        assert not personal(text.replace("Room 3", ""))


@thoroughly
@given(said=payloads.events(BoardUpdated))
def test_what_a_board_is_told_is_tickets_a_place_a_status_and_when_they_were_called(said: Event) -> None:
    told = json.loads(encode(said))
    assert set(told) == {"clinic_id", "waiting", "called", "in_progress"}
    for line in (*told["waiting"], *told["called"], *told["in_progress"]):
        assert set(line) == {"queue_number", "room_number", "status", "called_time"}
        assert isinstance(line["queue_number"], int)
        assert line["status"] in {"waiting", "called", "in_progress"}
    assert set(BoardTicket.model_fields) == {"queue_number", "room_number", "status", "called_time"}


@pytest.mark.parametrize("event", [NewCheckin, PatientUpdated, PaymentProcessed])
@thoroughly
@given(data=st.data())
def test_the_search_finds_a_person_where_one_is(event: type[Event], data: st.DataObject) -> None:
    assert personal(encode(data.draw(payloads.events(event))).decode())
