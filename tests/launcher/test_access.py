"""The page of who may do what is printed from the tables that are enforced."""

from pathlib import Path

import pytest

from contracts import EVENTS
from launcher import access
from socket_bridge.access import ROOMS


def test_the_committed_page_is_current() -> None:
    assert access.main(["check"]) == 0


def test_a_page_changed_by_hand_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(access, "ROOT", tmp_path)
    (tmp_path / access.PAGE).parent.mkdir()
    assert access.main(["check"]) == 1
    assert "python -m launcher.access write" in capsys.readouterr().err
    assert access.main(["write"]) == 0
    assert access.main(["check"]) == 0
    page = (tmp_path / access.PAGE).read_text()
    (tmp_path / access.PAGE).write_text(page.replace("| - |", "| all |", 1))
    assert access.main(["check"]) == 1
    assert access.main(["print"]) == 2


def test_every_route_room_and_event_has_its_line() -> None:
    page = access.page()
    lines = [*(route for table in access.routes().values() for route in table), *ROOMS]
    for line in (*lines, *(event.__name__ for event in EVENTS)):
        assert f"\n| `{line}` |" in page, line
