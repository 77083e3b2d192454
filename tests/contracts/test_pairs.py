"""Every user against every subject, one by one: what the contracts do not give, a real broker refuses.

What is allowed is said here a second time, from the contracts themselves, so that a mistake in
`contracts.permissions` shows.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from contracts import EVENTS, Process, QueueUpdated, TokenRevoked
from contracts.permissions import SERVICES
from contracts.questions import QUESTIONS
from contracts.stream import REVOKED, STREAM
from tests.contracts.test_permissions import User, user_of
from tests.parts import Broker, broker_running

pytestmark = pytest.mark.asyncio(loop_scope="module")

USERS = (*(process.value for process in Process), "provisioner", "observer")
API = "$JS.API"
BRIDGES = "bridge-0123456789abcdef"
"""What a bridge names its reader."""

EVENT_SUBJECTS = {event.pattern().replace("*", "7"): event for event in EVENTS}
QUESTION_SUBJECTS = {question.subject: question for question in QUESTIONS}
INBOXES = {f"_INBOX_{user}.reply": user for user in USERS}

STREAM_SUBJECTS = (
    *(f"{API}.STREAM.{verb}.{STREAM}" for verb in ("CREATE", "UPDATE", "INFO", "DELETE", "PURGE")),
    *(f"{API}.STREAM.{verb}.{STREAM}" for verb in ("MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE")),
    *(f"{API}.STREAM.{verb}.{STREAM}" for verb in ("LEADER.STEPDOWN", "PEER.REMOVE")),
    *(f"{API}.STREAM.{verb}.ANOTHER" for verb in ("CREATE", "UPDATE", "INFO", "DELETE", "PURGE")),
    f"{API}.STREAM.NAMES",
    f"{API}.STREAM.LIST",
    f"{API}.DIRECT.GET.{STREAM}",
    f"{API}.DIRECT.GET.{STREAM}.clinic.7.queue_updated",
    *(f"{API}.STREAM.{verb}.{REVOKED}" for verb in ("CREATE", "UPDATE", "INFO", "DELETE", "PURGE")),
    *(f"{API}.STREAM.{verb}.{REVOKED}" for verb in ("MSG.GET", "MSG.DELETE")),
    f"{API}.DIRECT.GET.{REVOKED}",
    f"{API}.DIRECT.GET.{REVOKED}.revocation.7.token_revoked",
    f"{API}.DIRECT.GET.ANOTHER",
)
CONSUMER_SUBJECTS = (
    f"{API}.CONSUMER.CREATE.{STREAM}",
    f"{API}.CONSUMER.NAMES.{STREAM}",
    f"{API}.CONSUMER.LIST.{STREAM}",
    f"{API}.CONSUMER.CREATE.{REVOKED}.{BRIDGES}",
    f"{API}.CONSUMER.CREATE.ANOTHER.{BRIDGES}",
    *(
        f"{API}.CONSUMER.{verb}.{STREAM}.{name}"
        for name in (*SERVICES, BRIDGES)
        for verb in ("CREATE", "DURABLE.CREATE", "INFO", "DELETE", "MSG.NEXT", "PAUSE", "UNPIN")
    ),
    *(f"{API}.CONSUMER.CREATE.{STREAM}.{name}.clinic.7.queue_updated" for name in (*SERVICES, BRIDGES)),
    *(f"$JS.ACK.{STREAM}.{name}.1.1.1.1.0" for name in (*SERVICES, BRIDGES)),
)
OTHER_SUBJECTS = (
    "$JS.FC.reader",
    f"{API}.INFO",
    f"{API}.ACCOUNT.PURGE.$G",
    f"{API}.META.LEADER.STEPDOWN",
    f"{API}.SERVER.REMOVE",
    "$SRV.PING",
    "$SRV.PING.clinicwire-queue",
    "$SRV.INFO.clinicwire-queue.1",
    "$SRV.STATS",
    "$SYS.REQ.SERVER.PING",
    "$SYS.REQ.ACCOUNT.$G.CONNZ",
    "$KV.clinic.1",
    "$O.clinic.C.1",
    "_INBOX.reply",
    "clinic.7.nobody_declared_this",
    "clinic.7.queue_updated.more",
    "clinic.queue_updated",
    "ask.queue.nothing",
    "anything",
)
SUBJECTS = (
    *EVENT_SUBJECTS,
    *QUESTION_SUBJECTS,
    *INBOXES,
    *STREAM_SUBJECTS,
    *CONSUMER_SUBJECTS,
    *OTHER_SUBJECTS,
)

WILDCARDS = (">", "*", "*.>", "clinic.>", "clinic.*.*", "doctor.>", "ask.>", "_INBOX.>", "$JS.>", "$SYS.>")
"""What a listener would rather ask for."""

OF_BRIDGE = {
    f"{API}.DIRECT.GET.{REVOKED}",
    f"{API}.STREAM.INFO.{STREAM}",
    f"{API}.DIRECT.GET.{STREAM}",
    f"{API}.DIRECT.GET.{STREAM}.clinic.7.queue_updated",
    f"{API}.CONSUMER.CREATE.{STREAM}",
    f"{API}.CONSUMER.CREATE.{STREAM}.{BRIDGES}",
    f"{API}.CONSUMER.CREATE.{STREAM}.{BRIDGES}.clinic.7.queue_updated",
    f"{API}.CONSUMER.DELETE.{STREAM}.{BRIDGES}",
    *(f"{API}.CONSUMER.INFO.{STREAM}.{name}" for name in (*SERVICES, BRIDGES)),
    "$JS.FC.reader",
}
OF_PROVISIONER = {
    f"{API}.INFO",
    *(f"{API}.STREAM.{verb}.{name}" for name in (STREAM, REVOKED) for verb in ("CREATE", "UPDATE", "INFO")),
    f"{API}.CONSUMER.NAMES.{STREAM}",
    f"{API}.CONSUMER.LIST.{STREAM}",
    *(
        f"{API}.CONSUMER.{verb}.{STREAM}.{name}"
        for name in (*SERVICES, BRIDGES)
        for verb in ("CREATE", "DURABLE.CREATE", "INFO", "DELETE")
    ),
    *(f"{API}.CONSUMER.CREATE.{STREAM}.{name}.clinic.7.queue_updated" for name in (*SERVICES, BRIDGES)),
}


def may_publish(user: str, subject: str) -> bool:
    """Whether the contracts let this user publish there."""
    if user == "provisioner":
        return subject in OF_PROVISIONER
    if user == "observer":
        return subject.startswith("$SRV.") or subject == f"{API}.STREAM.INFO.{STREAM}"
    if event := EVENT_SUBJECTS.get(subject):
        return event.owner == user
    if question := QUESTION_SUBJECTS.get(subject):
        return user in question.askers
    if asker := INBOXES.get(subject):
        # Who is asked by nobody answers nobody, but for the observer's "are you there?"
        return asker == "observer" or any(q.owner == user and asker in q.askers for q in QUESTIONS)
    if user == Process.BRIDGE:
        return subject in OF_BRIDGE
    return subject in {
        f"{API}.STREAM.INFO.{STREAM}",
        f"{API}.DIRECT.GET.{REVOKED}",
        f"{API}.CONSUMER.INFO.{STREAM}.{user}",
        f"{API}.CONSUMER.MSG.NEXT.{STREAM}.{user}",
        f"$JS.ACK.{STREAM}.{user}.1.1.1.1.0",
    }


def may_hear(user: str, subject: str) -> bool:
    """Whether the contracts let this user subscribe to it."""
    if subject in INBOXES:
        return INBOXES[subject] == user
    if event := EVENT_SUBJECTS.get(subject):
        return user == "observer" or (user in SERVICES and event is TokenRevoked)
    if question := QUESTION_SUBJECTS.get(subject):
        return question.owner == user
    return subject.startswith("$SRV.") and user in set(Process)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    """A broker with its stream and everybody's consumer: there is something to take."""
    async with broker_running(tmp_path_factory.mktemp("broker")) as running:
        await running.provision({service: (QueueUpdated,) for service in SERVICES})
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def users(broker: Broker) -> AsyncIterator[dict[str, User]]:
    """Everybody, connected."""
    async with AsyncExitStack() as stack:
        yield {name: await stack.enter_async_context(user_of(broker, name)) for name in USERS}


async def test_the_table_of_this_test_has_every_user_of_the_broker(broker: Broker) -> None:
    assert set(USERS) == set(broker.seeds)


@pytest.mark.parametrize("name", USERS)
async def test_a_user_publishes_what_the_contracts_give_it_and_nothing_else(
    users: dict[str, User], name: str
) -> None:
    user = users[name]
    for subject in SUBJECTS:
        user.seen.clear()
        # A body that no API takes: whoever is let through must not change the stream here.
        await user.connection.publish(subject, b"not JSON")
        refused = await user.refused()
        expected = set() if may_publish(name, subject) else {f"publish {subject}".lower()}
        assert refused == expected, f"{name} publishes {subject}"


@pytest.mark.parametrize("name", USERS)
async def test_a_user_hears_what_the_contracts_give_it_and_nothing_else(
    users: dict[str, User], name: str
) -> None:
    user = users[name]
    for subject in (*SUBJECTS, *WILDCARDS):
        user.seen.clear()
        subscription = await user.connection.subscribe(subject)
        refused = await user.refused()
        expected = set() if may_hear(name, subject) else {f"subscription {subject}".lower()}
        assert refused == expected, f"{name} subscribes to {subject}"
        await subscription.unsubscribe()


async def test_a_user_hears_nobody_else_s_replies_by_a_queue_group_either(users: dict[str, User]) -> None:
    for name, user in users.items():
        for inbox, owner in INBOXES.items():
            if owner != name:
                user.seen.clear()
                await user.connection.subscribe(inbox, "group")
                assert await user.refused() == {f"subscription {inbox}".lower()}, f"{name}: {inbox}"


async def test_after_all_of_it_the_stream_and_every_consumer_are_there(users: dict[str, User]) -> None:
    manager = users["provisioner"].connection.jetstream()
    info = await manager.stream_info(STREAM)
    assert sorted(info.config.subjects or ()) == sorted({event.pattern() for event in EVENTS})
    for service in SERVICES:
        assert (await manager.consumer_info(STREAM, service)).config.durable_name == service
