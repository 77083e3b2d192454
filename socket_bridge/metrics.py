"""What the bridge counts; no value of any label comes from a client."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Metrics:
    """The bridge's figures, in a registry of their own so that two bridges can share a process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        prefix = "clinicwire_bridge_"
        self.connections = Gauge(prefix + "connections", "clients with a valid token", registry=self.registry)
        self.rooms = Gauge(prefix + "rooms", "rooms with someone in them", registry=self.registry)
        self.forwarded = Counter(
            prefix + "events_forwarded", "events read that have rooms", registry=self.registry
        )
        self.deliveries = Counter(
            prefix + "deliveries", "events times the members they went to", registry=self.registry
        )
        self.replayed = Counter(
            prefix + "events_replayed", "events sent to clients that came back", registry=self.registry
        )
        self.read_back = Counter(
            prefix + "stream_reads",
            "times the stream was read for clients that were away for long",
            registry=self.registry,
        )
        self.cut = Counter(
            prefix + "slow_clients_cut", "clients disconnected for not reading", registry=self.registry
        )
        self.held = Gauge(
            prefix + "slow_client_bytes",
            "bytes that waited for the client that was last cut off",
            registry=self.registry,
        )
        self.refused = Counter(
            prefix + "connections_refused", "connections without a valid token", registry=self.registry
        )
        self.limited = Counter(
            prefix + "limited", "connections and messages refused for being too many", registry=self.registry
        )
        self.unreadable = Counter(
            prefix + "events_unreadable", "messages of the stream not understood", registry=self.registry
        )
        self.restarts = Counter(
            prefix + "reader_restarts", "times the reader began anew", registry=self.registry
        )
        self.position = Gauge(
            prefix + "position", "stream sequence that all sockets have", registry=self.registry
        )
        self.lag = Gauge(
            prefix + "lag_seconds", "age of the event last read, when it was read", registry=self.registry
        )

    def cut_off(self, held: int) -> None:
        """A client did not read what waited for it."""
        self.cut.inc()
        self.held.set(held)
