"""The fault suite's short form; `make faults` is the long one."""

import pytest

from tests.faults.run import Wanted, run

SEED = 7


@pytest.mark.parametrize(
    ("database", "faults"),
    [
        ("sqlite", ("pull the bridge's cable", "kill the broker")),
        ("postgresql", ("queue ends half way", "kill bridge")),
    ],
)
async def test_nothing_is_lost_doubled_or_reordered_whatever_is_killed(
    database: str, faults: tuple[str, ...]
) -> None:
    outcome = await run(Wanted(SEED, 60, len(faults), database, only=faults), print)
    assert not outcome.verdict.faults, outcome.told()
    assert outcome.happened.total() == len(faults)
    assert outcome.verdict.received > outcome.verdict.committed > 60
