"""Every event that a screen can hear has a line of its own."""

import orjson
import pytest

from contracts import EVENTS, Event, QueueUpdated, VisitCancelled, WalkinAdded, encode
from contracts.screen import read
from launcher.headline import COLOURS, Headlines
from tests import builders

HEARD = [event for event in EVENTS if event.rooms]


@pytest.mark.parametrize("kind", HEARD, ids=lambda kind: kind.__name__)
def test_an_event_is_read_from_its_json_and_has_a_headline(kind: type[Event]) -> None:
    event = builders.example(kind)
    heard = read(kind.name(), orjson.loads(encode(event)))
    assert heard == event
    assert Headlines().of(event)
    assert kind.name() in COLOURS


@pytest.mark.parametrize("payload", [None, [], {"visit_id": "x"}, {"clinic_id": 1, "more": 2}])
def test_what_no_contract_knows_is_no_event(payload: object) -> None:
    assert read("visit_cancelled", payload) is None
    assert read("invented", payload) is None


def test_a_cancellation_names_the_ticket_that_was_seen_before() -> None:
    headlines = Headlines()
    visit = builders.visit(queue_number=12)
    headlines.of(builders.example(WalkinAdded, visit=visit))
    assert headlines.of(VisitCancelled(visit_id=visit.id, reason="Left", clinic_id=1)) == "ticket 12: Left"
    assert "visit 99" in headlines.of(VisitCancelled(visit_id=99, reason=None, clinic_id=1))


def test_a_queue_is_counted() -> None:
    queue = builders.example(QueueUpdated, waiting=(builders.queue_item(),) * 3, called=(), total=7)
    assert Headlines().of(queue).startswith("clinic: 3 waiting, 0 called")
