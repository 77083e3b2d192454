"""A member of staff at the HTTP routes: typed in and out, and stubborn while the installation is away."""

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from launcher.refusal import CannotGoOn

PATIENCE = 60.0
"""Seconds of no answer after which the day is given up."""

AWAY = frozenset({502, 503, 504})
"""The installation, or what is before it, says that it will be back."""

AnswerT = TypeVar("AnswerT", bound=BaseModel)

Query = dict[str, str | int]


class Refused(Exception):
    """The installation understood, and did not do it; `repeated`: not now, but maybe when first asked."""

    def __init__(self, asked: str, status: int, message: str, repeated: bool) -> None:
        super().__init__(f"{asked} was answered {status}: {message}")
        self.status = status
        self.repeated = repeated


class NotUnderstood(Exception):
    """An answer that is not what this route answers."""


class _Said(BaseModel):
    message: str = ""
    detail: str = ""


@dataclass
class Calls:
    """What all of the staff's requests took: seconds for each answer, and how often one was repeated."""

    seconds: list[float] = field(default_factory=list)
    repeated: int = 0


class Member:
    """Somebody of the staff, with a token of their own."""

    def __init__(self, client: httpx.AsyncClient, token: str, calls: Calls) -> None:
        self._client = client
        self._token = token
        self._calls = calls

    async def get(self, path: str, answer: type[AnswerT], query: Query | None = None) -> AnswerT:
        """Look at something. Raises Refused, NotUnderstood, and CannotGoOn when nothing answers any more."""
        return _read(await self._ask("GET", path, query=query), answer)

    async def post(self, path: str, body: BaseModel, answer: type[AnswerT]) -> AnswerT:
        """Do something, once, however often the request must be repeated; raises as `get`."""
        return _read(await self._ask("POST", path, body), answer)

    async def put(self, path: str, body: BaseModel, answer: type[AnswerT]) -> AnswerT:
        """Set something to what it may be set to twice; raises as `get`."""
        return _read(await self._ask("PUT", path, body), answer)

    async def delete(self, path: str, body: BaseModel, answer: type[AnswerT]) -> AnswerT:
        """Take something away; raises as `get`."""
        return _read(await self._ask("DELETE", path, body), answer)

    async def _ask(
        self, method: str, path: str, body: BaseModel | None = None, query: Query | None = None
    ) -> httpx.Response:
        request = self._client.build_request(
            method,
            path,
            params=query,
            content=None if body is None else body.model_dump_json(exclude_none=True),
            # The same key at every repetition: what was done before the connection broke is not done twice.
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "Idempotency-Key": uuid.uuid4().hex,
            },
        )
        try:
            async with asyncio.timeout(PATIENCE):
                response, repeated = await self._until_answered(request)
        except TimeoutError:
            raise CannotGoOn(
                f"{self._client.base_url} has not answered {method} {path} for {PATIENCE:.0f} s; "
                "look whether it still runs, and play again"
            ) from None
        if response.is_success:
            return response
        raise Refused(f"{method} {path}", response.status_code, _message(response), repeated)

    async def _until_answered(self, request: httpx.Request) -> tuple[httpx.Response, bool]:
        loop = asyncio.get_running_loop()
        repeated = False
        while True:
            asked = loop.time()
            wait = 0.5
            try:
                response = await self._client.send(request)
            except httpx.TransportError:
                pass
            else:
                if response.status_code not in AWAY:
                    self._calls.seconds.append(loop.time() - asked)
                    return response, repeated
                wait = _retry_after(response, wait)
            self._calls.repeated += 1
            repeated = True
            await asyncio.sleep(wait)


def _read(response: httpx.Response, answer: type[AnswerT]) -> AnswerT:
    try:
        # A newer installation may say more than we know of.
        return answer.model_validate_json(response.content, extra="ignore")
    except ValidationError as error:
        request = response.request
        raise NotUnderstood(
            f"{request.method} {request.url.path} answered something else: {error}"
        ) from error


def _message(response: httpx.Response) -> str:
    try:
        said = _Said.model_validate_json(response.content)
    except ValidationError:
        return response.text[:200]
    return f"{said.message} ({said.detail})" if said.detail else said.message


def _retry_after(response: httpx.Response, otherwise: float) -> float:
    given = response.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else otherwise
