"""The metrics of several services in one answer."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.registry import Collector


class _Together(Collector):
    """One family a name, however many services have it: the format allows no second one."""

    def __init__(self, registries: Mapping[str, CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterator[Metric]:
        families: dict[str, Metric] = {}
        for service, registry in self._registries.items():
            for metric in registry.collect():
                family = families.setdefault(
                    metric.name, Metric(metric.name, metric.documentation, metric.type, metric.unit)
                )
                for sample in metric.samples:
                    labels = {"service": service, **sample.labels}
                    family.samples.append(sample._replace(labels=labels))
        yield from families.values()


def exposition(registries: Mapping[str, CollectorRegistry]) -> bytes:
    """Everything these services count, in Prometheus' text format, each sample labelled with its service."""
    together = CollectorRegistry()
    together.register(_Together(registries))
    return generate_latest(together)
