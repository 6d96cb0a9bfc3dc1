"""Bytes per node of a chain: what the process grows by, measured in a process of its own.

    python -m benchmarks.memory with_micrograd 100000

The peak of the resident memory is read before the graph is built, after, and after the
backward pass, so that it does not matter which allocator an engine uses.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from .engines import load
from .problems import Chain

NODES = 500_000

Bytes: TypeAlias = dict[str, tuple[float, float]]


def bytes_per_node(module: str, nodes: int = NODES) -> Bytes:
    """Measure what a built graph takes, and the most during backward.

    Parameters
    ----------
    module : str
        The module in `engines` that has the engine; no other library is imported.
    nodes : int
        The operations of the chain.

    Returns
    -------
    dict
        Two numbers by the engine's name; empty if it builds no chains.
    """
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "benchmarks.memory", module, str(nodes)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return {name: (built, peak) for name, (built, peak) in json.loads(done.stdout).items()}


def main() -> None:
    """Build a chain and differentiate it, and print what both took."""
    module, nodes = sys.argv[1], int(sys.argv[2])
    measured = {
        engine.name: growth(engine.jobs["chain"](Chain(nodes)).phases.values(), nodes)
        for engine in load([module]).engines
        if "chain" in engine.jobs
    }
    print(json.dumps(measured))


def growth(phases: Iterable[Callable[[Any], Any]], nodes: int) -> list[float]:
    """List by how much the peak has grown after each phase, per node."""
    before = peak_memory()
    peaks = []
    state = None
    for phase in phases:
        state = phase(state)
        peaks.append((peak_memory() - before) / nodes)
    return peaks


def peak_memory() -> int:
    """The most memory that this process has had so far, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux, where getrusage would count the parent's peak
        line = next(s for s in status.read_text().splitlines() if s.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    import resource  # not on Windows

    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    main()
