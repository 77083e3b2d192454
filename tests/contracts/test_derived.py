"""The derived files are current, and what reads them can."""

import json
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from pydantic import JsonValue

from contracts import EVENTS, Event, encode
from contracts.__main__ import ROOT, check, derived, main, write
from contracts.headers import REVISION, ROLLUP, ROOMS
from contracts.schemas import schema_of
from tests import builders
from tests.node import Node


@pytest.fixture(scope="module")
def document() -> Any:
    """The AsyncAPI document as it is committed."""
    return json.loads((ROOT / "contracts/asyncapi.json").read_text())


def test_the_committed_files_are_current() -> None:
    assert check(ROOT) == []


def test_writing_to_an_empty_folder_makes_every_file_and_then_all_is_well(tmp_path: Path) -> None:
    assert write(tmp_path) == []
    assert {path.relative_to(tmp_path) for path in tmp_path.rglob("*.*")} == derived().keys()
    assert check(tmp_path) == []


def test_a_file_changed_by_hand_is_stale_until_it_is_written_again(tmp_path: Path) -> None:
    write(tmp_path)
    types = tmp_path / "contracts/events.gen.ts"
    types.write_text(types.read_text() + "export type Mine = number;\n")
    assert check(tmp_path) == [
        "contracts/events.gen.ts is stale: run python -m contracts write, and commit it"
    ]
    write(tmp_path)
    assert check(tmp_path) == []


def test_the_command_fails_and_says_which_file_is_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("contracts.__main__.ROOT", tmp_path)
    assert main(["check"]) == 1
    assert "contracts/asyncapi.json is stale" in capsys.readouterr().err
    assert main(["write"]) == 0
    assert main(["check"]) == 0
    assert main(["chekc"]) == 2


@pytest.mark.parametrize("event", EVENTS)
def test_every_payload_is_valid_by_its_schema(event: type[Event]) -> None:
    schema = schema_of(event)
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(encode(builders.example(event))))


def test_the_asyncapi_document_is_valid_by_its_official_schema(node: Node, document: Any) -> None:
    official = Draft7Validator(_official_schema(node))
    assert [error.message for error in official.iter_errors(document)] == []


def test_the_official_schema_refuses_an_operation_of_no_known_kind(node: Node, document: Any) -> None:
    wrong = deepcopy(document)
    wrong["operations"]["publishQueueUpdated"]["action"] = "shout"
    assert not Draft7Validator(_official_schema(node)).is_valid(wrong)


def test_every_reference_of_the_asyncapi_document_leads_somewhere(document: Any) -> None:
    references = [*_references(document)]
    assert len(references) > len(EVENTS)
    for reference in references:
        part: JsonValue = document
        for step in reference.removeprefix("#/").split("/"):
            assert isinstance(part, dict), reference
            assert step in part, reference
            part = part[step]


@pytest.mark.parametrize("event", EVENTS)
def test_the_asyncapi_document_tells_owner_rooms_and_headers_of_each_event(
    event: type[Event], document: Any
) -> None:
    operation = document["operations"][f"publish{event.__name__}"]
    assert operation["x-owner"] == event.owner
    assert operation["x-rooms"] == list(event.rooms)
    carried = document["components"]["messages"][event.__name__]["headers"]["properties"]
    assert (ROOMS in carried) is bool(event.rooms)
    assert (ROLLUP in carried) is event.snapshot
    assert (REVISION in carried) is (event.of_clinic is not None)
    assert all(header["description"] for header in carried.values())
    on_screen = document["channels"]["screen"]["messages"]
    assert (event.__name__ in on_screen) is bool(event.rooms)


def test_the_typescript_types_compile_under_strict_and_fit_a_screen(node: Node, tmp_path: Path) -> None:
    done = _compiled(
        node,
        tmp_path,
        """
        import type { Answers, ClientEvents, ServerEvents, Visit } from "./events.gen";

        export const ticket = (visit: Visit): string => `${visit.queue_number ?? "-"} ${visit.status}`;
        export const joins: ClientEvents["join_queue_room"] = { clinic_id: 1 };
        export const inQueue = (heard: ServerEvents["queue_updated"]): number =>
            "doctor_id" in heard ? heard.doctor_id : heard.clinic_id;
        export const position = (answer: Answers["join_queue_room"]): number | string =>
            answer.ok ? answer.seq : answer.message;
        """,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "misuse",
    [
        'export const a: ServerEvents["visit_cancelled"] = { visit_id: "5", reason: null, clinic_id: 1 };',
        'export const b = (v: ServerEvents["new_checkin"]) => v.patient.medical_history;',
        'export type C = ServerEvents["patient_deleted"];',
        'export const d = (v: ServerEvents["walkin_added"]) => { v.clinic_id = 2; };',
    ],
    ids=["an id that is text", "a field that is not told", "an event for services only", "a changed payload"],
)
def test_a_screen_that_misreads_an_event_does_not_compile(node: Node, tmp_path: Path, misuse: str) -> None:
    done = _compiled(node, tmp_path, f'import type {{ ServerEvents }} from "./events.gen";\n{misuse}')
    assert done.returncode != 0
    assert "screen.ts" in done.stdout


def _compiled(node: Node, folder: Path, screen: str) -> subprocess.CompletedProcess[str]:
    (folder / "events.gen.ts").write_text(derived()[Path("contracts/events.gen.ts")])
    (folder / "screen.ts").write_text(screen)
    return node.run("tsc", "--strict", "--noEmit", "--target", "es2022", folder / "screen.ts")


def _official_schema(node: Node) -> dict[str, JsonValue]:
    text = (node.packages / "@asyncapi/specs/schemas/3.0.0.json").read_text()
    schema: dict[str, JsonValue] = json.loads(text)
    return schema


def _references(part: JsonValue) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "$ref":
                yield str(value)
            else:
                yield from _references(value)
    elif isinstance(part, list):
        for item in part:
            yield from _references(item)
