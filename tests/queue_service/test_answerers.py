"""What queue_service answers to appointment_service: its visits, and moves of them in a caller's name."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from chassis import broker as connections
from chassis import questions
from chassis.errors import Conflict, Forbidden, NotFound, Refusal
from contracts import PhasesUpdated, VisitCancelled
from contracts.event import Process
from contracts.identity import Identity, Role
from contracts.questions import AskVisit, KnownVisit, MoveVisit, PlannedVisit, Question
from contracts.shapes import Visit, VisitStatus
from tests.parts import Broker
from tests.queue_service.clinic import Clinic, booking

S = VisitStatus
Ask = Callable[[Question], Awaitable[Visit]]


@pytest.fixture
async def ask(broker: Broker, clinic: Clinic) -> AsyncIterator[Ask]:
    """Asks as appointment_service does."""
    connection = await connections.connect(broker.settings(Process.APPOINTMENT), Process.APPOINTMENT)

    async def asking(question: Question) -> Visit:
        return (await questions.ask(connection, question, KnownVisit)).visit

    yield asking
    await connection.close()


def move(number: int, to: VisitStatus, role: Role = Role.ADMIN, reason: str | None = None) -> MoveVisit:
    """Appointment 1000 + `number`'s visit is to go there."""
    doctor_id = 2 if role is Role.DOCTOR else None
    clinics = frozenset({1})
    expires = booking(1).appointment.start_time + timedelta(days=999)
    caller = Identity(
        sub="7", name="Tess", role=role, clinics=clinics, doctor_id=doctor_id, expires_at=expires
    )
    return MoveVisit(appointment_id=1000 + number, to=to, reason=reason, caller=caller)


async def test_a_visit_is_told_as_it_is(clinic: Clinic, ask: Ask) -> None:
    visit = await clinic.walk_in(5)
    assert await ask(AskVisit(visit_id=visit["id"])) == Visit.model_validate(visit)
    with pytest.raises(NotFound):
        await ask(AskVisit(visit_id=404))


async def test_an_appointments_visit_is_moved_as_its_route_would_and_the_columns_follow(
    clinic: Clinic, ask: Ask
) -> None:
    await clinic.book(5)
    there = await ask(move(5, S.WAITING, Role.RECEPTIONIST))
    assert (there.status, there.queue_number) == ("waiting", 1)
    assert await ask(move(5, S.WAITING)) == there
    await clinic.ear.wait_for(PhasesUpdated, lambda told: bool(told.phases.waiting))
    called = await clinic.do("call", {"id": there.id})
    assert (await ask(move(5, S.WAITING))).version == called["version"]
    with pytest.raises(Conflict):
        await ask(move(5, S.COMPLETED))
    await clinic.do("start", called)
    with pytest.raises(Forbidden):
        await ask(move(5, S.COMPLETED, Role.RECEPTIONIST))
    with pytest.raises(Conflict):
        await ask(move(5, S.CANCELLED))
    assert (await ask(move(5, S.COMPLETED, Role.DOCTOR))).status == "completed"
    assert (await ask(move(5, S.WAITING))).status == "waiting"
    missed = await ask(move(5, S.NO_SHOW))
    assert missed.status == "no_show"
    assert (await clinic.ear.wait_for(VisitCancelled)).visit_id == there.id


async def test_a_visit_not_heard_of_yet_is_read_through_before_it_is_moved(clinic: Clinic, ask: Ask) -> None:
    event = booking(5, clinic.clock.at)
    clinic.planned[5] = PlannedVisit(appointment=event.appointment, version=1, visit=event.visit)
    gone = await ask(move(5, S.CANCELLED, reason="Called to say so"))
    assert (gone.id, gone.status) == (event.visit.id, "cancelled")
    assert (await clinic.ear.wait_for(VisitCancelled)).reason == "Called to say so"
    with pytest.raises(NotFound):
        await ask(move(6, S.CANCELLED))


async def test_a_strangers_appointment_is_not_moved(clinic: Clinic, ask: Ask) -> None:
    await clinic.book(5, clinic_id=8, doctor_id=9, service_id=7)
    await clinic.book(6, doctor_id=3)
    for asked in (move(5, S.CANCELLED), move(5, S.WAITING), move(6, S.COMPLETED, Role.DOCTOR)):
        with pytest.raises(Refusal) as refused:
            await ask(asked)
        assert refused.value.status == 403
