"""What every test can ask for: a broker of its own, and a database on either kind."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from xdist.workermanage import WorkerController

from tests.browser import chromium
from tests.browser.stopwatch import TIMED
from tests.parts import Broker, broker_running, postgres_database, postgres_server

_USED: dict[str, str] = {}

# A busy machine is slow now and then; that is nothing about what is tested.
settings.register_profile("clinicwire", deadline=None)
settings.load_profile("clinicwire")


@pytest.fixture(scope="session")
def used() -> dict[str, str]:
    """What the tests ran on: a part, and where it is from."""
    return _USED


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    """A real nats-server with a user for each process; no stream yet."""
    async with broker_running(tmp_path / "broker") as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL server."""
    # Not in pytest's own folder: a second run closes that to other users, and as root the server is one.
    with TemporaryDirectory(prefix="clinicwire-") as folder, postgres_server(Path(folder)) as (url, source):
        _USED["PostgreSQL"] = source
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """An empty database: the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/service.db"
        return
    async with postgres_database(request.getfixturevalue("postgres")) as url:
        yield url


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells the run what it used."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["used"] = _USED


def pytest_testnodedown(node: WorkerController) -> None:
    """A worker has ended."""
    _USED.update(getattr(node, "workeroutput", {}).get("used", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the tests ran on."""
    used = ", ".join(f"{part} from {source}" for part, source in sorted(_USED.items()))
    terminalreporter.write_line(f"ran on: nats-server from the wheel, SQLite{', ' + used if used else ''}")
    timed = [report.user_properties for report in terminalreporter.getreports("passed")]
    took = sorted(given for properties in timed for what, given in properties if what == TIMED)
    if took:
        listed = ", ".join(f"{name} {milliseconds:.0f}" for name, milliseconds in took)
        middle = median(milliseconds for _, milliseconds in took)
        terminalreporter.write_line(
            f"ms from a press in one window to its paint in another (median {middle:.0f}): {listed}"
        )
    skipped = [one for one in terminalreporter.stats.get("skipped", []) if "tests/browser/" in one.nodeid]
    if skipped and not chromium.found():
        terminalreporter.section("THE SCREENS WERE NOT TESTED", red=True, bold=True)
        terminalreporter.write_line(f"{len(skipped)} tests skipped: {chromium.NONE}", red=True, bold=True)
