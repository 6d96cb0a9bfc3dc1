"""The entries of a compiled function: made for calls that come again, the latest first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import numpy as np

from ...tree import Key
from ..backends.runner import Runner
from ..plan import Plan
from ..watch import observer as watching
from .written import Entry, Later, entry_of

__all__ = ["NO_ENTRY", "Entered", "Entries", "due_after", "enter", "is_due"]

Keep = Callable[[Entry, Entry | None], None]

LATER = 8  # times as many, before it is tried again
MOST_KEPT = 3


class Entered(Protocol):
    """What has an entry: a plan, or several of them."""

    @property
    def runner(self) -> Runner | None:
        """What runs the program, if it is one."""


class Entries:
    """Entries with their plans, which every call tries before it goes the general way."""

    def __init__(self) -> None:
        # With what runs the program that each is made for, if it is one; the latest first.
        self.all: tuple[tuple[Entry, Any, Runner | None], ...] = ()

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Give what the first entry gives that takes a call; NotImplemented if none does."""
        for entry, _, _ in self.all:
            result = entry.call(args, kwargs)
            if result is not NotImplemented:
                return result
        return NotImplemented

    def meet(
        self,
        plan: Plan,
        key: Key,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        leaves: list[list[Any]],
        keep: Keep | None = None,
    ) -> Any:
        """Note a call that no entry took; after some, make one for such, and call it.

        NotImplemented if there is none, or it does not take this call: it is not kept then.
        """
        if not is_due(plan):
            return NotImplemented
        kept = keep or partial(self.add, plan)
        return enter(plan, key, args, kwargs, _count(plan, leaves), kept)

    def has(self, entered: Entered) -> bool:
        """Tell whether there is one of something."""
        return any(one[1] is entered for one in self.all)

    def add(self, entered: Entered, entry: Entry, instead: Entry | None = None) -> None:
        """Keep an entry, in place of another or the oldest, and of those for code no more run."""
        used = [one for one in self.all if one[1].runner is one[2]]
        known = [one for one in used if one[0] is not instead]
        self.all = ((entry, entered, entered.runner), *known[: MOST_KEPT - 1])


def is_due(plan: Plan) -> bool:
    """Note a call that no entry took; tell whether it is time to make one."""
    plan.asked += 1
    return plan.asked >= plan.due and not watching.at_work


def due_after(due: int) -> int:
    """Say after how many calls it is tried again, where it was tried after `due`."""
    return due * LATER


def enter(
    plan: Plan,
    key: Key,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    count: int,
    keep: Keep,
) -> Any:
    """Make an entry for calls of `count` samples, and give what it gives for this one.

    It is handed to `keep` if it takes it; and a better one, made later, with that which it is
    kept instead of.
    """
    plan.due = due_after(plan.due)
    if not plan.lock.acquire(False):  # memory is made by one thread at a time
        return NotImplemented
    try:
        made = entry_of(plan, key, len(args), count)
        if made is None:
            return NotImplemented
        entry, later = made
        result = entry.call(args, kwargs)
        if result is not NotImplemented:
            keep(entry, None)
            if later is not None:
                _begin(later, lambda better: keep(better, entry))
        return result
    finally:
        plan.lock.release()


def _begin(later: Later, add: Callable[[Entry], None]) -> None:
    """Make a better entry meanwhile, if there may be one more thread."""
    with suppress(RuntimeError):
        threading.Thread(target=later, args=(add,), name="machine code", daemon=True).start()


def _none(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Take no call."""
    return NotImplemented


NO_ENTRY = Entry(_none)


def _count(plan: Plan, leaves: list[list[Any]]) -> int:
    """Count the samples."""
    for argument, numbers in zip(plan.trace.arguments, leaves, strict=True):
        if argument.per_sample:
            is_array = bool(numbers) and isinstance(numbers[0], np.ndarray)
            return len(numbers[0] if is_array else numbers)
    return 0
