"""The first trigger of each event once more, on PostgreSQL."""

import pytest

from tests.flows.house import House
from tests.flows.test_triggers import make
from tests.flows.triggers import TRIGGERS, Trigger

pytestmark = pytest.mark.asyncio(loop_scope="module")

DATABASES = ("postgresql",)

FIRST = list(dict.fromkeys(triggers[0] for triggers in TRIGGERS.values()))


@pytest.mark.parametrize("trigger", [pytest.param(trigger, id=trigger.__doc__) for trigger in FIRST])
async def test_a_change_tells_its_audience_and_nobody_else(house: House, trigger: Trigger) -> None:
    await make(house, trigger)
