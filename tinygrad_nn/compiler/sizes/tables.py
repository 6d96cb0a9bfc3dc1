"""Tables of places and arrays of constants, described so that few numbers depend on the sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...errors import SizeError
from ..program.nests import Steps, nest_of
from ..program.program import Floats, Ints
from ..program.strides import spread
from .loops import Entry, Looped, Shape, rolled, values_at

__all__ = ["described", "described_numbers", "numbers_of", "table_of"]

SHORT = 8  # runs in the body of most loops
LONGEST = 24  # and of any
MOST_LOOPS = 100  # next to each other: what has more has no pattern
MOST_NUMBERS = 12  # different ones in an array of constants without a rule
MOST_MULTIPLES = 1_000_000  # of a unit


# ---- integers ---------------------------------------------------------------------------------


def described(values: Ints) -> Entry:
    """Describe a table: a run, one whose steps grow evenly, a nest of axes, or loops over runs."""
    size = len(values)
    if size == 0:
        return Entry("empty", (), ())
    steps = np.diff(values)
    if (steps == steps[:1]).all():
        return Entry("run", (size, int(values[0]), int(steps[0]) if size > 1 else 0), ())
    growth = np.diff(steps)
    if size > 3 and (growth == growth[0]).all():
        known = (int(values[0]), int(steps[0]), int(growth[0]))
        return Entry("growing", (size, *known), ())
    nested = Steps(values)
    nest = nest_of([nested])
    if nest is not None:
        ints = (nested[0], *nest, *map(int, nested.strides(nest)))
        return Entry(("nest", len(nest)), ints, ())
    return _loops(values, steps)


def _loops(values: Ints, steps: Ints) -> Entry:
    """Describe a table as loops over runs along the step that is met most."""
    met, counts = np.unique(steps, return_counts=True)
    step = int(met[counts.argmax()])
    begins = np.flatnonzero(np.concatenate([[True], steps != step]))
    sizes = np.diff(np.append(begins, len(values)))
    pairs = zip(values[begins].tolist(), sizes.tolist(), strict=True)
    runs = [Entry("run", pair, ()) for pair in pairs]
    found = min((rolled(runs, SHORT, order) for order in (1, 2)), key=len)
    if len(found) > SHORT:
        found = min((found, rolled(runs, LONGEST)), key=_width)
    if len(found) > MOST_LOOPS or (len(runs) > SHORT and len(found) > len(runs) // 2):
        raise SizeError(f"the places {', '.join(map(str, values[:8]))} ... follow no rule")
    shape = ("loops", tuple([(one.shape, len(one.ints)) for one in found]))
    return Entry(shape, (step, *[number for one in found for number in one.ints]), ())


def _width(entries: list[Entry]) -> int:
    return sum(len(one.ints) for one in entries)


def table_of(shape: Shape, ints: tuple[int, ...]) -> Ints:
    """Give the table that was described."""
    if shape == "empty":
        return np.zeros(0, dtype=np.int64)
    if isinstance(shape, str):
        size, *known = ints
        turns = np.arange(size, dtype=np.int64)
        found: Ints = np.array(values_at(len(known) - 1, known, turns)[0], dtype=np.int64)
        return found
    kind, parts = shape
    if kind == "nest":
        return spread(ints[0], ints[1 : parts + 1], ints[parts + 1 :]).ravel()
    return _runs_of(parts, ints)


def _runs_of(parts: Sequence[tuple[Shape, int]], ints: tuple[int, ...]) -> Ints:
    """Give runs, which all have the step that comes first."""
    at = 1
    found_runs = []
    for one, size in parts:
        found_runs.append(_written_out(one, np.array(ints[at : at + size], dtype=np.int64)))
        at += size
    starts, sizes = np.concatenate(found_runs).reshape(-1, 2).T
    if (sizes < 0).any():
        raise SizeError("a run would have fewer than no places")
    places = np.arange(sizes.sum(), dtype=np.int64) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    found: Ints = np.repeat(starts, sizes) + ints[0] * places
    return found


def _written_out(shape: Shape, ints: Ints) -> Ints:
    """Give the starts and the sizes of runs, in turn."""
    if not isinstance(shape, Looped):
        return ints
    count = int(ints[0])
    if count < 0:
        raise SizeError("a loop would have fewer than no rounds")
    turns = np.arange(count, dtype=np.int64)
    columns = values_at(shape.order, ints[1:].tolist(), turns)
    rounds = np.array(columns, dtype=np.int64).reshape(len(columns), count).T
    if not any(isinstance(one, Looped) for one in shape.body):
        return rounds.ravel()
    parts = [np.zeros(0, dtype=np.int64)]
    for values in rounds:
        at = 0
        for one, size in zip(shape.body, shape.ints, strict=True):
            parts.append(_written_out(one, values[at : at + size]))
            at += size
    return np.concatenate(parts)


# ---- numbers ----------------------------------------------------------------------------------


def described_numbers(values: Floats) -> Entry:
    """Describe constants: whole numbers times a unit or under one, or over a whole number, or few.

    The numbers come out bit by bit.
    """
    if len(values) == 0:
        return Entry(("few", "empty"), (), ())
    for kind, unit in _units(values):
        codes = _codes(kind, unit, values)
        if codes is not None:
            table = described(codes)
            over = kind == "over"  # a whole number, which may depend on the sizes
            ints = (int(unit), *table.ints) if over else table.ints
            return Entry((kind, table.shape), ints, () if over else (unit,))
    bits, first, codes = np.unique(values.view(np.int64), return_index=True, return_inverse=True)
    if len(bits) > MOST_NUMBERS:
        shown = ", ".join(map(repr, values[:4].tolist()))
        raise SizeError(f"the constants {shown} ... follow no rule")
    # In the order in which they come, so that it is the same at all sizes.
    order = np.argsort(first)
    table = described(np.argsort(order)[codes].astype(np.int64))
    return Entry(("few", table.shape), table.ints, tuple(values[first[order]].tolist()))


def _units(values: Floats) -> Iterator[tuple[str, float]]:
    sizes = np.abs(values[values != 0.0])
    if not np.isfinite(values).all() or not len(sizes):
        return
    least, most = float(sizes.min()), float(sizes.max())
    yield "times", least
    yield "over", float(np.round(1.0 / least)) if least > 1.0 / MOST_MULTIPLES else 0.0
    yield "under", most
    yield "under", 1.0


def _codes(kind: str, unit: float, values: Floats) -> Ints | None:
    """Find the whole numbers that numbers are made of; None if they are not."""
    with np.errstate(all="ignore"):
        exact: Any = unit / values if kind == "under" else values / unit
        codes = np.round(values * unit if kind == "over" else exact)
    if not np.isfinite(codes).all() or np.abs(codes).max() > MOST_MULTIPLES:
        return None
    found = codes.astype(np.int64)
    return found if _made_of(kind, unit, found).tobytes() == values.tobytes() else None


def _made_of(kind: str, unit: float, codes: Ints) -> Floats:
    numbers: Floats = codes.astype(float)
    with np.errstate(all="ignore"):
        if kind == "times":
            return numbers * unit
        found: Floats = numbers / unit if kind == "over" else unit / numbers
    return found


def numbers_of(shape: Shape, ints: tuple[int, ...], floats: Sequence[float]) -> Floats:
    """Give the constants that were described."""
    kind, table = shape
    if kind == "few":
        return np.array(floats)[table_of(table, ints)]
    if kind == "over":
        return _made_of(kind, float(ints[0]), table_of(table, ints[1:]))
    return _made_of(kind, floats[0], table_of(table, ints))
