"""The gate that keeps readers from being broken unawares."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contracts.__main__ import SCHEMAS, check, write
from contracts.compatibility import breaks
from contracts.schemas import MAJOR, schemas

Change = Callable[[Any], object]

BREAKING: dict[str, tuple[Change, str]] = {
    "a field is removed": (
        lambda schema: schema["properties"].pop("doctor_id"),
        "VisitStatusChanged.doctor_id is gone",
    ),
    "a field deep inside is removed": (
        lambda schema: schema["$defs"]["Visit"]["properties"].pop("queue_number"),
        "VisitStatusChanged.visit.queue_number is gone",
    ),
    "a number becomes text": (
        lambda schema: schema["properties"].update(clinic_id={"type": "string"}),
        "VisitStatusChanged.clinic_id is of another type",
    ),
    "a field that was always there may be null": (
        lambda schema: schema["properties"].update(
            clinic_id={"anyOf": [schema["properties"]["clinic_id"], {"type": "null"}]}
        ),
        "VisitStatusChanged.clinic_id is of another type",
    ),
    "a field that may be null never is": (
        lambda schema: schema["$defs"]["Visit"]["properties"].update(queue_number={"type": "integer"}),
        "VisitStatusChanged.visit.queue_number is of another type",
    ),
    "a value is removed from an enumeration": (
        lambda schema: schema["$defs"]["VisitStatus"]["enum"].remove("no_show"),
        "VisitStatusChanged.visit.status is of another type",
    ),
    "a value is added to an enumeration": (
        lambda schema: schema["$defs"]["VisitStatus"]["enum"].append("vanished"),
        "VisitStatusChanged.visit.status is of another type",
    ),
    "a limit is narrowed": (
        lambda schema: schema["properties"]["clinic_id"].update(minimum=100),
        "VisitStatusChanged.clinic_id is of another type",
    ),
    "a field without a default is added": (
        lambda schema: schema["properties"].update(floor={"type": "integer"}),
        "VisitStatusChanged.floor is new without a default",
    ),
    "the subject is another": (
        lambda schema: schema.update({"x-subject": "visit.{visit.id}.visit_status_changed"}),
        "VisitStatusChanged has another subject",
    ),
    "it becomes a snapshot": (
        lambda schema: schema.update({"x-snapshot": True}),
        "VisitStatusChanged has another snapshot",
    ),
    "a room no longer gets it": (
        lambda schema: schema["x-rooms"].remove("doctor_{doctor_id}"),
        "VisitStatusChanged no longer goes to doctor_{doctor_id}",
    ),
}

HARMLESS: dict[str, Change] = {
    "a field with a default is added": lambda schema: schema["properties"].update(
        floor={"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    ),
    "a room is added": lambda schema: schema["x-rooms"].append("staff"),
    "the words of a description change": lambda schema: schema.update(description="Otherwise said."),
    "the owner is another": lambda schema: schema.update({"x-owner": "appointment"}),
    "an enumeration is in another order": lambda schema: schema["$defs"]["VisitStatus"]["enum"].reverse(),
    "a shape has another name": lambda schema: (
        schema["$defs"].update(Encounter=schema["$defs"].pop("Visit")),
        schema["properties"].update(visit={"$ref": "#/$defs/Encounter"}),
    ),
}


@pytest.mark.parametrize(("change", "told"), BREAKING.values(), ids=BREAKING)
def test_what_breaks_a_reader_is_refused(change: Change, told: str) -> None:
    [said] = _said_after(change)
    assert said.startswith(told)


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_no_reader_passes(change: Change) -> None:
    assert _said_after(change) == []


def test_a_change_inside_a_list_is_seen() -> None:
    said = _said_after(
        lambda schema: schema["$defs"]["QueueItem"]["properties"].pop("version"), event="QueueUpdated"
    )
    assert "QueueUpdated.waiting[].version is gone" in said


def test_a_change_inside_what_may_be_null_is_seen() -> None:
    said = _said_after(
        lambda schema: schema["$defs"]["Clinic"]["properties"].pop("name"), event="AppointmentCreated"
    )
    assert said == ["AppointmentCreated.appointment.clinic.name is gone"]


def test_a_removed_event_is_refused() -> None:
    now = {name: schema for name, schema in schemas().items() if name != "WalkinAdded"}
    assert [*breaks(schemas(), now)] == ["WalkinAdded is gone"]


def test_a_new_event_breaks_nobody() -> None:
    promised = {name: schema for name, schema in schemas().items() if name != "WalkinAdded"}
    assert [*breaks(promised, schemas())] == []


def test_a_removed_field_stops_check_and_write_until_the_version_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    # What was promised has a field that the contract no longer has.
    kept = tmp_path / SCHEMAS / "VisitCancelled.json"
    promised = json.loads(kept.read_text())
    promised["properties"]["cancelled_by"] = {"type": "string"}
    kept.write_text(json.dumps(promised))

    [refused, _] = check(tmp_path)
    assert refused.startswith("VisitCancelled.cancelled_by is gone: this breaks readers.")
    assert refused.endswith(f"raise MAJOR in contracts/schemas.py from {MAJOR} to {MAJOR + 1}")
    assert write(tmp_path) == [refused]
    assert json.loads(kept.read_text()) == promised

    monkeypatch.setattr("contracts.schemas.MAJOR", MAJOR + 1)
    assert write(tmp_path) == []
    assert check(tmp_path) == []


def _said_after(change: Change, event: str = "VisitStatusChanged") -> list[str]:
    """What the gate says when `change` has been done to an event's schema."""
    changed: dict[str, Any] = json.loads(json.dumps(schemas()))
    change(changed[event])
    return [*breaks(schemas(), changed)]
