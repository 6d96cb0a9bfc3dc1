"""Optimisers and schedules as plain data, for files: numbers, texts, lists and mappings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, StateError
from ..scalar.convert import is_number
from .schedules import SCHEDULES, rate_at

__all__ = ["entry", "loaded", "numbers_for", "plain_state"]

CHANGING = ("parameters", "state", "steps")  # the other attributes are settings


def plain_state(optimizer: Any) -> dict[str, Any]:
    """Give an optimiser's state as `Optimizer.state_dict` says."""
    name = type(optimizer).__name__
    settings = {key: _plain(value, f"{name}.{key}") for key, value in _settings(optimizer).items()}
    state = [list(numbers) for numbers in optimizer.state]
    return {"optimizer": name, "steps": optimizer.steps, "state": state, "settings": settings}


def _settings(optimizer: Any) -> dict[str, Any]:
    return {
        key: value
        for key, value in vars(optimizer).items()
        if key not in CHANGING and not key.startswith("_")
    }


def _plain(value: Any, name: str) -> Any:
    if value is None or isinstance(value, bool | str) or is_number(value):
        return value
    if isinstance(value, list | tuple):
        return [_plain(part, name) for part in value]
    if isinstance(value, partial):
        for kind, (_, rule) in SCHEDULES.items():
            if value.func is rule:
                return {"schedule": kind, "arguments": _plain(value.args, name)}
    raise StateError(
        f"{name} is {value!r}, which cannot be written as numbers: expected a number, or a schedule "
        f"of tinygrad_nn.optim, as cosine(0.1, steps=1000)"
    )


def loaded(optimizer: Any, state: Mapping[str, Any]) -> dict[str, Any]:
    """Give the attributes that an optimiser is to have by a state, checked."""
    name = type(optimizer).__name__
    if entry(state, "optimizer") != name:
        raise StateError(
            f"state is of {state['optimizer']!r} and the optimizer is {optimizer!r}: expected one "
            "of the same class"
        )
    settings, known = entry(state, "settings"), _settings(optimizer)
    if not isinstance(settings, Mapping) or settings.keys() != known.keys():
        raise StateError(
            f"state['settings'] is {settings!r}: expected those of {name}: {', '.join(known)}"
        )
    found = {key: _setting(value, f"state['settings'][{key!r}]") for key, value in settings.items()}
    try:
        rate_at(found["lr"], 0)
    except (ArgumentError, ArgumentTypeError) as error:
        raise StateError(f"state['settings']: {error}") from None
    steps = entry(state, "steps")
    if not isinstance(steps, int) or steps < 0:
        raise StateError(f"state['steps'] is {steps!r}: expected how many steps have been made")
    return found | {"state": numbers_for(optimizer, entry(state, "state")), "steps": steps}


def entry(state: Any, key: str) -> Any:
    """Give an entry of a state."""
    if not isinstance(state, Mapping) or key not in state:
        raise StateError(f"state lacks the entry {key!r}: expected what state_dict() gives")
    return state[key]


def _setting(value: Any, name: str) -> Any:
    """Make a schedule of its name and its arguments, and tuples of lists."""
    if isinstance(value, list | tuple):
        return tuple([_setting(part, name) for part in value])
    if not isinstance(value, Mapping):
        return value
    kind, arguments = entry(value, "schedule"), entry(value, "arguments")
    if kind not in SCHEDULES or not isinstance(arguments, list | tuple):
        raise StateError(f"{name} is {value!r}: expected a schedule of {', '.join(SCHEDULES)}")
    make, _ = SCHEDULES[kind]
    try:
        return make(*_setting(arguments, name))
    except (ArgumentError, TypeError) as error:
        raise StateError(f"{name} is no schedule {kind!r}: {error}") from None


def numbers_for(optimizer: Any, rows: Any) -> list[tuple[float, ...]]:
    """Check what a rule remembers of each parameter."""
    count, width = len(optimizer.parameters), len(optimizer.initial_state)
    fits = isinstance(rows, list | tuple) and len(rows) == count
    if not fits or not all(isinstance(row, list | tuple) and len(row) == width for row in rows):
        raise StateError(
            f"state['state'] has another shape than that of {optimizer!r}: expected {width} numbers "
            f"for each of {count} parameters"
        )
    for place, row in enumerate(rows):
        if not all(is_number(number) and math.isfinite(number) for number in row):
            raise StateError(f"state['state'][{place}] is {row!r}: expected finite numbers")
    return [tuple(map(float, row)) for row in rows]
