"""Asking another process over `nats.micro`, and answering."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import structlog
from nats import micro
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.micro.request import ERROR_CODE_HEADER, ERROR_HEADER, Request
from pydantic import BaseModel, ValidationError

from chassis.broker import flushed, request
from chassis.database import away
from chassis.errors import BadInput, Refusal, Unavailable, of_status
from contracts.encoding import encode
from contracts.event import Process
from contracts.questions import Question

log = structlog.get_logger()

LIMIT = 2.0
"""Seconds to wait for an answer."""

AnswerT = TypeVar("AnswerT", bound=BaseModel)
Answerer = Callable[[Any], Awaitable[BaseModel]]
Answerers = Mapping[type[Question], Answerer]


async def ask(connection: Client, question: Question, answer: type[AnswerT]) -> AnswerT:
    """The owner's answer; raises the refusal it answers with, or `Unavailable` when it does not answer."""
    try:
        reply = await request(connection, question.subject, encode(question), LIMIT)
    except NatsError as error:
        raise Unavailable(
            f"The {question.owner} service does not answer right now; try again in a moment"
        ) from error
    code = (reply.headers or {}).get(ERROR_CODE_HEADER)
    if code:
        raise of_status(int(code), (reply.headers or {}).get(ERROR_HEADER, "refused"))
    try:
        return answer.model_validate_json(reply.data, extra="ignore")
    except ValidationError as error:
        # Its text quotes what was answered, which may be a person's.
        log.error("answer_not_understood", question=type(question).__name__, owner=question.owner)
        raise Unavailable(
            f"The {question.owner} service answers in another version; try again once all are of one"
        ) from error


class Desk:
    """Answers a process's questions; each in a task of its own, so that a slow one holds back no other."""

    def __init__(self, connection: Client, process: Process, answerers: Answerers) -> None:
        self._connection = connection
        self._process = process
        self._answerers = answerers
        self._answering: set[asyncio.Task[None]] = set()
        self._service: Any = None

    async def open(self) -> None:
        """Begin to answer."""
        self._service = await micro.add_service(
            self._connection, name=f"clinicwire-{self._process}", version="1.0.0"
        )
        for kind, answerer in self._answerers.items():
            await self._service.add_endpoint(
                name=kind.__name__, subject=kind.subject, handler=self._handler(kind, answerer)
            )
        # Open to whoever is told so: until the server knows them, an asker hears that nobody is there.
        await flushed(self._connection)

    async def close(self) -> None:
        """Answer what was asked, then no more."""
        if self._service is not None:
            await self._service.stop()
        await asyncio.gather(*self._answering, return_exceptions=True)

    def _handler(self, kind: type[Question], answerer: Answerer) -> Callable[[Request], Awaitable[None]]:
        async def handle(asked: Request) -> None:
            if not asked._msg.reply:  # nats-py shows it nowhere else
                return  # nobody waits for the answer
            task = asyncio.create_task(self._answer(kind, answerer, asked))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

        return handle

    async def _answer(self, kind: type[Question], answerer: Answerer, asked: Request) -> None:
        try:
            try:
                question = kind.model_validate_json(asked.data, extra="ignore")
            except ValidationError as error:
                raise BadInput("The question is not of its contract's shape") from error
            await asked.respond(encode(await answerer(question)))
        except Refusal as refusal:
            await asked.respond_error(str(refusal.status), refusal.message)
        except NatsError as error:
            log.warning("answer_lost", question=kind.__name__, reason=str(error))
        except Exception as error:
            if away(error):
                # It passes: whoever heard an event that needs the answer must not give the event up.
                told = f"The {self._process} service's database is away right now; try again in a moment"
                await asked.respond_error(str(Unavailable.status), told)
                return
            # Its text would travel to the asker otherwise.
            log.error("answer_failed", question=kind.__name__, exc_info=error)
            await asked.respond_error("500", "The question could not be answered")
