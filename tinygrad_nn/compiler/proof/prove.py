"""The proof that a program computes what its function computes, for numbers of finite fields."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import ProofError
from ...scalar import contexts
from ...scalar.arrays import call_with_values
from ...scalar.value import Value
from ...tree import leaf_paths
from ..program.program import Program, Role, number_of
from ..trace.recorder import Argument
from ..trace.results import segments
from ..trace.structure import Key, Nesting, flat, nesting_of
from ..trace.tracing import Call, with_symbols
from .arrays import constants
from .claim import Claim, Slopes
from .element import Element, element, proving, record_two
from .field import P, Pair, Q, residues
from .run import run

__all__ = ["prove"]

SAMPLES = 2  # so that sums over them are seen, and one over their number
SEED = 20_261_130
_LOCK = threading.RLock()  # all elements have in common what they are a part of


def prove(program: Program, claim: Claim) -> None:
    """Raise a `ProofError` unless a program computes what it is said to compute.

    The function is called once for each of two samples, or once if there are none; if the program
    gives its derivatives, then also once more where they do not follow from slopes. Where all are
    the same numbers of two finite fields of about 2**31 elements, the program and the function are
    the same by the laws of arithmetic, but for a chance of about one in 2**60 times the number of
    factors that are multiplied with each other.
    """
    with _LOCK:
        _Proof(program, claim).check()


class _Proof:
    """One proof: random numbers for the arguments, and what the program makes of them."""

    def __init__(self, program: Program, claim: Claim) -> None:
        self.claim = claim
        self.program = program
        self.batched = any(argument.per_sample for argument in claim.arguments)
        self.count = SAMPLES if self.batched else 1
        self.rng = random.Random(SEED)
        self.numbers = [self._random(a) for a in claim.arguments]  # by argument, sample, place
        self.captured = [self._pair() for _ in claim.captured]

    def _pair(self) -> Pair:
        return self.rng.randrange(P), self.rng.randrange(Q)

    def _random(self, argument: Argument) -> list[list[Pair]]:
        size = argument.nesting.size
        columns = self.count if argument.per_sample else 1
        return [[self._pair() for _ in range(size)] for _ in range(columns)]

    def check(self) -> None:
        """Compare the results of the program with those of the function."""
        claimed = self._claimed()
        if self.claim.slopes is not None and self._has_slopes(claimed, self.claim.slopes):
            return
        expected = self._called(self.claim.call, True, None)
        self._compare(claimed, self._reduced(expected))

    # ---- the program ------------------------------------------------------------------------

    def _claimed(self) -> list[list[Pair]]:
        """Run the program: for each result, the numbers of all samples, or one that they share."""
        arrays = self.program.arrays
        places = [n for n, array in enumerate(arrays) if array.role is Role.INPUT]
        inputs = {
            place: np.array(columns, dtype=np.uint64)
            .reshape(len(columns), -1, 2)
            .transpose(2, 0, 1)
            for place, columns in zip(places, self.numbers, strict=True)
        }
        captured = number_of(arrays, Role.CAPTURED)
        if captured >= 0:
            shape = (1, len(self.captured), 2)
            table = np.array(self.captured, dtype=np.uint64).reshape(shape).transpose(2, 0, 1)
            inputs[captured] = np.ascontiguousarray(table)
        batch = number_of(arrays, Role.BATCH)
        if batch >= 0:
            numbers = np.array([float(self.count), 1.0 / self.count])[: arrays[batch].size]
            inputs[batch] = constants(numbers)[:, None]
        inputs = {place: np.ascontiguousarray(numbers) for place, numbers in inputs.items()}
        return [
            [(int(p), int(q)) for p, q in column.T]
            for part in run(self.program, inputs, self.count)
            for column in np.moveaxis(part, 2, 0)
        ]

    # ---- the function -----------------------------------------------------------------------

    def _called(self, call: Call, keeps_graph: bool, along: Any) -> list[tuple[Key, list[Element]]]:
        """Call the function for each sample, with slopes along a direction; give its results."""
        found = []
        outside = proving.keeps_graph, proving.known
        proving.keeps_graph = keeps_graph
        proving.known = {
            value: Element(*pair)
            for value, pair in zip(self.claim.captured, self.captured, strict=True)
        }
        try:
            for sample in range(self.count):
                nested = [
                    argument.nesting.rebuild(self._elements(place, sample, along))
                    for place, argument in enumerate(self.claim.arguments)
                ]
                with with_symbols(record_two):
                    leaves: list[Any] = []
                    nesting = nesting_of(call_with_values(call, nested), leaves)
                    found.append((nesting.key, [_element(leaf) for leaf in flat(leaves)]))
        finally:
            proving.keeps_graph, proving.known = outside
        return found

    def _elements(self, place: int, sample: int, along: Any) -> list[Element]:
        columns = self.numbers[place]
        column = sample if len(columns) > 1 else 0
        if along is None or place not in along:
            return [Element(v, w) for v, w in columns[column]]
        pairs = zip(columns[column], along[place][column], strict=True)
        return [Element(v, w, dv, dw) for (v, w), (dv, dw) in pairs]

    def _reduced(self, results: Sequence[tuple[Key, list[Element]]]) -> list[list[Pair]]:
        """Reduce the results of all samples as the claim says."""
        for key, _ in results:
            if key != self.claim.key:
                raise ProofError(
                    f"{self.claim.name} cannot be proved: its result is nested as {key!r}, and was "
                    f"nested as {self.claim.key!r} when it was recorded; it must be the same in "
                    "every call"
                )
        rows = zip(*[[(x.v, x.w) for x in numbers] for _, numbers in results], strict=True)
        return [
            list(own) if how is None else [self._sum(own, how)]
            for how, own in zip(self._hows(), rows, strict=True)
        ]

    def _sum(self, numbers: Sequence[Pair], how: str) -> Pair:
        v, w = sum(p for p, _ in numbers), sum(q for _, q in numbers)
        a, b = residues(1.0 / self.count if how == "mean" else 1.0)
        return v * a % P, w * b % Q

    # ---- comparing --------------------------------------------------------------------------

    def _compare(self, claimed: list[list[Pair]], expected: list[list[Pair]]) -> None:
        for place, (one, other) in enumerate(zip(claimed, expected, strict=True)):
            if _spread(one, self.count) != _spread(other, self.count):
                numbers = list(range(len(claimed)))
                name = leaf_paths(Nesting(self.claim.key).rebuild(numbers), "result")[place]
                raise ProofError(
                    f"{self.claim.name} is not proved: {name} of its program is not what the "
                    "function computes; run the function as it is, without compile, and report it"
                )

    def _has_slopes(self, claimed: list[list[Pair]], slopes: Slopes) -> bool:
        """Tell whether the derivatives of a program, times a direction, are slopes along it.

        False as well where slopes alone do not say so.
        """
        along = {place: self._random(self.claim.arguments[place]) for place in slopes.by}
        before = contexts.state.derivations
        try:
            results = self._called(slopes.call, False, along)
        except Exception:  # what fails without a graph is called again with one
            return False
        if contexts.state.derivations != before:  # derivatives inside of it need a graph
            return False
        columns = [numbers for _, numbers in results]
        hows = self._hows()
        if slopes.after_value:
            values = [(x.v, x.w) for (x,) in columns]
            if not self._same(claimed[0], values, hows[0]):
                return False
            claimed, hows = claimed[1:], hows[1:]
        width = sum(len(along[place][0]) for place in slopes.by)
        directions = [
            [pair for place in slopes.by for pair in along[place][min(s, len(along[place]) - 1)]]
            for s in range(self.count)
        ]
        for k, outputs in enumerate(zip(*columns, strict=True)):
            own = slice(k * width, (k + 1) * width)
            if len(set(hows[own])) != 1:
                return False
            products = [
                _dot([_spread(one, self.count)[s] for one in claimed[own]], directions[s])
                for s in range(self.count)
            ]
            if not self._same(products, [(x.dv, x.dw) for x in outputs], hows[own][0]):
                return False
        return len(claimed) == width * len(columns[0])

    def _hows(self) -> list[str | None]:
        """Say of each result how it is reduced over the samples."""
        reduce = self.claim.reduce if self.batched else None
        return [
            how for how, part in segments(reduce, self.claim.key) for _ in range(Nesting(part).size)
        ]

    def _same(self, claimed: list[Pair], own: list[Pair], how: str | None) -> bool:
        expected = own if how is None else [self._sum(own, how)]
        return _spread(claimed, self.count) == _spread(expected, self.count)


def _dot(numbers: Sequence[Pair], direction: Sequence[Pair]) -> Pair:
    pairs = list(zip(numbers, direction, strict=True))
    return sum(x[0] * d[0] for x, d in pairs) % P, sum(x[1] * d[1] for x, d in pairs) % Q


def _element(leaf: Any) -> Element:
    return element(leaf) if isinstance(leaf, Value) else Element(*residues(float(leaf)))


def _spread(numbers: list[Pair], count: int) -> list[Pair]:
    return numbers * count if len(numbers) == 1 else numbers
