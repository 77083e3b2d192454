"""A client that stops reading: what the bridge holds for it, and what the others notice."""

import time
from statistics import median, quantiles

import aiohttp

from bench.returning import bridge, client
from bench.returning.publisher import Publisher
from launcher import broker as brokers

EVENTS = 200
SIZE = 40_000
"""Bytes of an event: together they are some times what the kernel and the bridge keep for one client."""


async def measure(broker: brokers.Broker, publisher: Publisher, port: int, token: str) -> str:
    """The others' latency, without and with one that stops reading."""
    async with (
        bridge.running(broker, port) as one,
        client.connected(one.http, one.base, token) as other,
        # A session of its own: closing it does not wait for what is not read.
        aiohttp.ClientSession() as apart,
        client.connected(apart, one.base, token) as deaf,
    ):
        await other.join(1, {})
        await _latencies(other, publisher)  # warm
        without = await _latencies(other, publisher)
        await deaf.join(1, {})
        # Its socket's buffers fill first, ours and the kernel's; then the bridge has to keep what is for it.
        deaf.stop_reading()
        beside = await _latencies(other, publisher)
        cut, held = await one.figure("slow_clients_cut_total"), await one.figure("slow_client_bytes")
    return (
        f"a client that stops reading: {held / 2**20:.2f} MiB held for it, cut off {cut:.0f} time(s); "
        f"the others' p50/p99 {without} ms without it, {beside} ms with it"
    )


async def _latencies(reader: client.Client, publisher: Publisher) -> str:
    """p50 and p99 in milliseconds, from the publishing to the screen."""
    taken = []
    for _ in range(EVENTS):
        began = time.perf_counter()
        await publisher.publish([1], SIZE)
        await reader.event()
        taken.append((time.perf_counter() - began) * 1000)
    return f"{median(taken):.1f}/{quantiles(taken, n=100)[98]:.1f}"
