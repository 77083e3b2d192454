"""The stream and the consumers as the design has them, by the one user that may make them."""

import json
from datetime import timedelta

import nats
import pytest

from appointment_service.actions.tokens import LONGEST_TOKEN
from contracts import ClinicChanged, PatientCreated, PatientUpdated, QueueUpdated
from contracts.event import Event, Process
from contracts.stream import REVOKED, STREAM, SUBJECTS
from launcher.provision import NotProvisioned, StreamSize, provision
from tests.parts import Broker

Told = dict[str, dict[str, object]]


async def ask(broker: Broker, subject: str) -> Told:
    client = await nats.connect(
        broker.url, nkeys_seed_str=broker.seeds["provisioner"], inbox_prefix=b"_INBOX_provisioner"
    )
    try:
        told: Told = json.loads((await client.request(subject, timeout=5)).data)
        return told
    finally:
        await client.close()


async def make(broker: Broker, heard: dict[Process, tuple[type[Event], ...]], max_bytes: int = 2**26) -> None:
    await provision(broker.settings("provisioner"), heard, StreamSize(max_bytes=max_bytes))


def nanoseconds(time: timedelta) -> int:
    return int(time.total_seconds()) * 10**9


async def test_the_stream_is_the_designs(broker: Broker) -> None:
    await make(broker, {})
    config = (await ask(broker, f"$JS.API.STREAM.INFO.{STREAM}"))["config"]
    assert config["subjects"] == list(SUBJECTS)
    assert (config["storage"], config["retention"], config["discard"]) == ("file", "limits", "old")
    assert config["max_age"] == nanoseconds(timedelta(days=7))
    assert config["max_bytes"] == 2**26
    assert config["duplicate_window"] == nanoseconds(timedelta(hours=2))
    assert [config[wanted] for wanted in ("allow_direct", "allow_rollup_hdrs", "allow_atomic")] == [True] * 3


async def test_revocations_are_kept_for_longer_than_any_token_lives(broker: Broker) -> None:
    await make(broker, {})
    config = (await ask(broker, f"$JS.API.STREAM.INFO.{REVOKED}"))["config"]
    assert config["sources"] == [{"name": STREAM, "filter_subject": "revocation.*.token_revoked"}]
    assert (config["storage"], config["allow_direct"]) == ("file", True)
    assert config["max_age"] == nanoseconds(LONGEST_TOKEN + timedelta(days=1))


async def test_a_service_gets_a_durable_consumer_of_what_it_hears(broker: Broker) -> None:
    await make(broker, {Process.QUEUE: (PatientUpdated, PatientCreated), Process.PAYMENT: ()})
    info = await ask(broker, f"$JS.API.CONSUMER.INFO.{STREAM}.queue")
    config = info["config"]
    assert config["durable_name"] == "queue"
    assert config["filter_subjects"] == ["patient.*.patient_created", "patient.*.patient_updated"]
    assert (config["ack_policy"], config["deliver_policy"]) == ("explicit", "all")
    assert (config["max_ack_pending"], config["ack_wait"]) == (1000, nanoseconds(timedelta(seconds=5)))
    assert "error" in await ask(broker, f"$JS.API.CONSUMER.INFO.{STREAM}.payment")


async def test_a_second_time_brings_up_to_date_and_loses_nothing(broker: Broker) -> None:
    await make(broker, {Process.QUEUE: (PatientCreated,)})
    before = await ask(broker, f"$JS.API.STREAM.INFO.{STREAM}")
    await make(broker, {Process.QUEUE: (PatientCreated, ClinicChanged)}, max_bytes=2**27)
    after = await ask(broker, f"$JS.API.STREAM.INFO.{STREAM}")
    assert after["created"] == before["created"]
    assert after["config"]["max_bytes"] == 2**27
    consumer = await ask(broker, f"$JS.API.CONSUMER.INFO.{STREAM}.queue")
    assert consumer["config"]["filter_subjects"] == [ClinicChanged.pattern(), PatientCreated.pattern()]


async def test_whoever_is_not_the_provisioning_user_makes_nothing(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("launcher.provision.ANSWER_LIMIT", 0.3)
    with pytest.raises(NotProvisioned, match="NATS_NKEY the provisioning user's"):
        await provision(broker.settings("queue"), {Process.QUEUE: (QueueUpdated,)}, StreamSize())


async def test_a_broker_that_is_away_is_named(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("launcher.provision.CONNECT_LIMIT", 0.2)
    away = broker.settings("provisioner", nats_url="nats://127.0.0.1:9")
    with pytest.raises(NotProvisioned, match=r"nats://127\.0\.0\.1:9.*NATS_URL"):
        await provision(away, {}, StreamSize())
