"""Loops of statements on few numbers: computed in the fields one number at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import mul as times

from ...scalar.graph import Node
from ...scalar.operation import Op
from ...scalar.ops import mul
from ...scalar.value import constant
from ..program.program import Floats
from ..program.statements import (
    Access,
    Basic,
    Loop,
    Map,
    Reduce,
    accesses_of,
    extents_of,
    is_onto,
    sums_samples,
    terms_of,
    unnested,
)
from ..program.strides import spread
from .arrays import Numbers, elements_of
from .element import apply_row, number_of_node
from .places import are_apart, check, check_inside

__all__ = ["is_quick", "run_steps"]

FEW_NUMBERS = 64  # in a statement: more take no longer as arrays
QUICK = 100  # numbers that become elements in the time that a statement takes on arrays

Indices = tuple[int, ...]
Place = tuple[list[Node], int, int]  # in a list: where it is at first, and a step later
Product = tuple[Node | None, list[Place]]
Step = Callable[[int], None]


def is_quick(loop: Loop, memory: Sequence[Numbers]) -> bool:
    """Tell whether a loop takes less time one number at a time."""
    statements = list(unnested([loop]))
    touched = {access.array for one in statements for access in accesses_of(one)}
    if not all(map(_is_plain, statements)) or min(touched, default=-1) < 0:
        return False
    written = {one.target.array for one in statements}
    columns = {memory[number].shape[1] for number in touched}
    # What all samples share is not written where any has its own.
    if len(columns) > 1 and any(memory[number].shape[1] == 1 for number in written):
        return False
    size = sum([memory[number].shape[1] * memory[number].shape[2] for number in touched])
    return bool(size <= QUICK * _count(loop))


def _is_plain(statement: Basic) -> bool:
    """Tell whether a statement is on few numbers, each at a place of its own."""
    if not isinstance(statement, Map | Reduce) or sums_samples(statement):
        return False
    if any(access.table >= 0 or access.chosen is not None for access in accesses_of(statement)):
        return False
    extents = [extents_of(statement, term) for term in terms_of(statement)] or [statement.nest]
    count: int = sum([math.prod(each) for each in extents])
    return count <= FEW_NUMBERS


def _count(loop: Loop) -> int:
    """Count how often statements run."""
    return loop.count * sum([_count(one) if isinstance(one, Loop) else 1 for one in loop.body])


def run_steps(loop: Loop, memory: Sequence[Numbers], known: Mapping[int, Floats]) -> None:
    """Run a loop, of which `is_quick` holds, in a memory; `known` are its plain numbers."""
    statements = list(unnested([loop]))
    touched = {access.array for one in statements for access in accesses_of(one)}
    runner = _Steps(
        {
            number: [list(map(constant, known[number].tolist()))]
            if number in known
            else [
                list[Node](elements_of(memory[number], k)) for k in range(memory[number].shape[1])
            ]
            for number in touched
        }
    )
    runner.run(loop, ())
    for number in {one.target.array for one in statements}:
        for column, nodes in enumerate(runner.lists[number]):
            numbers = list(map(number_of_node, nodes))
            memory[number][0, column] = [x.v for x in numbers]
            memory[number][1, column] = [x.w for x in numbers]


class _Steps:
    """Lists of numbers, one for each sample of an array, and statements on them."""

    def __init__(self, lists: dict[int, list[list[Node]]]) -> None:
        self.lists = lists

    def run(self, loop: Loop, outer: Indices) -> None:
        """Run a loop in the steps of the loops around it."""
        bound = [
            None if isinstance(one, Loop) else self._bound(one, outer, loop.count)
            for one in loop.body
        ]
        for step in range(loop.count):
            for run, one in zip(bound, loop.body, strict=True):
                if run is not None:
                    run(step)
                elif isinstance(one, Loop):
                    self.run(one, (*outer, step))

    def _bound(self, statement: Basic, outer: Indices, count: int) -> Step:
        """Make what runs a statement in a step of the innermost loop around it."""
        assert isinstance(statement, Map | Reduce)
        nest = statement.nest
        columns = range(len(self.lists[statement.target.array]))
        check(are_apart(nest, statement.target.strides[len(outer) + 1 :]), "two places are one")
        targets = [
            place
            for column in columns
            for place in self._places(statement.target, nest, outer, count, column)
        ]
        if isinstance(statement, Map):
            operands = [
                [([constant(x)], 0, 0)] * math.prod(nest)
                if isinstance(x, float)
                else self._places(x, nest, outer, count, column)
                for column in columns
                for x in statement.operands
            ]
            arity = len(statement.operands)
            each = [
                list(one)
                for column in columns
                for one in zip(*operands[column * arity : (column + 1) * arity], strict=True)
            ]
            return _mapping(statement.op, targets, each)
        products = [
            own for column in columns for own in self._products(statement, outer, count, column)
        ]
        return _joining(statement.op, targets, products)

    def _products(
        self, statement: Reduce, outer: Indices, count: int, column: int
    ) -> Iterator[list[Product]]:
        """List what is joined, for each index of the nest."""
        size = math.prod(statement.nest)
        found: list[list[Product]] = [[] for _ in range(size)]
        if is_onto(statement):
            target = self._places(statement.target, statement.nest, outer, count, column)
            for own, place in zip(found, target, strict=True):
                own.append((None, [place]))
        for term in terms_of(statement):
            extents = extents_of(statement, term)
            coef = None if term.coef == 1.0 and term.factors else constant(term.coef)
            factors = [self._places(one, extents, outer, count, column) for one in term.factors]
            each = math.prod(term.over)
            for k in range(size * each):
                found[k // each].append((coef, [factor[k] for factor in factors]))
        yield from found

    def _places(
        self, access: Access, extents: Indices, outer: Indices, count: int, column: int
    ) -> list[Place]:
        """List the places of an access, for all indices behind those of the loops."""
        lists = self.lists[access.array]
        own = lists[column if len(lists) > 1 else 0]
        depth = len(outer)
        start = access.start + sum(map(times, access.strides, outer))
        check_inside(start, (count, *extents), access.strides[depth:], len(own))
        stride, *strides = access.strides[depth:]
        return [(own, place, stride) for place in spread(start, extents, strides).ravel().tolist()]


def _mapping(op: Op, targets: list[Place], operands: list[list[Place]]) -> Step:
    def run(step: int) -> None:
        _write(
            targets,
            [apply_row(op, [own[k + by * step] for own, k, by in each]) for each in operands],
            step,
        )

    return run


def _joining(op: Op, targets: list[Place], products: list[list[Product]]) -> Step:
    def run(step: int) -> None:
        _write(targets, [_joined(op, each, step) for each in products], step)

    return run


def _joined(op: Op, products: list[Product], step: int) -> Node:
    found: Node | None = None
    for coef, factors in products:
        product = coef
        for own, place, by in factors:
            one = own[place + by * step]
            product = one if product is None else apply_row(mul, (product, one))
        assert product is not None
        found = product if found is None else apply_row(op, (found, product))
    assert found is not None
    return found


def _write(targets: list[Place], numbers: Sequence[Node], step: int) -> None:
    """Write numbers, when all of them are known."""
    for (own, place, by), number in zip(targets, numbers, strict=True):
        own[place + by * step] = number_of_node(number)
