"""What an answer bears, which origins may read it, how often one may ask, and what a log says of it."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest
import structlog
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from chassis import logs
from chassis.bookkeeping import INBOX
from chassis.database import Database, constraint_of
from chassis.envelope import BODY_LIMIT, SECURITY_HEADERS
from chassis.service import Service
from contracts.identity import Role
from tests.builders import NOW
from tests.chassis.conftest import Logged
from tests.chassis.notebook import PARTS
from tests.chassis.stream import Stream
from tests.parts import Broker, client, service_running, token

DESK = "https://desk.example"
PERSON = "Paula Placeholder +100000000004"


@pytest.fixture
async def open_to_desk(broker: Broker, stream: Stream, tmp_path: object) -> AsyncIterator[Service]:
    """The notebook, open to one origin, and to three requests a token."""
    settings = broker.settings(
        "queue",
        database_url=f"sqlite:///{tmp_path}/notes.db",
        allowed_origins=DESK,
        requests_at_once=3,
        requests_per_second=0.001,
    )
    async with service_running(PARTS, settings) as running:
        yield running


async def test_every_answer_bears_the_security_headers(
    service: Service, desk: httpx.AsyncClient, logged: Logged
) -> None:
    async with client(service) as stranger, client(service, token(Role.DISPLAY)) as display:
        answers = {
            200: await desk.get("/notes"),
            201: await desk.post("/notes", json={"text": "milk"}),
            401: await stranger.get("/notes"),
            403: await display.get("/notes"),
            404: await desk.get("/nothing"),
            405: await desk.delete("/notes"),
            413: await desk.post("/notes", content=b"x" * (BODY_LIMIT + 1)),
            422: await desk.post("/notes", json={}),
            500: await desk.post("/notes/failing", json={"text": "milk"}),
        }
        own = [
            await stranger.get(path)
            for path in ("/health/live", "/health/ready", "/metrics", "/openapi.json")
        ]
    assert {status: answer.status_code for status, answer in answers.items()} == {s: s for s in answers}
    for answer in (*answers.values(), *own):
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get_list(name) == [value], f"{answer.url} {answer.status_code}"
        assert "server" not in answer.headers
    assert logged.of("request_failed")


async def test_only_the_origins_of_the_configuration_may_read_answers(open_to_desk: Service) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "Authorization"}
    async with client(open_to_desk, token(Role.RECEPTIONIST)) as http:
        preflight = await http.options("/notes", headers={"Origin": DESK} | asked)
        assert preflight.status_code == 200
        assert preflight.headers["Access-Control-Allow-Origin"] == DESK
        assert "Access-Control-Allow-Credentials" not in preflight.headers
        answer = await http.get("/notes", headers={"Origin": DESK})
        assert answer.headers["Access-Control-Allow-Origin"] == DESK
        for other in ("https://evil.example", "https://desk.example.evil", "http://desk.example", "null"):
            refused = await http.options("/notes", headers={"Origin": other} | asked)
            assert refused.status_code == 400
            assert "Access-Control-Allow-Origin" not in refused.headers
            unread = await http.get("/health/live", headers={"Origin": other})
            assert "Access-Control-Allow-Origin" not in unread.headers


async def test_without_configured_origins_no_other_may_read_answers(desk: httpx.AsyncClient) -> None:
    answer = await desk.get("/notes", headers={"Origin": DESK})
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_who_asks_too_often_is_told_when_to_ask_again(open_to_desk: Service) -> None:
    async with client(open_to_desk, token(Role.RECEPTIONIST)) as http:
        answers = [await http.get("/notes") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "2"
    assert "wait a moment" in answers[-1].json()["message"]
    async with client(open_to_desk, token(Role.RECEPTIONIST)) as another:
        assert (await another.get("/notes")).status_code == 200


async def test_a_broken_constraint_is_logged_by_its_name_and_not_its_row(database: Database) -> None:
    rows = [{"message_id": PERSON, "at": NOW}] * 2
    async with database.transaction(NOW, "test") as change:
        with pytest.raises(IntegrityError) as broken:
            await change.session.execute(insert(INBOX).values(rows))
        await change.session.rollback()
    told = constraint_of(broken.value)
    assert "inbox" in told
    assert "Paula" not in told


@contextmanager
def logging_as_installed() -> Iterator[None]:
    """The log as an installation has it."""
    before, defaults = structlog.get_config(), logging.getLogger().handlers[:]
    logs.configure("info")
    try:
        yield
    finally:
        structlog.configure(**before)
        logging.getLogger().handlers[:] = defaults


def test_an_error_is_logged_by_kind_and_place_and_not_by_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logging_as_installed():
        try:
            try:
                raise ValueError(PERSON)
            except ValueError as error:
                raise ExceptionGroup(PERSON, [RuntimeError(PERSON), error]) from error
        except ExceptionGroup as failure:
            structlog.get_logger().error("request_failed", exc_info=failure)
            logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=failure)
            logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {failure!r}")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == [
        "request_failed",
        "Exception in ASGI application",
        "Task exception was never retrieved",
    ]
    assert "Paula" not in json.dumps(lines)
    for line in lines[:2]:
        assert "builtins.RuntimeError" in line["exception"]
        assert "test_exposure.py" in line["exception"]


@pytest.mark.parametrize("sent", [2**80, "\ud800", {1: 2}, b"bytes"], ids=str)
def test_a_line_is_written_whatever_a_client_sent(sent: object, capsys: pytest.CaptureFixture[str]) -> None:
    with logging_as_installed():
        structlog.get_logger().warning("refused", sent=sent)
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["event"] == "refused"
