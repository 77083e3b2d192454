"""One port for everything: each path to its owner, and what concerns all of them answered once."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fnmatch import fnmatch
from pathlib import Path

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from contracts.event import Process
from launcher.gateway import OWNERS, Gateway, owner
from launcher.page import FILES, HEADERS

CADDYFILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"

PATHS = {
    "/queue/call": Process.QUEUE,
    "/visits": Process.QUEUE,
    "/visits/check-in": Process.QUEUE,
    "/dashboard/stats": Process.QUEUE,
    "/audit": Process.QUEUE,
    "/appointments/current": Process.QUEUE,
    "/appointments/current/complete": Process.QUEUE,
    "/appointments": Process.APPOINTMENT,
    "/appointments/17": Process.APPOINTMENT,
    "/appointments/available-slots": Process.APPOINTMENT,
    "/clinics/1/doctors": Process.APPOINTMENT,
    "/doctors": Process.APPOINTMENT,
    "/services/2": Process.APPOINTMENT,
    "/auth/revoke": Process.APPOINTMENT,
    "/patients/search": Process.PATIENT,
    "/payments/refund/4": Process.PAYMENT,
    "/socket.io/": Process.BRIDGE,
}

NOBODYS = ("/queues", "/appointment", "/patients.json", "/nothing", "/api", "/api/")


class Part:
    """A service reduced to its name."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.metrics = CollectorRegistry()
        self.found: tuple[str, ...] = ()
        self.app: ASGIApp = self._answer
        Counter("http_requests", "requests answered", ["route"], registry=self.metrics).labels("/x").inc()

    async def problems(self) -> tuple[str, ...]:
        return self.found

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        yield

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"{self.process} {scope['path']}")(scope, receive, send)


@pytest.fixture
def parts() -> dict[Process, Part]:
    return {process: Part(process) for process in Process}


@pytest.fixture
async def client(parts: dict[Process, Part]) -> AsyncIterator[httpx.AsyncClient]:
    gateway = Gateway(parts)
    gateway.ready = True
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://clinic") as http:
        yield http


@pytest.mark.parametrize("prefix", ["", "/api"])
@pytest.mark.parametrize(("path", "process"), PATHS.items())
async def test_a_path_is_answered_by_its_owner_at_the_root_and_under_api(
    client: httpx.AsyncClient, path: str, process: Process, prefix: str
) -> None:
    assert (await client.get(prefix + path)).text == f"{process} {prefix}{path}"


@pytest.mark.parametrize("path", NOBODYS)
async def test_a_path_that_is_nobodys_is_404_in_json(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert answer.json()["message"]


async def test_readiness_names_what_is_missing_and_of_whom(
    client: httpx.AsyncClient, parts: dict[Process, Part]
) -> None:
    assert (await client.get("/health/ready")).json() == {"status": "ready", "waiting_for": {}}
    parts[Process.PAYMENT].found = ("database", "broker")
    answer = await client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["waiting_for"] == {"payment": ["database", "broker"]}
    assert (await client.get("/health/live")).status_code == 200


async def test_it_is_not_ready_before_it_is_told_so(parts: dict[Process, Part]) -> None:
    transport = httpx.ASGITransport(Gateway(parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic") as http:
        assert (await http.get("/health/ready")).status_code == 503


async def test_metrics_of_all_are_one_document_labelled_by_service(client: httpx.AsyncClient) -> None:
    families = list(text_string_to_metric_families((await client.get("/metrics")).text))
    names = [family.name for family in families]
    assert len(names) == len(set(names))
    requests = next(family for family in families if family.name == "http_requests")
    assert {s.labels["service"] for s in requests.samples if s.name == "http_requests_total"} == set(Process)


async def test_a_wrong_method_is_405(client: httpx.AsyncClient) -> None:
    for path in ("/health/live", "/metrics", "/"):
        assert (await client.post(path)).status_code == 405


@pytest.mark.parametrize("path", sorted(FILES))
async def test_the_page_runs_nothing_but_its_own_files(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"innerHTML|insertAdjacent|document\.write|eval\(", answer.text)


def matchers() -> dict[str, list[str]]:
    """The path matchers of the deployment's gateway, by name."""
    lines = re.findall(r"^\t@(\w+) path (.+)$", CADDYFILE.read_text(), re.MULTILINE)
    return {name: patterns.split() for name, patterns in lines}


@pytest.mark.parametrize("path", [*PATHS, *NOBODYS[:4]])
def test_the_deployments_gateway_sends_every_path_to_the_same_owner(path: str) -> None:
    # In the order of the file: the first that matches answers.
    answers = (name for name, patterns in matchers().items() if any(fnmatch(path, p) for p in patterns))
    assert next(answers, None) == owner(path)


def test_the_deployments_gateway_knows_every_owned_path() -> None:
    firsts = {
        pattern.split("/")[1] for name, found in matchers().items() if name != "page" for pattern in found
    }
    assert firsts == set(OWNERS)
    order = re.findall(r"handle @(\w+)", CADDYFILE.read_text())
    assert order.index("queue") < order.index("appointment")


def test_the_deployments_gateway_serves_the_page_alike() -> None:
    assert set(matchers()["page"]) == FILES
    for name, value in HEADERS.items():
        assert re.search(rf'^\t+{name} "?{re.escape(value)}"?$', CADDYFILE.read_text(), re.MULTILINE)


def test_long_polling_comes_back_to_its_bridge_by_cookie() -> None:
    bridges = re.search(r"handle @bridge \{\n(.*?)\n\t\}\n", CADDYFILE.read_text(), re.DOTALL)
    assert bridges
    assert "reverse_proxy bridge-1:8000 bridge-2:8000" in bridges[1]
    assert "lb_policy cookie" in bridges[1]
