"""The proof that a program computes what its function computes, for numbers of finite fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...cached import cached_property
from ...errors import ProofError
from ...scalar import contexts
from ...scalar.arrays import call_with_values
from ...scalar.graph import Node
from ...tree import leaf_paths
from ..program.program import Array, Ints, Program, Role, number_of
from ..tape.recording import Recording
from ..trace.results import segments
from ..trace.structure import Key, Nesting, flat, nesting_of
from ..trace.tracing import Call, with_symbols
from .arrays import Numbers, constants, drawn, elements_of, packed, residues
from .attempt import tried
from .claim import Claim, Moves, Slopes
from .element import Element, drawn_elements, number_of_node, proving, record_two
from .field import P
from .memory import PLACES
from .recorded import BITS, numbers_of
from .trial import ALONG, drawn_inputs, run_on

__all__ = ["Taken", "operations_of", "prove", "prove_recording"]

SAMPLES = 2  # so that sums over them are seen, and one over their number
_HOWS = (None, "sum", "mean")  # how samples are joined


class Taken(NamedTuple):
    """What a function took in a proof."""

    operations: int  # for each sample
    with_graph: bool  # whether those of its derivatives are among them


def prove(program: Program, claim: Claim) -> Taken:
    """Raise a `ProofError` unless a program computes what it is said to compute.

    The function is called once for each of two samples, or once if there are none; if the program
    gives its derivatives, then also once more where they do not follow from slopes. Where all are
    the same numbers of two finite fields of about 2**31 elements, the program and the function are
    the same by the laws of arithmetic, but for a chance of about one in 2**60 times the number of
    factors that are multiplied with each other. What it took is given back.
    """
    taken = Taken(0, False)

    def compare(as_they_stand: bool) -> None:
        nonlocal taken
        taken = _Proof(program, claim, as_they_stand).check()

    tried(compare)
    return taken


def operations_of(claim: Claim, with_graph: bool) -> int:
    """Count the operations of a function as `prove` does, whatever its program is."""
    operations = 0

    def count(_: bool) -> None:
        nonlocal operations
        proof = _Proof(_nothing_of(claim), claim, False)
        proof.count = 1  # each sample takes as many
        if with_graph:
            proof.called_with_graph()
        else:
            proof.called_along()
        operations = proof.operations

    tried(count)
    return operations


def _nothing_of(claim: Claim) -> Program:
    """Give a program that computes nothing of what a function is given."""
    sizes = [(a.nesting.size, a.per_sample, Role.INPUT) for a in claim.arguments]
    if claim.captured:
        sizes.append((len(claim.captured), False, Role.CAPTURED))
    return Program([Array(*each) for each in sizes], [], [], [], [], [], {})


def prove_recording(program: Program, recording: Recording) -> None:
    """Raise a `ProofError` unless a program computes what was recorded, number by number."""
    tried(lambda _: _compare_recording(program, recording))


def _compare_recording(program: Program, recording: Recording) -> None:
    tape = recording.tape
    count = SAMPLES if any(array.per_sample for array in tape.arrays) else 1
    inputs = drawn_inputs(program, count)
    rows = [
        [packed(numbers[:, sample]) for sample in range(numbers.shape[1])]
        for numbers in [inputs[number] for number in range(len(tape.arrays))]
    ]
    found = np.array(
        [
            [numbers[entry] for entry in recording.outputs]
            for numbers in numbers_of(tape, rows, count)
        ],
        dtype=np.uint64,
    )
    expected = np.stack([found & np.uint64(P), found >> np.uint64(BITS)])
    claimed = run_on(program, inputs, count)
    if claimed.shape != expected.shape:
        raise ProofError("the program has not as many results as there are")
    (wrong,) = np.nonzero((claimed != expected).any(axis=(0, 1)))
    if len(wrong):
        raise ProofError(f"result {wrong[0]} of the program is not what was recorded")


def _table(rows: Sequence[Sequence[Element]], count: int) -> Numbers:
    """Put the numbers of all samples, or one that they share, for each result in an array."""
    found = np.empty((2, count, len(rows)), dtype=np.uint64)
    for place, row in enumerate(rows):
        found[0, :, place] = [x.v for x in row]
        found[1, :, place] = [x.w for x in row]
    return found


class _Proof:
    """One proof: random numbers for the arguments, and what the program makes of them.

    Numbers are arrays of shape (fields, samples or 1, size).
    """

    def __init__(self, program: Program, claim: Claim, as_they_stand: bool) -> None:
        self.claim = claim
        self.batched = any(argument.per_sample for argument in claim.arguments)
        self.count = SAMPLES if self.batched else 1
        self.inputs = drawn_inputs(program, self.count)
        arrays = program.arrays
        # Of each argument:
        self.given = [number for number, array in enumerate(arrays) if array.role is Role.INPUT]
        captured = number_of(arrays, Role.CAPTURED)
        if captured >= 0 and as_they_stand:
            numbers = np.array([node.data for node in claim.captured], dtype=float)
            self.inputs[captured] = constants(numbers)[:, None]
        self.captured = self.inputs[captured] if captured >= 0 else None
        self.program = program
        reduce = claim.reduce if self.batched else None
        parts = segments(reduce, claim.key)
        sizes = [Nesting(part).size for _, part in parts]
        self.hows = np.repeat([_HOWS.index(how) for how, _ in parts], sizes)  # of each result
        self.operations = 0  # of the latest call, for each sample

    @cached_property
    def claimed(self) -> Numbers:
        """The results of the program, computed when the constants of the function are known."""
        found = run_on(self.program, self.inputs, self.count)
        size = Nesting(self.claim.key).size
        if found.shape[2] != size:
            raise ProofError(
                f"{self.claim.name} is not proved: its program gives {found.shape[2]} numbers, and "
                f"the function {size}"
            )
        return found

    def check(self) -> Taken:
        """Compare the results of the program with those of the function."""
        if self._has_slopes():
            return Taken(self.operations, False)
        self._compare(self._reduced(self.called_with_graph()))
        return Taken(self.operations, True)

    # ---- the function -----------------------------------------------------------------------

    def _called(
        self, call: Call, keeps_graph: bool, along: Mapping[int, int] | None = None
    ) -> list[tuple[Key, list[Element]]]:
        """Call the function for each sample, and give its results.

        `along` says of the arguments that move where the numbers of their directions are.
        """
        directions = along or {}
        found = []
        outside = proving.keeps_graph, proving.known, proving.folded
        before = proving.operations
        proving.keeps_graph = keeps_graph
        try:
            for sample in range(self.count):
                proving.known, proving.folded = self._known(), set()
                with contexts.collector_paused():  # as many as the numbers that go in
                    nested = [
                        argument.nesting.rebuild(
                            self._elements(place, sample, directions.get(place))
                        )
                        for place, argument in enumerate(self.claim.arguments)
                    ]
                with with_symbols(record_two):
                    result = call_with_values(call, nested)
                del nested
                leaves: list[Any] = []
                nesting = nesting_of(result, leaves)
                found.append((nesting.key, list(map(number_of_node, flat(leaves)))))
        finally:
            proving.keeps_graph, proving.known, proving.folded = outside
        self.operations = (proving.operations - before) // self.count
        return found

    def _known(self) -> dict[Node, Element]:
        if self.captured is None:
            return {}
        own = elements_of(self.captured, 0)
        known: dict[Node, Element] = {}
        known.update(zip(self.claim.captured, own, strict=True))
        return known

    def _elements(self, place: int, sample: int, direction: int | None) -> list[Element]:
        number = self.given[place]
        _, columns, size = self.inputs[number].shape
        first = size * sample if columns > 1 else 0
        slopes = -1 if direction is None else (direction << PLACES) + first
        found = drawn_elements((number << PLACES) + first, slopes, size)
        if len(found) == 1:
            found[0].label = self.claim.arguments[place].name
        return found

    def _reduced(self, results: Sequence[tuple[Key, list[Element]]]) -> Numbers:
        """Reduce the results of all samples as the claim says."""
        for key, _ in results:
            if key != self.claim.key:
                raise ProofError(
                    f"{self.claim.name} cannot be proved: its result is nested as {key!r}, and was "
                    f"nested as {self.claim.key!r} when it was recorded; it must be nested alike "
                    "in every call"
                )
        rows = list(zip(*[numbers for _, numbers in results], strict=True))
        return self._joined(_table(rows, self.count), self.hows)

    def _joined(self, numbers: Numbers, hows: Ints) -> Numbers:
        """Reduce what each sample has its own of."""
        if not self.batched:
            return numbers
        for how in ("sum", "mean"):
            own = hows == _HOWS.index(how)
            factor = constants(np.array([1.0 / self.count if how == "mean" else 1.0]))[:, None]
            totals = residues(numbers[:, :, own].sum(axis=1, keepdims=True))
            numbers[:, :, own] = residues(totals * factor)
        return numbers

    # ---- comparing --------------------------------------------------------------------------

    def _compare(self, expected: Numbers) -> None:
        (wrong,) = np.nonzero((self.claimed != expected).any(axis=(0, 1)))
        if not len(wrong):
            return
        places = Nesting(self.claim.key).rebuild(list(range(expected.shape[2])))
        name = leaf_paths(places, "result")[wrong[0]]
        raise ProofError(
            f"{self.claim.name} is not proved: {name} of its program is not what the function "
            "computes; call the function as it is, without compile, and report it"
        )

    def called_with_graph(self) -> list[tuple[Key, list[Element]]]:
        """Call the function with a graph, of which derivatives are made."""
        try:
            return self._called(self.claim.call, True)
        except Exception as error:
            raise ProofError(
                f"{self.claim.name} cannot be proved: called once more, it raises {error!r}"
            ) from error

    def called_along(self) -> list[tuple[Key, list[Element]]] | None:
        """Call the function that moves, or what is no derivative; None if that does not go."""
        slopes = self.claim.slopes
        if isinstance(slopes, Moves):
            return self._called_moving(slopes)
        if slopes is None:  # where nothing is differentiated, no graph is needed
            return self._called_without_graph(self.claim.call, {})
        along = {place: ALONG + place for place in slopes.by}
        return self._called_without_graph(slopes.call, along)

    def _called_moving(self, moves: Moves) -> list[tuple[Key, list[Element]]] | None:
        """Call a function that moves along what is given as its direction, and give its slopes."""
        number, direction = self.given[moves.by], self.given[moves.along]
        if self.inputs[number].shape != self.inputs[direction].shape:
            return None
        along = {moves.by: direction}
        if not moves.derives:
            results = self._called_without_graph(moves.call, along)
        else:
            try:
                results = self._called(moves.call, True, along)
            except Exception:  # the function itself is called, and says what it is
                return None
        if results is None:
            return None
        return [(key, [Element(x.dv, x.dw, 0, 0) for x in row]) for key, row in results]

    def _called_without_graph(
        self, call: Call, along: Mapping[int, int]
    ) -> list[tuple[Key, list[Element]]] | None:
        """Call a function without a graph; None if it needs one."""
        before = contexts.state.derivations
        contexts.state.refuses_derivations = True  # they need a graph
        try:
            results = self._called(call, False, along)
        except (Exception, contexts.EnoughError):  # it is called again, with a graph
            return None
        finally:
            contexts.state.refuses_derivations = False
        if contexts.state.derivations != before:  # it went on all the same
            return None
        return results

    def _has_slopes(self) -> bool:
        """Tell whether the derivatives of a program, times a direction, are slopes along it.

        False as well where slopes alone do not say so.
        """
        results = self.called_along()
        if results is None:
            return False
        rows = list(zip(*[numbers for _, numbers in results], strict=True))
        slopes = self.claim.slopes
        if not isinstance(slopes, Slopes):
            return (
                len(rows) == self.claimed.shape[2]
                and all(key == self.claim.key for key, _ in results)
                and self._same(_table(rows, self.count), slice(0, len(rows)))
            )
        along = {
            place: drawn(ALONG + place << PLACES, *self.inputs[self.given[place]].shape[1:])
            for place in slopes.by
        }
        values = len(rows) if slopes.after_value else 0
        if not along or values > self.claimed.shape[2]:
            return False
        if values and not self._same(_table(rows, self.count), slice(0, values)):
            return False
        if values:
            rows = rows[:1]
        direction = np.concatenate(
            [np.broadcast_to(d, (2, self.count, d.shape[2])) for d in along.values()], axis=2
        )
        width = direction.shape[2]
        if not width or self.claimed.shape[2] != values + width * len(rows):
            return False
        hows = self.hows[values:].reshape(len(rows), width)
        if (hows != hows[:, :1]).any():
            return False
        claimed = self.claimed[:, :, values:].reshape(2, self.count, -1, width)
        found = residues(residues(claimed * direction[:, :, None]).sum(axis=3))
        moved = [[Element(x.dv, x.dw, 0, 0) for x in row] for row in rows]
        expected = self._joined(_table(moved, self.count), hows[:, 0])
        return bool((found == expected).all())

    def _same(self, numbers: Numbers, own: slice) -> bool:
        expected = self._joined(numbers, self.hows[own])
        return bool((self.claimed[:, :, own] == expected).all())
