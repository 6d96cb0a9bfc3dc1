"""Where and with what the numbers were measured."""

from __future__ import annotations

import datetime
import os
import platform
from collections.abc import Mapping
from pathlib import Path

import tinygrad_nn

THREADS = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
"""What keeps every library to one thread."""


def keep_to_one_thread() -> None:
    """Set the environment, where it says nothing yet; before NumPy or JAX is imported."""
    for name, value in THREADS.items():
        os.environ.setdefault(name, value)


def engine() -> str:
    """Tell which of our engines is running."""
    tell = getattr(tinygrad_nn, "engine", lambda: "Python")
    return tell()


def processor() -> str:
    """The model of the processor."""
    listed = Path("/proc/cpuinfo")  # elsewhere Python knows it; on Linux it does not
    for line in listed.read_text().splitlines() if listed.exists() else ():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def description(versions: Mapping[str, str], rounds: int) -> str:
    """Say in one paragraph what the numbers depend on."""
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    settings = ", ".join(f"`{name}={os.environ.get(name, '')}`" for name in THREADS)
    return (
        f"{datetime.date.today():%d %B %Y}; {processor()}, {os.cpu_count()} cores; "
        f"{platform.system()}, Python {platform.python_version()}; {libraries}; "
        f"our {engine()} engine. One thread: `torch.set_num_threads(1)`, {settings}. "
        f"Medians of {rounds} rounds."
    )
