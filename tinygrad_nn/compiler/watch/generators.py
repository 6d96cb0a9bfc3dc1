"""The states of random generators, which a recorded function must not draw from."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

__all__ = ["Generators", "is_generator", "is_of_random", "is_shared", "is_unseeded"]

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


def is_of_random(code: CodeType) -> bool:
    """Tell whether code is that of Python's generators."""
    return code.co_filename == _SEED.co_filename


def is_generator(thing: Any) -> bool:
    """Tell whether a thing is a random generator with a state."""
    return _access(thing) is not None


def _shared() -> list[tuple[str, Any]]:
    """List the generators that all threads have in common."""
    numpy = sys.modules.get("numpy.random")
    shared: list[tuple[str, Any]] = [("random", random._inst)]
    return shared if numpy is None else [*shared, ("numpy.random", numpy.mtrand._rand)]


def is_shared(generator: Any) -> bool:
    """Tell whether a generator is one that all threads have in common, or the bits of one."""
    own = getattr(generator, "_bit_generator", generator)
    return any(own is getattr(one, "_bit_generator", one) for _, one in _shared())


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
    """Generators, and the states that they had when they were met: the `shared` ones at once."""

    def __init__(self, shared: bool = True) -> None:
        self._met: dict[int, tuple[str, Any, Callable[[], Any], Callable[[Any], Any], Any]] = {}
        for name, generator in _shared() if shared else ():
            self.add(name, generator)

    def add(self, name: str, generator: Any) -> None:
        """Note the state of a generator."""
        access = _access(generator)
        if access is not None and id(generator) not in self._met:
            get, put = access
            self._met[id(generator)] = name, generator, get, put, get()

    def drawn(self) -> list[str]:
        """List the generators that have been drawn from."""
        return [name for name, _, get, _, state in self._met.values() if not _equal(get(), state)]

    def leave_shared(self) -> None:
        """Look no more at those that all threads have in common: it was another one that drew."""
        for _, generator in _shared():
            self._met.pop(id(generator), None)

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
