"""What the system adds to an event travels in these NATS headers, never in the payload."""

MESSAGE_ID = "Nats-Msg-Id"
"""The outbox row's id, unique across services: the same id is stored once."""

ROLLUP = "Nats-Rollup"
"""`sub` on a snapshot: the stream keeps only the newest of its subject."""

ROOMS = "Clinicwire-Rooms"
"""The Socket.IO rooms of the event, separated by commas; absent when it passes between services only."""

REVISION = "Clinicwire-Rev"
"""The owner's revision of the event's clinic; absent where there is no clinic."""

VERSION = "Clinicwire-Version"
"""The version of the entity that the event is about: a replica takes only a newer one."""

AT = "Clinicwire-At"
"""When the change was made, ISO 8601 in UTC."""
