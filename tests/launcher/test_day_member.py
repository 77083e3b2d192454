"""A member of staff at routes that are away, refuse, or answer something else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest
from pydantic import BaseModel

from launcher.day import member
from launcher.day.member import Calls, Member, NotUnderstood, Refused
from launcher.refusal import CannotGoOn


class Thing(BaseModel):
    number: int


BROKEN = b""
"""The connection ends without an answer."""


def answer(status: str, body: str, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers)
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@dataclass
class Scripted:
    """A server that answers as it is told, one connection after the other, and keeps what it was asked."""

    answers: list[bytes]
    asked: list[bytes] = field(default_factory=list)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.asked.append(head)
        writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        writer.close()

    def keys(self) -> list[bytes]:
        lines = [line for head in self.asked for line in head.split(b"\r\n")]
        return [line for line in lines if line.lower().startswith(b"idempotency-key:")]


@asynccontextmanager
async def facing(answers: Sequence[bytes]) -> AsyncIterator[tuple[Member, Scripted, Calls]]:
    scripted, calls = Scripted(list(answers)), Calls()
    server = await asyncio.start_server(scripted.talk, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, httpx.AsyncClient(base_url=base) as client, asyncio.timeout(20):
        yield Member(client, "a.b.c", calls), scripted, calls


async def test_what_is_away_or_breaks_off_is_asked_again_with_the_same_key() -> None:
    away = answer("503 Service Unavailable", '{"message": "in a moment"}', "Retry-After: 0")
    ours = answer("200 OK", '{"number": 7, "newer": true}')
    async with facing([away, BROKEN, ours]) as (staff, scripted, calls):
        assert (await staff.post("/things", Thing(number=7), Thing)).number == 7
        assert len(scripted.keys()) == 3
        assert len(set(scripted.keys())) == 1
        assert (calls.repeated, len(calls.seconds)) == (2, 1)


async def test_two_requests_have_two_keys() -> None:
    async with facing([answer("200 OK", '{"number": 7}')]) as (staff, scripted, _):
        for _number in range(2):
            await staff.post("/things", Thing(number=7), Thing)
        assert len(set(scripted.keys())) == 2


async def test_a_refusal_says_what_was_asked_and_why_it_was_refused() -> None:
    refusal = answer("409 Conflict", '{"message": "Not from here", "detail": "it is over"}')
    async with facing([refusal]) as (staff, _, _):
        with pytest.raises(
            Refused, match=r"POST /things was answered 409: Not from here \(it is over\)"
        ) as told:
            await staff.post("/things", Thing(number=7), Thing)
        assert (told.value.status, told.value.repeated) == (409, False)


async def test_a_refusal_after_a_lost_answer_says_that_it_may_have_been_done() -> None:
    async with facing([BROKEN, answer("409 Conflict", '{"message": "It is done"}')]) as (staff, _, _):
        with pytest.raises(Refused) as told:
            await staff.delete("/things/7", Thing(number=7), Thing)
        assert told.value.repeated


async def test_an_answer_of_another_shape_is_not_understood() -> None:
    async with facing([answer("200 OK", '{"title": "no number"}')]) as (staff, _, _):
        with pytest.raises(NotUnderstood, match="GET /things"):
            await staff.get("/things", Thing)


async def test_what_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(member, "PATIENCE", 0.1)
    async with facing([BROKEN]) as (staff, _, _):
        with pytest.raises(CannotGoOn, match="look whether it still runs"):
            await staff.get("/things", Thing)
