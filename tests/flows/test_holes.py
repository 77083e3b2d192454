"""The eleven holes of the system replaced: each is closed, and each check sees its hole when it is opened."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from sqlalchemy import true

from chassis import identity
from chassis.revocations import Revocations
from chassis.transaction import Transaction
from contracts import PatientCreated, PaymentProcessed
from contracts.event import Process
from contracts.identity import Identity
from contracts.shapes import Phase
from patient_service import rules as patient_rules
from payment_service import queries as payment_queries
from payment_service import rules as payment_rules
from queue_service import rules as queue_rules
from queue_service.actions import moves, step
from queue_service.actions.step import Wish
from queue_service.routes import pictures
from queue_service.tables import Visit as VisitRow
from socket_bridge import rooms
from socket_bridge.handshake import Handshake
from tests.flows.house import CLINIC, DOCTOR, OTHER_CLINIC, SECOND_DOCTOR, SERVICE, House
from tests.flows.screens import SEATS
from tests.socket_bridge.raw import Raw
from tests.socket_bridge.stage import now

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEATED = False
PATCH = pytest.MonkeyPatch


def socket(house: House, bearer: str) -> Raw:
    return Raw(house.installation.url, {"token": bearer})


async def connects(house: House, bearer: str) -> bool:
    async with socket(house, bearer) as client:
        return (await client.until(lambda packet: packet.startswith(("40", "44")))).startswith("40")


async def all_sent(house: House, clients: Iterable[Raw]) -> None:
    """What stands in the stream has come to these sockets."""
    seq = (await house.marker()).seq
    metrics = house.installation.parts[Process.BRIDGE].metrics
    async with asyncio.timeout(5):
        while (metrics.get_sample_value("clinicwire_bridge_position") or 0) < seq:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    for client in clients:
        await client.call("leave_board_room", {"clinic_id": 999})


async def any_room_is_joined(house: House) -> None:
    for seat, message, room in (
        ("other clinic", "join_queue_room", {"clinic_id": CLINIC}),
        ("other clinic", "join_board_room", {"clinic_id": CLINIC}),
        ("other clinic", "join_doctor_room", {"doctor_id": DOCTOR}),
        ("doctor 2", "join_doctor_room", {"doctor_id": DOCTOR}),
        ("cashier", "join_doctor_room", {"doctor_id": DOCTOR}),
        ("board", "join_queue_room", {"clinic_id": CLINIC}),
        ("board", "join_board_room", {"clinic_id": OTHER_CLINIC}),
    ):
        async with socket(house, SEATS[seat].token()) as client:
            answer = await client.call(message, room)
            assert answer == {"ok": False, "message": "You may not join this room"}, f"{seat} {room}"
            await house.walks_in()
            await all_sent(house, [client])
            heard = {name for name, _ in client.events()}
            assert heard <= {"connected", "error", "patient_created", "patient_updated"}, heard


async def a_refresh_token_opens_a_socket(house: House) -> None:
    assert not await connects(house, SEATS["reception"].token(type="refresh"))


async def a_logged_out_token_counts(house: House) -> None:
    lost = SEATS["reception"].token(jti=f"lost-{house.number()}", sub=f"left-{house.number()}")
    jti = jwt.decode(lost, options={"verify_signature": False})["jti"]
    await house.does("admin", "POST", "/auth/revoke", jti=jti)
    await all_sent(house, [])
    assert not await connects(house, lost)
    async with house.bearing(lost) as bearer:
        assert (await bearer.get("/appointments")).status_code == 401


async def an_expired_tokens_socket_lives_on(house: House) -> None:
    # Valid for another moment of the ten seconds that clocks may differ by.
    async with socket(house, SEATS["reception"].token(exp=now().timestamp() - 9.7)) as client:
        await client.event("connected")
        try:
            async with asyncio.timeout(1.5):
                await client.closed()
        except TimeoutError:
            raise AssertionError("the socket outlives its token") from None


async def another_clinics_queue_is_read_by_a_second_route(house: House) -> None:
    visit = (await house.walks_in()).visit
    for path in (
        f"/queue/clinic/{CLINIC}",
        f"/queue/doctor/{DOCTOR}",
        f"/queue/phases/{CLINIC}",
        f"/queue/statistics/{CLINIC}",
        f"/queue/upcoming?clinic_id={CLINIC}",
        f"/queue/appointments?clinic_id={CLINIC}",
        f"/visits?clinic_id={CLINIC}",
        f"/visits/queue?clinic_id={CLINIC}",
        f"/visits/queue?doctor_id={DOCTOR}",
        f"/visits/{visit.id}",
        f"/dashboard/stats?clinic_id={CLINIC}",
        f"/dashboard/notifications?clinic_id={CLINIC}",
    ):
        for prefix in ("", "/api"):
            answer = await house.tries("other clinic", "GET", prefix + path)
            assert answer.status == 403, f"{path}: {answer.status}"
            assert set(answer.body) == {"message"}, path


async def another_doctors_visit_is_changed(house: House) -> None:
    visit = (await house.checks_in()).visit
    before = await house.sees("admin", f"/visits/{visit.id}")
    one = {"visit_id": visit.id}
    for method, path, body in (
        ("POST", "/queue/call", one),
        ("POST", f"/visits/{visit.id}/call", {}),
        ("PUT", f"/visits/{visit.id}/status", {"status": "called"}),
        ("PUT", f"/visits/{visit.id}/status", {"status": "in_progress"}),
        ("POST", "/queue/start", one),
        ("POST", "/queue/recall", one),
        ("POST", "/queue/requeue", one),
        ("POST", "/queue/complete", one),
        ("POST", "/queue/phases/move", one | {"from_phase": "waiting", "to_phase": "with_doctor"}),
        ("PUT", f"/appointments/{visit.appointment_id}", {"status": "completed"}),
    ):
        answer = await house.tries("doctor 2", method, path, **body)
        assert answer.status == 403, f"{method} {path}: {answer.status} {answer.body}"
    assert await house.sees("admin", f"/visits/{visit.id}") == before


async def a_false_phase_passes(house: House) -> None:
    visit = (await house.checks_in()).visit
    before = await house.sees("admin", f"/visits/{visit.id}")
    for seat in ("doctor 1", "reception", "admin"):
        for from_phase in Phase:
            for to_phase in Phase:
                if from_phase is Phase.WAITING:
                    continue
                body = {"visit_id": visit.id, "from_phase": from_phase, "to_phase": to_phase}
                answer = await house.tries(seat, "POST", "/queue/phases/move", **body)
                assert answer.status == 409, f"{seat} {from_phase} {to_phase}: {answer.status}"
                assert answer.body["visit"]["status"] == "waiting"
    assert await house.sees("admin", f"/visits/{visit.id}") == before


async def patients_and_payments_go_to_every_socket(house: House) -> None:
    strangers = {"board": "nothing", "other clinic": "patients", "doctor 2": "patients"}
    async with AsyncExitStack() as stack:
        opened = {}
        for seat in (*strangers, "reception"):
            client = await stack.enter_async_context(socket(house, SEATS[seat].token()))
            await client.event("connected")
            for message, room in SEATS[seat].joins:
                await client.call(message, dict(room))
            client.forget()
            opened[seat] = client
        history = f"Secret {house.number()}"
        number = f"+777{house.number():06}"
        body = {"name": "Hilda Historic", "phone": number, "medical_history": history}
        patient = (await house.does("reception", "POST", "/patients", **body)).id("patient")
        await house.does("reception", "PUT", f"/patients/{patient}", medical_history=f"{history}, more")
        visit = (await house.walks_in(patient_id=patient)).visit
        payment = await house.payment_of(visit)
        paid = {"amount_paid": 5, "payment_method": "cash"}
        done = await house.does("cashier", "PUT", f"/payments/{payment['id']}/process", **paid)
        await house.log.until(PaymentProcessed, lambda one: one.payment.id == payment["id"], done.since)
        await all_sent(house, opened.values())
        for seat, client in opened.items():
            heard = {name for name, _ in client.events()}
            assert not any(history in packet for packet in client.packets), seat
            assert ("payment_processed" in heard) is (seat == "reception"), f"{seat} {heard}"
            assert ("patient_created" in heard) is (strangers.get(seat) != "nothing"), f"{seat} {heard}"
        assert {name for name, _ in opened["board"].events()} <= {"board_updated"}


async def any_doctor_reads_everything(house: House) -> None:
    phone = f"+666{house.number():06}"
    body = {"name": "Hugo Hidden", "phone": phone, "medical_history": "Not for everybody"}
    patient = (await house.does("reception", "POST", "/patients", **body)).id("patient")
    booked = await house.books(patient)
    visit = booked.visit
    payment = (await house.payment_of(visit))["id"]
    await house.eventually(
        "admin", f"/patients/{patient}", lambda seen: seen["patient"]["recent_appointments"]
    )
    found = (await house.sees("doctor 2", f"/patients/{patient}"))["patient"]
    assert found["medical_history"] is None
    assert found["recent_appointments"] == found["recent_visits"] == []
    for path in (f"/patients?phone=%2B{phone[1:]}", f"/patients/search?q={phone[1:]}"):
        (listed,) = (await house.sees("doctor 2", path))["patients"]
        assert listed["medical_history"] is None, path
    assert payment not in [one["id"] for one in (await house.sees("doctor 2", "/payments"))["payments"]]
    for path in (f"/payments/{payment}", f"/payments/invoice/{visit.id}", "/payments/statistics"):
        assert (await house.tries("doctor 2", "GET", path)).status == 403, path
    for path in ("/payments/export", "/patients/export"):
        answer = await house.client("doctor 2").get(path)
        assert answer.status_code == 403, path
    own = (await house.sees("doctor 1", f"/patients/{patient}"))["patient"]
    assert own["medical_history"] == "Not for everybody"
    assert (await house.sees("doctor 1", f"/payments/{payment}"))["payment"]["id"] == payment
    assert (await house.sees("cashier", f"/patients/{patient}"))["patient"]["medical_history"] is None
    appointment = f"/appointments/{booked.id('appointment')}"
    assert (await house.tries("doctor 2", "GET", appointment)).status == 403
    for seat, history in (("doctor 1", "Not for everybody"), ("cashier", None)):
        seen = (await house.sees(seat, appointment))["appointment"]
        assert seen["patient"]["medical_history"] == history, seat


async def somebody_walks_into_a_strange_clinic(house: House) -> None:
    patient = await house.patient()
    body = {"patient_id": patient, "clinic_id": CLINIC, "doctor_id": DOCTOR, "service_id": SERVICE}
    for path in ("/queue/walkin", "/visits/walk-in"):
        answer = await house.tries("other clinic", "POST", path, **body)
        assert answer.status == 403, f"{path}: {answer.status}"
    assert (await house.sees("admin", f"/visits?patient_id={patient}"))["visits"] == []


async def another_doctors_queue_is_silently_ones_own(house: House) -> None:
    for path in (
        f"/queue/doctor/{DOCTOR}",
        f"/visits/queue?doctor_id={DOCTOR}",
        f"/visits?doctor_id={DOCTOR}",
        f"/queue/phases/{CLINIC}?doctor_id={DOCTOR}",
    ):
        answer = await house.tries("doctor 2", "GET", path)
        assert answer.status == 403, f"{path}: {answer.status} {answer.body}"
    own = await house.sees("doctor 2", f"/queue/doctor/{SECOND_DOCTOR}")
    assert own["doctor_id"] == SECOND_DOCTOR


@dataclass(frozen=True)
class Hole:
    """A hole: how to see that it is closed, and how to open it."""

    closed: Callable[[House], Awaitable[None]]
    open: Callable[[PATCH], None]


def _let_in(patch: PATCH) -> None:
    patch.setattr(rooms, "may_enter", lambda *_: True)


def _take_refresh_tokens(patch: PATCH) -> None:
    patch.setattr(identity, "ACCESS", identity.ACCESS | {"refresh"})


def _forget_revocations(patch: PATCH) -> None:
    patch.setattr(Revocations, "refuses", lambda *_: False)


def _end_nobody(patch: PATCH) -> None:
    patch.setattr(Handshake, "_end", lambda *_: None)


def _belong_everywhere(patch: PATCH) -> None:
    patch.setattr(Identity, "works_in", lambda *_: True)


def _own_every_visit(patch: PATCH) -> None:
    patch.setattr(step, "check_caller", lambda *_: None)


def _believe_the_phase(patch: PATCH) -> None:
    async def to_phase(
        change: Transaction, visit_id: int, from_phase: Phase, to_phase: Phase, wish: Wish
    ) -> VisitRow:
        row = await step.taken_up(change, visit_id, wish)
        row.status = next(status for status, phase in queue_rules.PHASES.items() if phase is to_phase)
        return row

    patch.setattr(moves, "to_phase", to_phase)


def _tell_everybody(patch: PATCH) -> None:
    patch.setattr(PaymentProcessed, "rooms", ("staff",))
    patch.setattr(PatientCreated, "rooms", ("staff", f"board_{CLINIC}"))


def _show_doctors_everything(patch: PATCH) -> None:
    patch.setattr(patient_rules, "may_read_history", lambda *_: True)
    patch.setattr(payment_rules, "may_read", lambda *_: True)
    patch.setattr(payment_queries, "_seen_by", lambda _: true())


def _answer_with_ones_own(patch: PATCH) -> None:
    async def doctor(*_: Any) -> tuple[int, int]:
        return SECOND_DOCTOR, CLINIC

    patch.setattr(pictures, "_doctor", doctor)


HOLES = {
    "joining any room": Hole(any_room_is_joined, _let_in),
    "a refresh token as a socket token": Hole(a_refresh_token_opens_a_socket, _take_refresh_tokens),
    "a logged-out token": Hole(a_logged_out_token_counts, _forget_revocations),
    "an expired token's socket living on": Hole(an_expired_tokens_socket_lives_on, _end_nobody),
    "another clinic's queue by a second route": Hole(
        another_clinics_queue_is_read_by_a_second_route, _belong_everywhere
    ),
    "changing another doctor's visit": Hole(another_doctors_visit_is_changed, _own_every_visit),
    "a false from_phase": Hole(a_false_phase_passes, _believe_the_phase),
    "patients and payments to every socket": Hole(patients_and_payments_go_to_every_socket, _tell_everybody),
    "any doctor reading all patients and payments": Hole(
        any_doctor_reads_everything, _show_doctors_everything
    ),
    "a walk-in in a strange clinic": Hole(somebody_walks_into_a_strange_clinic, _belong_everywhere),
    "another doctor's queue, silently one's own": Hole(
        another_doctors_queue_is_silently_ones_own, _answer_with_ones_own
    ),
}


@pytest.mark.parametrize("hole", HOLES)
async def test_the_hole_is_closed(house: House, hole: str) -> None:
    await HOLES[hole].closed(house)


@pytest.mark.parametrize("hole", HOLES)
async def test_the_check_fails_when_the_door_is_opened(house: House, hole: str, monkeypatch: PATCH) -> None:
    HOLES[hole].open(monkeypatch)
    with pytest.raises(AssertionError):
        await HOLES[hole].closed(house)
