"""Bytes per node: what the allocator gives out for a graph, and at the peak of backward."""

from __future__ import annotations

import tracemalloc

from tinygrad_nn import Value

NODES = 200_000


def bytes_per_node() -> tuple[float, float]:
    """Measure a kept chain after a backward pass, and the peak during it."""
    tracemalloc.start()
    try:
        x = Value(1.5)
        before, _ = tracemalloc.get_traced_memory()
        y = x
        for _ in range(NODES):
            y = y + x
        tracemalloc.reset_peak()
        y.backward()
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (kept - before) / NODES, (peak - before) / NODES
