"""The tables that every service has beside its own: what it published, heard, and answered."""

from sqlalchemy import Boolean, Column, Index, LargeBinary, MetaData, SmallInteger, String, Table

from chassis.columns import Number, Utc

_METADATA = MetaData()

OUTBOX = Table(
    "outbox",
    _METADATA,
    # The order of publishing. The database hands it out while the clinic's row is locked, so it grows with
    # the commits of a clinic whatever the workers' clocks say; the id beside it is the message's.
    Column("position", Number, primary_key=True, autoincrement=True),
    Column("id", Number, nullable=False, unique=True),
    Column("subject", String(200), nullable=False),
    Column("rooms", String(400), nullable=False),
    Column("payload", LargeBinary),
    Column("revision", Number),
    Column("version", Number, nullable=False),
    Column("snapshot", Boolean, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", Utc, nullable=False),
    Column("published_at", Utc),
    Column("refused", String(400)),
    # What stays of the event when its payload has gone, for the audit trail.
    Column("about", String(40)),
    Column("became", String(40)),
    # A number once used must not come back: the relay marks by it after a pending snapshot was replaced.
    sqlite_autoincrement=True,
)
_WAITING = OUTBOX.c.published_at.is_(None) & OUTBOX.c.refused.is_(None)
Index("outbox_waiting", OUTBOX.c.position, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("outbox_waiting_snapshot", OUTBOX.c.subject, sqlite_where=_WAITING, postgresql_where=_WAITING)
Index("outbox_at", OUTBOX.c.at)
_TOLD = OUTBOX.c.about.is_not(None)
Index("outbox_about", OUTBOX.c.about, sqlite_where=_TOLD, postgresql_where=_TOLD)
INBOX = Table(
    "inbox",
    _METADATA,
    Column("message_id", String(80), primary_key=True),
    Column("at", Utc, nullable=False, index=True),
)
REVISION = Table(
    "revision",
    _METADATA,
    Column("scope", Number, primary_key=True, autoincrement=False),
    Column("revision", Number, nullable=False),
)
IDEMPOTENCY = Table(
    "idempotency",
    _METADATA,
    Column("key", String(200), primary_key=True),
    Column("caller", String(200), primary_key=True),
    Column("route", String(200), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("status", SmallInteger),
    Column("answer", LargeBinary),
    Column("at", Utc, nullable=False, index=True),
)
BROKER_EPOCH = Table("broker_epoch", _METADATA, Column("epoch", String(40), primary_key=True))


def add_to(metadata: MetaData) -> None:
    """Add the bookkeeping tables to a service's own metadata, so that its migrations make them."""
    for table in _METADATA.sorted_tables:
        table.to_metadata(metadata)
