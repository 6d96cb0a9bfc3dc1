"""Sums as they are written: in which classes their terms are added up, and in what order.

Terms of one kind that follow each other are added up as one class; then the classes are, in the
order in which their first terms are written. All arrays have an item for each term, or for each
class, of the sums that are looked at, one sum after the other, terms as they are written.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ..program.program import Ints

__all__ = ["ranks", "runs_apart", "shape_of_ranks"]

FEW: Final = 8  # a sum of more runs is added up by families, in whatever order
_RUN: Final = 1 << 44  # what is added to a code of families, for each run
_RANK: Final = 1 << 50


def runs_apart(
    code: Ints, is_product: Ints, place: Ints, origin: Ints, owner: Ints, written: Ints
) -> Ints:
    """Give codes that tell apart runs of terms that have the same code, in a sum of few runs.

    Numbers that follow each other with one sign are a run. Products are of one run wherever they
    stand, those of one colour if some terms of the sum are subtracted and others are not: the
    exact products of an error that is computed must not be added up before the rest. A number
    that is added and subtracted in a longer sum is of two runs: coefficients do not cancel.
    """
    size = len(written)
    sign = origin & 1
    subtracted, terms = np.bincount(owner, sign, size), np.bincount(owner, minlength=size)
    has_both = (subtracted > 0) & (subtracted < terms)
    label = np.where(is_product & has_both[owner], origin >> 1, 0)
    begins = np.ones(len(owner), dtype=bool)
    begins[1:] = (_step(owner) | _step(code) | _step(label)) | (
        ~is_product[1:] & (_step(sign) | ~_step(place))
    )
    heads = np.flatnonzero(begins & written[owner])
    label = np.where(is_product, label, -1 - np.arange(len(owner)))[heads]
    order = np.lexsort((heads, label, code[heads], owner[heads]))
    at, label = heads[order], label[order]
    fresh = np.ones(len(at), dtype=bool)
    fresh[1:] = _step(owner[at]) | _step(code[at]) | _step(label)
    runs = at[fresh]  # where each begins
    by_place = np.lexsort((runs, code[runs], owner[runs]))
    number = np.empty(len(runs), dtype=np.int64)  # the how-manieth of its code it is
    number[by_place] = _since(_step(owner[runs[by_place]]) | _step(code[runs[by_place]]))
    few = np.bincount(owner[runs], minlength=size) <= FEW
    of_head = np.zeros(len(owner), dtype=np.int64)
    of_head[at] = np.where(few[owner[at]], number[np.cumsum(fresh) - 1], 0)
    found = of_head[np.maximum.accumulate(np.where(begins, np.arange(len(owner)), 0))]
    many = np.flatnonzero((written & ~few)[owner] & ~is_product)
    if len(many):
        order = many[np.lexsort((sign[many], place[many], code[many], owner[many]))]
        meets = ~(_step(owner[order]) | _step(code[order]) | _step(place[order]))
        twice = np.zeros(size, dtype=bool)
        twice[owner[order[1:][meets & _step(sign[order])]]] = True
        found[many] = np.where(twice[owner[many]], sign[many], 0)
    return code + found * _RUN


def ranks(owner: Ints, is_number: Ints, earliest: Ints) -> Ints:
    """Rank the classes of each sum by where their first terms stand, in steps of two.

    A plain number, which not every sum of a group may have, is ranked between two others, not
    before the first: of the first two terms either may come first.
    """
    order = np.lexsort((earliest, owner))
    starts = np.flatnonzero(np.append(True, _step(owner[order])))
    before = np.cumsum(~is_number[order]) - ~is_number[order]
    nth = before - np.repeat(before[starts], np.diff(np.append(starts, len(order))))
    found = np.empty(len(owner), dtype=np.int64)
    found[order] = np.where(is_number[order], np.maximum(2 * nth - 1, 1), 2 * nth)
    return found


def shape_of_ranks(owner: Ints, found: Ints, written: Ints) -> Ints:
    """Give what of the rank of a class counts for the shape of a sum: from the third on."""
    few = (np.bincount(owner, minlength=len(written)) <= FEW) & written
    return np.where(few[owner] & (found > 2), found, 0) * _RANK


def _step(numbers: Ints) -> Ints:
    """Tell where a number differs from the one before."""
    steps: Ints = numbers[1:] != numbers[:-1]
    return steps


def _since(steps: Ints) -> Ints:
    """Count the items since the last step."""
    starts = np.flatnonzero(np.append(True, steps))
    found: Ints = np.arange(len(steps) + 1)
    return found - np.repeat(starts, np.diff(np.append(starts, len(steps) + 1)))
