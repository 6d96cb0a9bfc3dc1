"""Arguments that many functions take: counts, sources of random numbers, names."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping
from numbers import Integral
from pathlib import Path
from reprlib import repr as brief
from typing import Any, cast

from .errors import ArgumentError, ArgumentTypeError

__all__ = ["check_count", "check_path", "did_you_mean", "generator", "named_function"]


def check_count(value: Any, name: str, least: int = 1) -> int:
    """Check that an argument is a whole number, and not too small a one."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise ArgumentTypeError(
            f"{name} is {brief(value)}, of type {type(value).__name__}: expected a whole number; "
            f"convert it with int"
        )
    if value < least:
        raise ArgumentError(f"{name} is {value}: expected at least {least}; pass a larger one")
    return int(value)


def check_path(path: str | os.PathLike[str], *suffixes: str) -> Path:
    """Check that a file can be written there, and that its name ends as it is to."""
    path = Path(path)
    if path.suffix.lower() not in suffixes:
        known = suffixes[0] if len(suffixes) == 1 else f"one of {', '.join(suffixes)}"
        raise ArgumentError(f"path must end in {known}, got {str(path)!r}")
    if not path.parent.is_dir():
        raise ArgumentError(
            f"path {str(path)!r} is in a folder that does not exist: create it first"
        )
    return path


def generator(seed: int | None, rng: random.Random | None) -> random.Random:
    """Choose the source of random numbers: `rng`, one from `seed`, or Python's own."""
    if seed is not None and rng is not None:
        raise ArgumentError(
            f"seed is {brief(seed)} and rng is {brief(rng)}: expected one of them; leave the "
            "other out"
        )
    if rng is not None:
        if not isinstance(rng, random.Random) and rng is not random:
            raise ArgumentTypeError(
                f"rng is {brief(rng)}, of type {type(rng).__name__}: expected a random.Random; "
                "pass random.Random(seed), or seed= alone"
            )
        return rng
    if seed is not None:
        if not isinstance(seed, Integral):
            raise ArgumentTypeError(
                f"seed is {brief(seed)}, of type {type(seed).__name__}: expected a whole number, "
                "as seed=0; pass a generator as rng="
            )
        return random.Random(int(seed))
    # The module has the methods of a generator, and obeys random.seed.
    return cast(random.Random, random)


def did_you_mean(word: str, words: list[str]) -> str:
    """Say which of the words was meant, or which there are."""
    from difflib import get_close_matches  # slow to import, rarely needed

    close = get_close_matches(word.lower(), words, n=1)
    return f"did you mean {close[0]!r}?" if close else f"choose one of {', '.join(words)}"


def named_function(
    choice: Any, argument: str, functions: Mapping[str, Callable[..., Any]], form: str
) -> Callable[..., Any]:
    """Choose a function by its name, or take the function given; refuse anything else."""
    if isinstance(choice, str):
        if choice not in functions:
            raise ArgumentError(
                f"{argument} is {choice!r}: {did_you_mean(choice, list(functions))}"
            )
        return functions[choice]
    if not callable(choice):
        raise ArgumentTypeError(
            f"{argument} is {choice!r}, of type {type(choice).__name__}: expected a function of "
            f"{form}, or a name: {', '.join(functions)}"
        )
    return cast("Callable[..., Any]", choice)
