"""Asking another process and being answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client

from chassis.broker import connect
from chassis.errors import BadInput, Conflict, NotFound, Refusal, Unavailable
from chassis.questions import Answerers, Desk, ask
from contracts.event import Process
from contracts.questions import AskVisit, KnownVisit
from tests import builders
from tests.chassis.conftest import Logged
from tests.parts import Broker


@asynccontextmanager
async def asked(broker: Broker, answerers: Answerers) -> AsyncIterator[Client]:
    """Whom to ask with, while queue_service answers like this."""
    asker = await connect(broker.settings("payment"), Process.PAYMENT)
    owner = await connect(broker.settings("queue"), Process.QUEUE)
    desk = Desk(owner, Process.QUEUE, answerers)
    await desk.open()
    try:
        yield asker
    finally:
        await desk.close()
        await owner.close()
        await asker.close()


async def known(question: AskVisit) -> KnownVisit:
    """Every visit is known."""
    return KnownVisit(visit=builders.visit(id=question.visit_id))


async def test_a_question_is_answered(broker: Broker) -> None:
    async with asked(broker, {AskVisit: known}) as asker:
        answer = await ask(asker, AskVisit(visit_id=12), KnownVisit)
    assert answer.visit == builders.visit(id=12)


@pytest.mark.parametrize("kind", [BadInput, NotFound, Conflict, Unavailable])
async def test_a_refusal_arrives_as_itself(broker: Broker, kind: type[Refusal]) -> None:
    async def refuse(_: AskVisit) -> KnownVisit:
        raise kind("not this one; ask for another")

    async with asked(broker, {AskVisit: refuse}) as asker:
        with pytest.raises(kind, match="not this one; ask for another"):
            await ask(asker, AskVisit(visit_id=12), KnownVisit)


async def test_an_answer_that_is_none_is_unavailable_and_not_quoted(broker: Broker, logged: Logged) -> None:
    async def answer_differently(_: AskVisit) -> AskVisit:
        return AskVisit(visit_id=4711)

    async with asked(broker, {AskVisit: answer_differently}) as asker:
        with pytest.raises(Unavailable, match="answers in another version"):
            await ask(asker, AskVisit(visit_id=12), KnownVisit)
    assert len(logged.of("answer_not_understood")) == 1
    assert "4711" not in str(logged.entries)


async def test_nobody_there_is_unavailable_and_says_who(broker: Broker) -> None:
    asker = await connect(broker.settings("payment"), Process.PAYMENT)
    with pytest.raises(Unavailable, match="The queue service does not answer"):
        await ask(asker, AskVisit(visit_id=12), KnownVisit)
    await asker.close()


async def test_what_went_wrong_inside_does_not_reach_the_asker(broker: Broker, logged: Logged) -> None:
    async def fail(_: AskVisit) -> KnownVisit:
        raise RuntimeError("Alma Testwell's secret")

    async with asked(broker, {AskVisit: fail}) as asker:
        reply = await asker.request(AskVisit.subject, b'{"visit_id":12}', timeout=2)
        assert "Testwell" not in f"{reply.headers} {reply.data!r}"
        with pytest.raises(Refusal, match="could not be answered"):
            await ask(asker, AskVisit(visit_id=12), KnownVisit)
    assert len(logged.of("answer_failed")) == 2


async def test_a_database_that_is_away_is_unavailable_not_a_refusal(broker: Broker) -> None:
    async def fail(_: AskVisit) -> KnownVisit:
        raise ConnectionResetError("the database's end")

    async with asked(broker, {AskVisit: fail}) as asker:
        with pytest.raises(Unavailable, match="try again in a moment"):
            await ask(asker, AskVisit(visit_id=12), KnownVisit)


async def test_a_question_of_no_shape_is_refused(broker: Broker) -> None:
    async with asked(broker, {AskVisit: known}) as asker:
        for data in (b"", b"{", b'{"visit_id":-1}', b"\xff"):
            reply = await asker.request(AskVisit.subject, data, timeout=2)
            assert (reply.headers or {})["Nats-Service-Error-Code"] == "400"


async def test_a_slow_answer_holds_back_no_other(broker: Broker) -> None:
    quick_one_done = asyncio.Event()

    async def answer(question: AskVisit) -> KnownVisit:
        if question.visit_id == 1:
            await quick_one_done.wait()
        return await known(question)

    async with asked(broker, {AskVisit: answer}) as asker:
        slow = asyncio.create_task(ask(asker, AskVisit(visit_id=1), KnownVisit))
        await ask(asker, AskVisit(visit_id=2), KnownVisit)
        quick_one_done.set()
        assert (await slow).visit.id == 1


async def test_a_question_that_waits_for_no_answer_disturbs_nobody(broker: Broker) -> None:
    async with asked(broker, {AskVisit: known}) as asker:
        # Before, each left a task behind that had failed.
        for payload in (b'{"visit_id": 5}', b"no question", b""):
            await asker.publish(AskVisit.subject, payload)
        assert (await ask(asker, AskVisit(visit_id=5), KnownVisit)).visit.id == 5
