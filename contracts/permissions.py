"""What each NATS user may do, derived from the contracts; whatever is not listed here the broker refuses.

Wildcards match whole tokens, so every event is listed. `allow_responses` is used nowhere: it would go around
the publish lists; replies go to the askers' own inboxes instead.
"""

from contracts import EVENTS
from contracts.event import Process, Shape
from contracts.questions import QUESTIONS
from contracts.stream import REVOKED, STREAM, SUBJECTS
from contracts.tokens import TokenRevoked

SERVICES = (Process.QUEUE, Process.APPOINTMENT, Process.PATIENT, Process.PAYMENT)
"""The processes that own tables, each with a durable consumer of its own name."""

_DISCOVERY = "$SRV.>"
_READ_STREAM = f"$JS.API.STREAM.INFO.{STREAM}"
_READ_REVOKED = f"$JS.API.DIRECT.GET.{REVOKED}"


class Permissions(Shape):
    """The subjects a user may publish and subscribe; of `publish`, those in `publish_denied` are refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    publish_denied: tuple[str, ...] = ()


def inbox(user: str) -> str:
    """Where this user, and no other, hears replies; connect with `inbox_prefix` of `_INBOX_<user>`."""
    return f"_INBOX_{user}.>"


def _publishable(process: Process) -> tuple[str, ...]:
    events = [event.pattern() for event in EVENTS if event.owner is process]
    asks = [question.subject for question in QUESTIONS if process in question.askers]
    askers = {asker for question in QUESTIONS if question.owner is process for asker in question.askers}
    # The observer asks every process how it is.
    replies = [inbox(asker) for asker in (*sorted(askers), "observer")]
    return (*events, *asks, *replies)


def _hearable(process: Process) -> tuple[str, ...]:
    answers = [question.subject for question in QUESTIONS if question.owner is process]
    return (inbox(process), *answers, _DISCOVERY)


def _of_service(process: Process) -> Permissions:
    own_durable = (
        _READ_STREAM,
        _READ_REVOKED,
        f"$JS.API.CONSUMER.INFO.{STREAM}.{process}",
        f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{process}",
        f"$JS.ACK.{STREAM}.{process}.>",
    )
    # Every worker refuses a revoked token at once, not only the one that reads the durable consumer.
    heard = (*_hearable(process), TokenRevoked.pattern())
    return Permissions(publish=_publishable(process) + own_durable, subscribe=heard)


def _of_bridge() -> Permissions:
    own_reader = (
        _READ_STREAM,
        _READ_REVOKED,
        f"$JS.API.CONSUMER.CREATE.{STREAM}",
        f"$JS.API.CONSUMER.CREATE.{STREAM}.>",
        f"$JS.API.CONSUMER.INFO.{STREAM}.*",
        f"$JS.API.CONSUMER.DELETE.{STREAM}.*",
        f"$JS.API.DIRECT.GET.{STREAM}",
        f"$JS.API.DIRECT.GET.{STREAM}.>",
        "$JS.FC.>",
    )
    # Readers are ephemeral and named at random, so their names cannot be listed; the services' can.
    others = tuple(
        subject
        for service in SERVICES
        for subject in (
            f"$JS.API.CONSUMER.CREATE.{STREAM}.{service}",
            f"$JS.API.CONSUMER.CREATE.{STREAM}.{service}.>",
            f"$JS.API.CONSUMER.DELETE.{STREAM}.{service}",
        )
    )
    return Permissions(
        publish=_publishable(Process.BRIDGE) + own_reader,
        subscribe=_hearable(Process.BRIDGE),
        publish_denied=others,
    )


PERMISSIONS: dict[Process, Permissions] = {
    **{process: _of_service(process) for process in SERVICES},
    Process.BRIDGE: _of_bridge(),
}
"""What each process may do."""

PROVISIONER = Permissions(
    publish=(
        "$JS.API.INFO",
        *(
            f"$JS.API.STREAM.{verb}.{stream}"
            for stream in (STREAM, REVOKED)
            for verb in ("CREATE", "UPDATE", "INFO")
        ),
        f"$JS.API.CONSUMER.CREATE.{STREAM}.>",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{STREAM}.*",
        f"$JS.API.CONSUMER.INFO.{STREAM}.*",
        f"$JS.API.CONSUMER.DELETE.{STREAM}.*",
        f"$JS.API.CONSUMER.NAMES.{STREAM}",
        f"$JS.API.CONSUMER.LIST.{STREAM}",
    ),
    subscribe=(inbox("provisioner"),),
)
"""The one user that creates the streams and the services' consumers; it deletes no stream."""

OBSERVER = Permissions(
    publish=(_DISCOVERY, _READ_STREAM),
    subscribe=(inbox("observer"), *SUBJECTS),
)
"""For whoever integrates or operates: hears every event, asks processes how they are, changes nothing."""
