"""Requests made of the OpenAPI documents without a library's care: many, quick, and mostly a little wrong."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import aiohttp

from contracts.event import Process
from tests.fuzz import values
from tests.fuzz.clinic import LIMIT, Clinic
from tests.fuzz.frames import Tally
from tests.fuzz.routes import CALLERS, document

AT_ONCE = 8
"""Requests at a time."""

RIGHT = 0.9
"""How often a value is what its schema may mean: odd ones alone get no further than that."""

NOUNS = ("clinic", "doctor", "service", "patient", "appointment", "visit", "payment")

TEXTS: Mapping[str, Sequence[str]] = {
    "date": ("2026-11-26", "2026-02-28", "2024-02-29", "2100-01-01", "2026-02-30"),
    "date-time": ("2026-11-27T10:15:00Z", "2026-11-27T23:59:59+14:00", "2026-11-27T10:15:00"),
    "time-zone": ("UTC", "Asia/Amman", "America/St_Johns", "Nowhere/At_All"),
    "time": ("00:00", "08:30", "23:59", "24:00"),
}

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND")

KINDS = ("application/json", "application/json", "text/plain", "application/x-www-form-urlencoded", "x/y", "")

KEPT = 200
"""Of each thing that was made, the numbers to come back to."""


class Caller:
    """Makes requests to one service, the same again by its seed, and comes back to what was made."""

    def __init__(self, told: Mapping[str, Any], visits: Sequence[int], random: Random) -> None:
        self._schemas = told["components"]["schemas"]
        self._routes = [
            (method.upper(), path, route)
            for path, methods in told["paths"].items()
            for method, route in methods.items()
        ]
        self._random = random
        self._known = {noun: [1, 2, 3] for noun in NOUNS} | {"visit": [*visits]}

    def request(self) -> tuple[str, str, dict[str, Any]]:
        """Method, path, and what else aiohttp is to be told."""
        random = self._random
        method, path, route = random.choice(self._routes)
        query: dict[str, str] = {}
        headers: dict[str, str] = {}
        for parameter in route.get("parameters", ()):
            name, where = parameter["name"], parameter["in"]
            if where == "path":
                path = path.replace(f"{{{name}}}", _written(self._value(name, parameter["schema"])) or "0")
            elif random.random() < (0.9 if parameter.get("required") else 0.3):
                given = _written(self._value(name, parameter["schema"]))
                if where == "query":
                    query[name] = given
                elif given.isprintable():
                    headers[name] = given
        if random.random() < 0.05:
            query[random.choice(values.NAMES)] = values.text(random)
        more: dict[str, Any] = {"params": query, "headers": headers}
        if "requestBody" in route or random.random() < 0.02:
            more["data"] = self._body(route)
            headers["Content-Type"] = KINDS[0] if random.random() < 0.95 else random.choice(KINDS)
        return random.choice(METHODS) if random.random() < 0.03 else method, path, more

    def learn(self, answer: object) -> None:
        """Remember the numbers of what an answer says there is."""
        if isinstance(answer, dict):
            for noun, known in self._known.items():
                thing = answer.get(noun)
                if isinstance(thing, dict) and isinstance(thing.get("id"), int):
                    known.append(thing["id"])
                    del known[:-KEPT]

    def _body(self, route: Mapping[str, Any]) -> bytes:
        random = self._random
        content = route.get("requestBody", {}).get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if random.random() < 0.1:
            return values.text(random).encode(errors="replace")
        said = json.dumps(self._value("", schema))
        return (values.mangled(random, said) if random.random() < 0.05 else said).encode(errors="replace")

    def _value(self, name: str, schema: Mapping[str, Any], depth: int = 0) -> Any:
        random = self._random
        if depth > 5 or random.random() > RIGHT ** (1 / (depth + 1)):
            return values.value(random)
        if "$ref" in schema:
            return self._value(name, self._schemas[schema["$ref"].rpartition("/")[2]], depth)
        if "anyOf" in schema:
            return self._value(name, random.choice(schema["anyOf"]), depth)
        if "enum" in schema:
            return random.choice(schema["enum"])
        match schema.get("type"):
            case "integer" | "number":
                return self._number(name, schema)
            case "string":
                return self._text(name, schema)
            case "boolean":
                return random.random() < 0.5
            case "array":
                return [
                    self._value("", schema.get("items", {}), depth + 1) for _ in range(random.randrange(4))
                ]
            case "object":
                required = schema.get("required", ())
                return {
                    one: self._value(one, of, depth + 1)
                    for one, of in schema.get("properties", {}).items()
                    if random.random() < (0.97 if one in required else 0.4)
                }
            case "null":
                return None
            case _:
                return schema.get("const", values.value(random))

    def _number(self, name: str, schema: Mapping[str, Any]) -> float:
        random = self._random
        known = self._known.get(name.removesuffix("_id"))
        if known and random.random() < 0.9:
            return random.choice(known)
        if schema["type"] == "number":
            return random.choice((0, 0.5, 20, 19.99, 1e6))
        return random.choice((1, 2, 15, 60, random.randrange(2**60)))

    def _text(self, name: str, schema: Mapping[str, Any]) -> str:
        random = self._random
        if "format" in schema:
            return random.choice(TEXTS.get(schema["format"], ("x",)))
        if name in ("start", "end"):
            return random.choice(TEXTS["time"])
        if name == "phone":
            return f"+000555{random.randrange(10**6):06}"
        if name.lower() in ("if-match", "if-none-match"):
            return random.choice(('"1"', '"2"', "*", "W/x", '""'))
        return random.choice(
            ("Ada", "émile", f"{random.randrange(50)}", "x" * 150, str(random.choice(values.ODD)))
        )


def _written(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value)
    return said.encode(errors="replace").decode()[:3000]


async def attack(clinic: Clinic, process: Process, inputs: int, seed: str) -> Tally:
    """Send so many requests to this service, with the tokens of each of its callers."""
    tally = Tally()
    random = Random(seed)  # noqa: S311  # the same again by its seed
    caller = Caller(json.loads(await document(process)), clinic.visits, random)
    bearers = [
        clinic.token(role, *(() if role == "admin" else (1, 2)), doctor=1 if role == "doctor" else None)
        for role in CALLERS[process]
    ]
    async with aiohttp.ClientSession(clinic.base, timeout=aiohttp.ClientTimeout(LIMIT)) as http:

        async def keep_on() -> None:
            while tally.sent < inputs and len(tally.failures) < 10:
                tally.sent += 1
                method, path, more = caller.request()
                more["headers"]["Authorization"] = f"Bearer {random.choice(bearers)}"
                what = f"{method} {path[:100]} {str(more)[:600]}"
                await _one(http, caller, tally, what, method, path, more)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(AT_ONCE):
                tasks.create_task(keep_on())
    return tally


async def _one(
    http: aiohttp.ClientSession,
    caller: Caller,
    tally: Tally,
    what: str,
    method: str,
    path: str,
    more: dict[str, Any],
) -> None:
    try:
        async with http.request(method, path, allow_redirects=False, **more) as answer:
            tally.answered("request", answer.status, what)
            said = await answer.read()
    except (aiohttp.ClientError, TimeoutError, ValueError) as broken:
        tally.failures.append(f"{what}: {broken!r}")
        return
    if answer.content_type == "application/json" and said:
        told = json.loads(said)
        caller.learn(told)
        if answer.status >= 400 and not told.get("message"):
            tally.failures.append(f"{what}: {answer.status} without a message")
