"""Laws that every event keeps."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import contracts
from contracts import EVENTS, BoardUpdated, Event, PatientUpdated, PaymentProcessed, Process, encode
from contracts.event import Shape
from contracts.permissions import SERVICES
from contracts.questions import QUESTIONS, Question
from contracts.schemas import Schema, definitions, schema_of
from contracts.stream import SUBJECTS, event_of
from tests import builders

each_event = pytest.mark.parametrize("event", EVENTS)
each_question = pytest.mark.parametrize("question", QUESTIONS)

PERSONAL = re.compile(r"name|phone|patient|address|age$|gender|note|reason|history|amount|price|pay|share")
"""What a screen on the wall must not show: who someone is, what of, and for how much."""


def test_every_event_there_is_is_listed_once() -> None:
    for module in pkgutil.iter_modules(contracts.__path__):
        if module.name != "__main__":
            importlib.import_module(f"contracts.{module.name}")
    declared = [kind for kind in Event.__subclasses__() if kind.__module__.startswith("contracts.")]
    assert sorted(kind.__name__ for kind in declared) == sorted(event.__name__ for event in EVENTS)


def test_no_two_events_share_a_subject() -> None:
    assert len({event.pattern() for event in EVENTS}) == len(EVENTS)


@each_event
def test_a_subject_is_a_kind_a_number_and_a_name(event: type[Event]) -> None:
    assert re.fullmatch(r"[a-z]+\.\*\.[a-z_]+", event.pattern())


@each_event
def test_an_event_says_in_a_sentence_what_has_happened(event: type[Event]) -> None:
    assert event.__doc__
    assert event.__doc__ != Event.__doc__
    assert event.__doc__.splitlines()[0].endswith(".")


@each_event
def test_an_event_is_owned_by_a_service_that_has_tables(event: type[Event]) -> None:
    assert event.owner in SERVICES


@each_event
def test_what_is_published_reads_back_as_what_was_meant(event: type[Event]) -> None:
    example = builders.example(event)
    assert event.model_validate_json(encode(example)) == example


@each_event
def test_a_field_nobody_declared_is_refused(event: type[Event]) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        builders.example(event, surprise=1)


@each_event
def test_a_field_cannot_be_left_out_unless_the_contract_gives_it(event: type[Event]) -> None:
    required = [name for name, field in event.model_fields.items() if field.is_required()]
    whole = builders.example(event).model_dump()
    assert required
    for name in required:
        with pytest.raises(ValidationError, match=name):
            event.model_validate({field: value for field, value in whole.items() if field != name})


@each_event
def test_an_event_cannot_be_changed_once_it_is_made(event: type[Event]) -> None:
    example = builders.example(event)
    field = next(iter(event.model_fields))
    with pytest.raises(ValidationError, match="frozen"):
        setattr(example, field, getattr(example, field))


@each_event
def test_the_address_matches_the_pattern_and_leads_back_to_the_event(event: type[Event]) -> None:
    address = builders.example(event).address()
    assert re.fullmatch(event.pattern().replace(".", r"\.").replace("*", r"\d+"), address)
    assert event_of(address) is event
    assert event.pattern() in SUBJECTS


@each_event
def test_rooms_are_filled_from_the_payload(event: type[Event]) -> None:
    audience = builders.example(event).audience()
    assert len(set(audience)) == len(event.rooms)
    assert all(re.fullmatch(r"staff|desk_all|(clinic|doctor|desk|board)_\d+", room) for room in audience)


@each_event
def test_subject_and_rooms_are_made_of_ids_that_are_always_there(event: type[Event]) -> None:
    templates = (event.subject, *event.rooms, event.of_clinic or "")
    for path in re.findall(r"\{([^}]*)\}", " ".join(templates)):
        field = _field(schema_of(event), path)
        assert (field.get("type"), field.get("minimum")) == ("integer", 1), path


@each_event
def test_an_event_of_a_clinic_is_numbered_by_that_clinic(event: type[Event]) -> None:
    of_a_clinic = not event.subject.startswith(("patient.", "revocation."))
    assert builders.example(event).clinic_number() == (1 if of_a_clinic else None)


@each_event
def test_no_event_carries_a_medical_history(event: type[Event]) -> None:
    assert not [name for name in _field_names(event) if "history" in name or "diagnos" in name]


def test_nothing_about_a_person_or_money_reaches_a_board() -> None:
    on_boards = [event for event in EVENTS if any(room.startswith("board_") for room in event.rooms)]
    assert on_boards == [BoardUpdated]
    for event in on_boards:
        assert not [name for name in _field_names(event) if PERSONAL.search(name)]


def test_the_board_law_would_see_a_name_if_there_were_one() -> None:
    assert [name for name in _field_names(PatientUpdated) if PERSONAL.search(name)]


def test_amounts_are_numbers_with_two_decimals() -> None:
    payload = encode(builders.example(PaymentProcessed, payment=builders.payment(amount_paid="0.1")))
    assert b'"amount_paid":0.10,' in payload
    assert b'"total_amount":200.00,' in payload


@given(text=st.text())
def test_any_text_survives_the_way_through_the_stream(text: str) -> None:
    event = builders.example(PatientUpdated, patient=builders.patient_card(name=text, address=text))
    assert PatientUpdated.model_validate_json(encode(event)) == event


@given(subject=st.text() | st.from_regex(r"(clinic|doctor)\.[0-9a-z*>]{0,3}\.[a-z_]{0,15}", fullmatch=True))
def test_a_subject_is_an_event_s_only_if_the_contracts_name_it(subject: str) -> None:
    kind = event_of(subject)
    named = any(
        re.fullmatch(event.pattern().replace(".", r"\.").replace("*", "[0-9]+"), subject) for event in EVENTS
    )
    assert (kind is not None) is named


def test_no_two_questions_share_a_subject_and_none_is_kept_in_the_stream() -> None:
    subjects = {question.subject for question in QUESTIONS}
    assert len(subjects) == len(QUESTIONS)
    assert not {subject.split(".")[0] for subject in subjects} & {kept.split(".")[0] for kept in SUBJECTS}


@each_question
def test_a_question_is_asked_of_another_and_says_what_it_asks(question: type[Question]) -> None:
    assert question.owner in SERVICES
    assert question.askers
    assert question.owner not in question.askers
    assert question.__doc__
    assert re.fullmatch(r"ask\.[a-z]+\.[a-z]+", question.subject)


def test_every_process_may_learn_which_tokens_are_refused() -> None:
    asking = {asker for question in QUESTIONS for asker in question.askers if "revoked" in question.subject}
    assert asking == set(Process) - {Process.APPOINTMENT}


def _field_names(event: type[Shape]) -> Iterator[str]:
    for schema in definitions("", (event,)).values():
        yield from cast(Schema, schema.get("properties", {}))


def _field(schema: Schema, path: str) -> Schema:
    """The schema of the field that a template names, reaching inside where it has dots."""
    shapes = cast(dict[str, Schema], schema.get("$defs", {}))
    part = schema
    for name in path.split("."):
        if "$ref" in part:
            part = shapes[str(part["$ref"]).rsplit("/", 1)[1]]
        part = cast(dict[str, Schema], part["properties"])[name]
    return part
