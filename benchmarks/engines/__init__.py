"""The engines: one module for each library, which says how its users write the workloads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from ..job import Engine

MODULES = {  # the module here: the distribution it needs
    "ours": "tinygrad-nn",
    "compiled": "tinygrad-nn",
    "usual": "tinygrad-nn",
    "with_micrograd": "micrograd",
    "with_autograd": "autograd",
    "with_torch": "torch",
    "with_jax": "jax",
}


@dataclass(frozen=True)
class Loaded:
    """The engines that can be measured, their modules and versions, and what is not installed."""

    engines: list[Engine]
    modules: list[str]
    versions: dict[str, str]
    missing: list[str]


def load(modules: Iterable[str] = MODULES) -> Loaded:
    """Import the engines whose libraries are installed."""
    loaded = Loaded([], [], {}, [])
    for module in modules:
        distribution = MODULES[module]
        try:
            loaded.versions[distribution] = version(distribution)
        except PackageNotFoundError:
            loaded.missing.append(distribution)
        else:
            loaded.modules.append(module)
            loaded.engines.extend(import_module(f".{module}", __name__).ENGINES)
    return loaded
