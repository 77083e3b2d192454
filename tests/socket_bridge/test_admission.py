"""Who may enter which room: every role, every room, one's own clinic and another's."""

from datetime import UTC, datetime

import pytest

from contracts.identity import Identity, Role
from socket_bridge.admission import may_enter, rooms_at_connect

OWN, OTHER, DOCTOR, COLLEAGUE = 1, 9, 2, 3

MAY = {
    Role.RECEPTIONIST: {"staff", "clinic_1", "board_1", "desk_1", "doctor_2", "doctor_3"},
    Role.DOCTOR: {"staff", "clinic_1", "board_1", "doctor_2"},
    Role.CASHIER: {"staff", "clinic_1", "board_1", "desk_1"},
    Role.ADMIN: {"staff", "clinic_1", "board_1", "desk_1", "doctor_2", "doctor_3"},
    Role.DISPLAY: {"board_1"},
}
"""Bearers of clinic 1; doctor 2 is the doctor there, doctor 3 a colleague, doctor 8 works elsewhere."""

ROOMS = (
    "staff",
    "desk_all",
    *(f"{kind}_{clinic}" for kind in ("clinic", "board", "desk") for clinic in (OWN, OTHER)),
    "doctor_2",
    "doctor_3",
    "doctor_8",
)

WORKS_IN = {"doctor_2": OWN, "doctor_3": OWN, "doctor_8": OTHER}


def bearer(role: Role, clinics: str | frozenset[int] = frozenset({OWN})) -> Identity:
    """Someone of clinic 1; a doctor is doctor 2."""
    return Identity.model_validate(
        {
            "sub": "7",
            "name": "Tess Tester",
            "role": role,
            "clinics": clinics,
            "doctor_id": DOCTOR if role is Role.DOCTOR else None,
            "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
        }
    )


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("room", ROOMS)
def test_a_role_enters_its_own_rooms_and_no_other(role: Role, room: str) -> None:
    assert may_enter(bearer(role), room, WORKS_IN.get(room)) is (room in MAY[role])


@pytest.mark.parametrize("room", ROOMS)
def test_an_admin_of_all_clinics_enters_every_room(room: str) -> None:
    assert may_enter(bearer(Role.ADMIN, "*"), room, WORKS_IN.get(room))


@pytest.mark.parametrize("role", [Role.RECEPTIONIST, Role.ADMIN])
def test_the_room_of_a_doctor_nobody_knows_is_closed(role: Role) -> None:
    assert not may_enter(bearer(role), "doctor_3", None)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    "room",
    [
        "",
        "all",
        "desk",
        "clinic",
        "clinic_",
        "clinic_0",
        "clinic_01",
        "clinic_-1",
        "clinic_1_1",
        "clinic_all",
        "clinic_\u0661",
        "clinic_1\n",
        "clinic_" + "1" * 99,
        "Clinic_1",
        " clinic_1",
        "board_all",
        "doctor_x",
        "ward_1",
    ],
)
def test_a_room_that_nobody_wrote_down_is_closed(role: Role, room: str) -> None:
    assert not may_enter(bearer(role, "*" if role is Role.ADMIN else frozenset({OWN})), room, OWN)


def test_nobody_is_put_in_a_room_that_admission_refuses() -> None:
    for role in Role:
        for clinics in (frozenset({OWN, OTHER}), "*" if role is Role.ADMIN else frozenset[int]()):
            someone = bearer(role, clinics)
            assert all(may_enter(someone, room) for room in rooms_at_connect(someone))


def test_the_desk_is_put_in_the_desks_of_its_clinics() -> None:
    assert set(rooms_at_connect(bearer(Role.CASHIER, frozenset({1, 9})))) == {"staff", "desk_1", "desk_9"}
    assert set(rooms_at_connect(bearer(Role.ADMIN, "*"))) == {"staff", "desk_all"}
    assert rooms_at_connect(bearer(Role.DISPLAY)) == ()
