"""The short form of `make fuzz`: the same attacks, a few thousand of them, with the same seed each time."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from contracts.event import Process
from contracts.identity import Role
from contracts.permissions import SERVICES
from tests.fuzz import frames, law, messages, requests, routes
from tests.fuzz.clinic import Clinic, running

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEED = 20261125


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clinic(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Clinic]:
    async with running(tmp_path_factory.mktemp("clinic")) as one:
        yield one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def warm(clinic: Clinic) -> dict[str, int]:
    """What each process holds once it has done everything once."""
    await clinic.works()
    for url in (clinic.base, clinic.stock):
        await frames.attack(url, bearers(clinic), 500, "warm")
    for process in SERVICES:
        await requests.attack(clinic, process, 30, "warm")
    await clinic.works()
    return clinic.memory()


def bearers(clinic: Clinic) -> list[str]:
    """A token of each role."""
    return [
        clinic.token(Role.RECEPTIONIST, 1),
        clinic.token(Role.DOCTOR, 1, doctor=1),
        clinic.token(Role.CASHIER, 1),
        clinic.token(Role.ADMIN),
        clinic.token(Role.DISPLAY, 1),
    ]


@pytest.mark.parametrize("wire", ["direct", "stock"])
async def test_no_frame_makes_a_bridge_fail(clinic: Clinic, warm: dict[str, int], wire: str) -> None:
    url = clinic.base if wire == "direct" else clinic.stock
    tally = await frames.attack(url, bearers(clinic), 1500, f"{SEED}")
    assert tally.failures == []
    assert tally.answers["post 200"], "nobody got as far as to say something"


async def test_no_message_makes_a_consumer_fail(clinic: Clinic, warm: dict[str, int]) -> None:
    tally = await messages.attack(clinic, 450, f"{SEED}")
    assert tally.failures == []


@pytest.mark.parametrize("process", SERVICES)
async def test_no_hasty_request_makes_a_service_fail(
    clinic: Clinic, warm: dict[str, int], process: Process
) -> None:
    tally = await requests.attack(clinic, process, 50, f"{SEED}")
    assert tally.failures == []
    assert tally.answers["request 200"], "nobody got as far as to be answered"


@pytest.mark.parametrize("service", SERVICES)
async def test_no_request_makes_a_service_fail(clinic: Clinic, warm: dict[str, int], service: str) -> None:
    process = next(one for one in SERVICES if one == service)
    role = routes.CALLERS[process][0]
    run = await routes.attack(clinic, process, role, SEED, 2, "examples,fuzzing,stateful")
    assert not run.failed, run.report
    assert run.cases > 20


async def test_afterwards_the_clinic_works_and_has_kept_nothing_of_it(
    clinic: Clinic, warm: dict[str, int]
) -> None:
    await law.keep(clinic, warm)


async def test_a_process_that_holds_more_than_it_may_is_named(clinic: Clinic, warm: dict[str, int]) -> None:
    # As if each had been smaller by so much when it was warm.
    smaller = {
        name: memory - law.GROWTH.get(name, 0) - law.MEBIBYTE for name, memory in clinic.memory().items()
    }
    assert [line.split(" grew")[0] for line in law.grown(clinic, smaller)] == ["clinicwire", "stock bridge"]
