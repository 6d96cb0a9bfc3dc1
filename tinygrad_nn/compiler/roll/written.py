"""Sums as they are written: in which classes their terms are added up, and in what order.

Terms of one kind that follow each other are added up as one class; then the classes are, in the
order in which their first terms are written. All arrays have an item for each term, or for each
class, of the sums that are looked at, one sum after the other, terms as they are written.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..program.program import Ints
from .cancelling import Contents

__all__ = ["ranks", "runs_apart", "shape_of_ranks"]

FEW: Final = 8  # a sum of more runs is added up by families, in whatever order
_RUN: Final = 1 << 44  # what is added to a code of families, for each run
_RANK: Final = 1 << 50


def runs_apart(
    code: Ints,
    first: Ints,
    second: Ints,
    origin: Ints,
    owner: Ints,
    written: Ints,
    contents: Contents,
) -> Ints:
    """Give codes that tell apart runs of terms that have the same code, in a sum of few runs.

    Numbers that follow each other with one sign are a run, but for those that undo what the sum
    has added up by then, each of which is one alone; products are a run wherever they stand.
    But where some terms of a sum are subtracted and others are not, products of each colour are a
    run: exact ones, as of an error that is computed, must not be added up before the rest. A
    number that is added and subtracted in a longer sum is of two: coefficients do not cancel.
    """
    size, sign, is_plain = len(written), origin & 1, second < 0
    begins = np.ones(len(owner), dtype=bool)
    begins[1:] = _steps(owner) | _steps(code) | is_plain[1:] & (_steps(sign) | ~_steps(first))
    if contents.has_signs:
        entry, is_number = np.where(is_plain, first, -1), is_plain & (first < 0)
        begins |= _undoing(begins, entry, is_number, sign, owner, contents)
    has_both = _have_both(sign, owner, size)
    heads = np.flatnonzero(begins)
    few = (np.bincount(owner[heads], minlength=size) <= FEW) & written
    number = np.zeros(len(heads), dtype=np.int64)
    plain = np.flatnonzero(is_plain[heads] & few[owner[heads]])
    plain = plain[np.lexsort((code[heads[plain]], owner[heads[plain]]))]
    if len(plain):
        at = heads[plain]
        number[plain] = _since(_steps(owner[at]) | _steps(code[at]))
    found = np.repeat(number, np.diff(np.append(heads, len(owner))))
    if has_both.any():
        apart = np.flatnonzero((has_both & few)[owner] & ~is_plain)
        found[apart] = _by_colour(origin[apart] >> 1, code[apart], owner[apart])
        many = np.flatnonzero((has_both & written & ~few)[owner] & is_plain)
        twice = _signed_twice(sign[many], first[many], owner[many], size)
        found[many] = np.where(twice[owner[many]], sign[many], 0)
    return code + found * _RUN


def _have_both(sign: Ints, owner: Ints, size: int) -> Ints:
    """Tell which sums have terms that are added and others that are subtracted."""
    if not sign.any():
        return np.zeros(size, dtype=bool)
    count, subtracted = (
        np.bincount(owner, minlength=size),
        np.bincount(owner[sign > 0], minlength=size),
    )
    both: Ints = np.logical_and(subtracted > 0, subtracted < count)
    return both


def _undoing(
    begins: Ints, entry: Ints, is_number: Any, sign: Ints, owner: Ints, contents: Contents
) -> Ints:
    """Tell the numbers of runs of which a sum has one with the other sign, but of its first run.

    It may stand behind a plain number, as the 0 that Python's `sum` begins with.
    """
    run = np.cumsum(begins) - 1
    asked = np.zeros(run[-1] + 1, dtype=bool)
    asked[run[~begins & (entry >= 0)]] = True  # runs of several numbers
    starts = np.append(True, _steps(owner))
    asked[run[starts]] = False
    after = run[starts & is_number] + 1
    asked[after[after < len(asked)]] = False
    if asked.any():
        asking = np.zeros(int(owner.max()) + 1, dtype=bool)
        asking[owner[asked[run]]] = True
        mine = np.flatnonzero(asking[owner])
        its = np.flatnonzero(asked[run[mine]])
        cancels = contents.cancels(owner[mine], entry[mine], sign[mine], its)
        asked[:] = False
        asked[run[mine[its[cancels]]]] = True
    found: Ints = asked[run]
    return found


def _by_colour(colour: Ints, code: Ints, owner: Ints) -> Ints:
    """Number the colours of products of one code, in the order in which they are met."""
    found = np.zeros(len(colour), dtype=np.int64)
    order = np.lexsort((colour, code, owner))
    is_same = ~(_steps(owner[order]) | _steps(code[order]))
    if not (is_same & _steps(colour[order])).any():
        return found
    begins = np.append(True, ~is_same | _steps(colour[order]))
    runs = order[begins]  # the first of each colour: sorting is stable
    by_place = np.lexsort((runs, code[runs], owner[runs]))
    at = runs[by_place]
    number = np.empty(len(runs), dtype=np.int64)
    number[by_place] = _since(_steps(owner[at]) | _steps(code[at]))
    found[order] = number[np.cumsum(begins) - 1]
    return found


def _signed_twice(sign: Ints, first: Ints, owner: Ints, size: int) -> Ints:
    """Tell which sums have a number that they add as well as subtract."""
    order = np.lexsort((sign, first, owner))
    who = owner[order][1:]
    meets = ~_steps(owner[order]) & ~_steps(first[order]) & _steps(sign[order])
    twice = np.zeros(size, dtype=bool)
    twice[who[meets]] = True
    return twice


def ranks(owner: Ints, is_number: Ints, earliest: Ints) -> Ints:
    """Rank the classes of each sum by where their first terms stand, in steps of two.

    A plain number, which not every sum of a group may have, is ranked between two others, not
    before the first: of the first two terms either may come first.
    """
    order = np.argsort(earliest)
    if not is_number.any():
        nth = 2 * _since(_steps(owner[order]))
    else:
        starts = np.flatnonzero(np.append(True, _steps(owner[order])))
        before = np.cumsum(~is_number[order]) - ~is_number[order]
        nth = 2 * (before - np.repeat(before[starts], np.diff(np.append(starts, len(order)))))
        nth = np.where(is_number[order], np.maximum(nth - 1, 1), nth)
    found = np.empty(len(owner), dtype=np.int64)
    found[order] = nth
    return found


def shape_of_ranks(owner: Ints, found: Ints, written: Ints) -> Ints:
    """Give what of the rank of a class counts for the shape of a sum: from the third on."""
    few = (np.bincount(owner, minlength=len(written)) <= FEW) & written
    return np.where(few[owner] & (found > 2), found, 0) * _RANK


def _steps(numbers: Ints) -> Ints:
    """Tell where a number differs from the one before."""
    steps: Ints = numbers[1:] != numbers[:-1]
    return steps


def _since(steps: Ints) -> Ints:
    """Count the items since the last step."""
    starts = np.flatnonzero(np.append(True, steps))
    found: Ints = np.arange(len(steps) + 1)
    return found - np.repeat(starts, np.diff(np.append(starts, len(steps) + 1)))
