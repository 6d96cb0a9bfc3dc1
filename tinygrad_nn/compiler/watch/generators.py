"""The states of random generators, which a recorded function must not draw from."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

__all__ = ["Generators", "is_generator", "is_unseeded"]

_ENTROPY = frozenset(
    id(method.__code__)  # the hash of code takes long
    for method in (
        random.SystemRandom.getrandbits,
        random.SystemRandom.random,
        random.SystemRandom.randbytes,
    )
)
_SEED: CodeType = random.Random.seed.__code__


def is_unseeded(frame: FrameType) -> bool:
    """Tell whether a call takes numbers that no seed repeats: NumPy asks the same functions."""
    code = frame.f_code
    return id(code) in _ENTROPY or (code is _SEED and frame.f_locals.get("a") is None)


def is_generator(thing: Any) -> bool:
    """Tell whether a thing is a random generator with a state."""
    return _access(thing) is not None


def _access(thing: Any) -> tuple[Callable[[], Any], Callable[[Any], Any]] | None:
    """Give the functions that read and set a generator's state."""
    if isinstance(thing, random.Random):
        if isinstance(thing, random.SystemRandom):
            return None
        return thing.getstate, thing.setstate
    numpy = sys.modules.get("numpy.random")
    if numpy is None:
        return None
    if isinstance(thing, numpy.RandomState):
        return lambda: thing.get_state(legacy=False), thing.set_state
    if isinstance(thing, numpy.Generator):
        thing = thing.bit_generator
    if isinstance(thing, numpy.BitGenerator):
        return lambda: thing.state, lambda state: setattr(thing, "state", state)
    return None


class Generators:
    """Generators, and the states that they had when they were met."""

    def __init__(self) -> None:
        self._met: dict[int, tuple[str, Any, Callable[[], Any], Callable[[Any], Any], Any]] = {}
        self.add("random", random._inst)
        numpy = sys.modules.get("numpy.random")
        if numpy is not None:
            self.add("numpy.random", numpy.mtrand._rand)

    def add(self, name: str, generator: Any) -> None:
        """Note the state of a generator."""
        access = _access(generator)
        if access is not None and id(generator) not in self._met:
            get, put = access
            self._met[id(generator)] = name, generator, get, put, get()

    def drawn(self) -> list[str]:
        """List the generators that have been drawn from."""
        return [name for name, _, get, _, state in self._met.values() if not _equal(get(), state)]

    def restore(self) -> None:
        """Make their states what they were."""
        for _, _, get, put, state in self._met.values():
            if not _equal(get(), state):
                put(state)


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[k], other[k]) for k in one)
    if hasattr(one, "tobytes"):
        return bool(one.tobytes() == other.tobytes())
    return bool(one == other)
