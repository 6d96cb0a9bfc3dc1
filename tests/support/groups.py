"""Groups written down by hand, for tests of what they are recognised as."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinygrad_nn.compiler.roll.flatten import EXTREME, OPERATION, SUM
from tinygrad_nn.compiler.roll.shapes import NOTHING, NUMBER, Family, Group, TermClass
from tinygrad_nn.scalar.operation import Op

Places = Sequence[int]


def terms(
    left: int,
    places: Sequence[Places],
    right: int = NOTHING,
    others: Sequence[Places] = (),
    coefs: Sequence[float] | None = None,
) -> TermClass:
    """The terms of one class: for each member the places of its factors."""
    counts = np.array([len(one) for one in places])
    a = np.array([place for one in places for place in one])
    b = np.array([place for one in others for place in one]) if others else np.full(len(a), NOTHING)
    return TermClass(
        left, right, counts, a, b, np.ones(len(a)) if coefs is None else np.array(coefs)
    )


def plain(numbers: Sequence[float]) -> TermClass:
    """One number for each member."""
    return terms(NOTHING, [[NOTHING]] * len(numbers), coefs=numbers)


def total(
    family: Family,
    places: Places,
    *classes: TermClass,
    reduces: bool = False,
    row: Op | None = None,
) -> Group:
    """A sum at each of some places of a family, or an extreme."""
    entries = np.arange(len(places))
    group = Group(SUM if row is None else EXTREME, row, 1, reduces, entries)
    group.family, group.places = family, np.array(places)
    group.classes = list(classes)
    return group


def mapped(
    family: Family, places: Places, row: Op, *operands: tuple[int, Places] | Sequence[float]
) -> Group:
    """An operation at each of some places of a family, on places of others or on numbers."""
    group = Group(OPERATION, row, 1, False, np.arange(len(places)))
    group.family, group.places = family, np.array(places)
    for operand in operands:
        if isinstance(operand, tuple):
            group.operands.append((operand[0], np.array(operand[1])))
        else:
            group.operands.append((NUMBER, np.array(operand, dtype=float)))
    return group
