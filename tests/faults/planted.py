"""The suite against bugs that are planted in a process: it finds each of them. Run by `make faults`."""

import pytest

from tests.faults.run import Wanted, run


@pytest.mark.parametrize(
    ("process", "bug", "fault", "found"),
    [
        ("queue", "mark_before_publish", "queue ends half way", {"lost"}),
        ("bridge", "no_gap_check", "pull the bridge's cable", {"lost"}),
        # What comes before what is older comes twice, or makes the screen take the older for had.
        ("bridge", "enter_before_replay", "kill bridge", {"doubled", "reordered", "lost"}),
    ],
)
async def test_a_planted_bug_is_found(process: str, bug: str, fault: str, found: set[str]) -> None:
    # A moment between two steps is met by many changes and returns only.
    changes, faults, away = (800, 6, 0.1) if bug == "enter_before_replay" else (120, 2, 1)
    wanted = Wanted(3, changes, faults, "sqlite", only=(fault,), away=away, wrong={process: bug}, settling=5)
    outcome = await run(wanted, print)
    assert found & set(outcome.verdict.faults), outcome.told()
