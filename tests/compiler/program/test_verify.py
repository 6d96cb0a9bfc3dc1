"""The rules that programs keep, each with a program that breaks it and no other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from forms import (
    at,
    changed,
    given,
    inner,
    made,
    over_samples,
    total,
)

from tinygrad_nn.compiler.program.program import Array, Lookup, Piece, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Access, Chosen, Loop, Map, Reduce, Runs, Term
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.errors import ProgramError, TinygradNNError
from tinygrad_nn.scalar.ops import add, maximum, mul

Break = Callable[[Program], Program]
W, X, C, Z, H, TOTAL = range(6)


def layer() -> Program:
    """z = W @ x + c; h = max(z, 0); total = sum_batch(h), of W of shape (3, 2)."""
    z = Reduce(at(Z, 1), (3,), add, (total(at(W, 2, 1), at(X, 0, 1), over=[2]), total(at(C, 1))))
    h = Map(at(H, 1), (3,), maximum, (at(Z, 1), 0.0))
    sums = Reduce(at(TOTAL, 1), (3,), add, (over_samples(at(H, 1)),))
    arrays = [given(6, name="W"), given(2, True), Array(3, False, Role.CONSTANT)]
    arrays += [inner(3, True), inner(3, True), inner(3)]
    program = made(arrays, [z, h, sums], tables=[[2, 0, 1], [1, 3]], results=[Run(3, at(TOTAL, 1))])
    program.constants[C] = np.array([1.0, -0.0, 2.0])
    program.pieces.append(Piece("total", 0, (3,)))
    program.lookups.append(Lookup(Run(2, at(X, 1)), 4))
    return program


def array(number: int, **parts: Any) -> Break:
    def broken(p: Program) -> Program:
        arrays = list(p.arrays)
        arrays[number] = replace(arrays[number], **parts)
        return replace(p, arrays=arrays)

    return broken


def z(**parts: Any) -> Break:
    return lambda p: changed(p, 0, **parts)


def h(**parts: Any) -> Break:
    return lambda p: changed(p, 1, **parts)


def sums(**parts: Any) -> Break:
    return lambda p: changed(p, 2, **parts)


def term(*factors: Access, over: tuple[int, ...] = (), samples: bool = False) -> Break:
    return z(terms=(Term(1.0, factors, over, samples),))


def instead(*statements: Any) -> Break:
    """Other statements, which write H."""
    return lambda p: replace(p, statements=[p.statements[0], *statements, p.statements[2]])


def then(*statements: Any) -> Break:
    return lambda p: replace(p, statements=[*p.statements, *statements])


def runs(table: int = 1, **parts: Any) -> Break:
    """H = the sums of runs of C, which has one place for each of three runs."""
    line = replace(Runs(at(H, 1), (3,), add, total(at(C, 1), over=(3,)), table), **parts)
    return lambda p: instead(line)(replace(p, tables=[*p.tables, np.array([1, 2, 3])]))


def table(numbers: Any) -> Break:
    return lambda p: replace(p, tables=[np.array(numbers)])


def choosing(target: Access, terms: Any = None, onto: bool = True, op: Any = add) -> Break:
    """A line more, which adds to chosen elements of Z."""
    more = Reduce(target, (2,), op, terms or (total(at(X, 1)),), onto)
    return lambda p: replace(p, statements=[p.statements[0], more, *p.statements[1:]])


def scatter(step: int = 1, size: int = 3, by: Access | None = None, **parts: Any) -> Access:
    return replace(at(Z, 0, chosen=Chosen(step, size, by or at(X, 1))), **parts)


def chosen(step: int = 2, size: int = 3, by: Access | None = None) -> Access:
    return at(W, 0, chosen=Chosen(step, size, by or at(X, 0)))


CHANGES = {
    "constants, and they only, have numbers": [
        lambda p: replace(p, constants={}),
        lambda p: replace(p, constants={**p.constants, Z: np.zeros(3)}),
        lambda p: replace(p, constants={**p.constants, 9: np.zeros(3)}),
        array(W, role=Role.CONSTANT),
    ],
    "a size is no less than 0": [array(X, size=-1)],
    "numbers of double precision fill a constant": [
        lambda p: replace(p, constants={C: np.zeros(2)}),
        lambda p: replace(p, constants={C: np.zeros((3, 1))}),
        lambda p: replace(p, constants={C: np.zeros(3, dtype=int)}),
    ],
    "samples share what is captured": [array(X, role=Role.CAPTURED)],
    "samples share what is batch": [array(X, role=Role.BATCH)],
    "samples share what is constant": [array(C, per_sample=True)],
    "array 0: W lies inside": [
        array(W, pieces=(Piece("W", 0, (-3, -2)),)),
        array(W, pieces=(Piece("W", 0, (3, 2)), Piece("W", 1, (3, 2)))),
        array(W, pieces=(Piece("W", -1, ()),)),
    ],
    "results: total lies inside": [
        lambda p: replace(p, pieces=[Piece("total", 1, (3,))]),
        lambda p: replace(p, pieces=[Piece("total", -1, (3,))]),
    ],
    "a table is a row of whole numbers": [table([0.0, 1.0]), table([[0, 1]])],
    # ---- results and lookups
    "result 0: places lie inside array 5 of 3": [
        lambda p: replace(p, results=[Run(4, at(TOTAL, 1))]),
        lambda p: replace(p, results=[Run(3, at(TOTAL, 1, start=-1))]),
    ],
    "result 0: what is read of array 5 was written before": [
        lambda p: replace(p, statements=p.statements[:2])
    ],
    "result 0: a stride for each of 1 indices": [
        lambda p: replace(p, results=[Run(3, at(TOTAL, 1, 0))])
    ],
    "result 0: no place is chosen": [
        lambda p: replace(p, results=[Run(2, at(W, 0, chosen=Chosen(1, 2, at(W, 0))))])
    ],
    "lookup 0: numbers of an array are looked up": [
        lambda p: replace(p, lookups=[Lookup(Run(1, 2.0), 4)])
    ],
    "lookup 0: a table has a row at least": [
        lambda p: replace(p, lookups=[Lookup(Run(1, at(X, 1)), 0)])
    ],
    "lookup 0: what is given or computed is looked up": [
        lambda p: replace(p, lookups=[Lookup(Run(1, at(C, 1)), 4)])
    ],
    "lookup 0: places lie inside array 1 of 2": [
        lambda p: replace(p, lookups=[Lookup(Run(3, at(X, 1)), 4)])
    ],
    # ---- places
    "statement 0: there is an array 9": [z(target=at(9, 1)), term(at(9, 1))],
    "statement 0: there is an array -1": [z(target=at(-1, 1)), term(at(-1, 1))],
    "what is written is an inner array": [z(target=at(W, 1)), z(target=at(C, 1))],
    "it stands for no less than 0 numbers": [z(nodes=-1)],
    "a stride for each of 1 indices": [z(target=at(Z)), z(target=at(Z, 1, 1)), term(at(C, 1, 1))],
    "a stride for each of 2 indices": [term(at(W, 2), over=(2,)), term(at(W, 2, 1, 1), over=(2,))],
    "each index takes a step at least": [
        term(at(W, 2, 1), over=(0,)),
        h(nest=(0,)),
    ],
    "a run has a size": [
        lambda p: replace(p, results=[Run(0, at(TOTAL, 1))]),
        lambda p: replace(p, results=[Run(0, 1.0)]),
    ],
    "places lie inside array 0 of 6": [
        term(at(W, 2, start=2)),
        term(at(W, -2, start=3)),
        term(chosen(size=4)),
    ],
    "places lie inside array 3 of 3": [z(target=at(Z, 2)), z(target=at(Z, 1, start=-1))],
    "there is a table 2": [term(at(W, 1, table=2)), z(target=at(Z, 1, table=2))],
    "there is a table -2": [term(at(W, 1, table=-2))],
    "places lie inside table 0 of 3": [
        term(at(W, 1, table=0, start=1)),
        term(at(W, -1, table=0, start=1)),
    ],
    "places lie inside array 2 of 3": [
        lambda p: term(at(C, 1, table=0))(replace(p, tables=[np.array([0, 1, 3])])),
        lambda p: term(at(C, 1, table=0))(replace(p, tables=[np.array([0, 1, -1])])),
    ],
    "there are places to choose from": [term(chosen(size=1)), term(chosen(step=0))],
    "what chooses is not chosen itself": [
        term(chosen(by=at(X, 0, chosen=Chosen(1, 2, at(X, 0))))),
    ],
    # ---- what is read
    "statement 0: what is read of array 4 was written before": [
        term(at(H, 1)),
        term(chosen(by=at(H, 1))),
    ],
    "statement 1: what is read of array 3 was written before": [
        lambda p: h(operands=(at(Z, 1), 0.0))(z(nest=(2,))(p)),
    ],
    "what samples share is made of what they share, or of a sum over them": [
        sums(terms=(total(at(H, 1)),)),
        sums(terms=(total(at(W, 0, chosen=Chosen(1, 3, at(H, 1)))),)),
        array(H, per_sample=False),
    ],
    "max takes 2 operands": [h(operands=(at(Z, 1),)), h(operands=(at(Z, 1), 0.0, 0.0))],
    "the operands of an operation are not chosen": [h(operands=(chosen(), 0.0))],
    "terms are joined by add, max or min": [z(op=mul)],
    "there are terms to be joined": [z(terms=())],
    "all terms go over samples, or none": [
        sums(terms=(over_samples(at(H, 1)), total(at(C, 1)))),
    ],
    "what is for each sample is no sum over them": [term(at(X, 0), samples=True)],
    "only a sum goes over samples": [sums(op=maximum)],
    "only terms of a sum choose": [
        lambda p: term(chosen())(z(op=maximum)(p)),
        runs(2, term=total(chosen(), over=(3,))),
    ],
    "one factor of a term is chosen at most": [term(chosen(), chosen())],
    "statement 1: there is a table 7": [runs(7)],
    "statement 1: there is a table -1": [runs(-1)],
    "runs lie along one index": [
        runs(2, term=total(at(C, 0), over=())),
        runs(2, term=total(at(C, 1, 0), over=(3, 1))),
    ],
    "there is a run for each member": [runs(1), runs(2, nest=(2,))],
    "runs follow each other, up to 3": [
        lambda p: runs(2)(replace(p, tables=[*p.tables, np.array([1, 1, 3])])),
        lambda p: runs(2)(replace(p, tables=[*p.tables, np.array([0, 1, 3])])),
        lambda p: runs(2)(replace(p, tables=[*p.tables, np.array([1, 2, 4])])),
    ],
    # ---- what is written
    "no two results go to one place": [
        z(target=at(Z, 0)),
        lambda p: z(target=at(Z, 1, table=0))(replace(p, tables=[np.array([0, 1, 0])])),
        lambda p: changed(
            array(Z, size=4)(p), 0, nest=(3, 2), target=at(Z, 1, 1), terms=(Term(1.0),)
        ),
    ],
    "no place is written twice": [
        then(Map(at(H, start=1), (), mul, (2.0, 3.0))),
        instead(Loop(2, (Map(at(H, 0, 1), (3,), mul, (at(Z, 0, 1), 3.0)),))),
    ],
    "it joins what was written before": [z(onto=True), choosing(replace(scatter(), array=H))],
    "only a sum is joined onto what is there": [
        lambda p: then(Reduce(at(H, 1), (3,), maximum, (Term(0.0),), True))(p),
    ],
    "what is joined was not read before": [
        then(Reduce(at(H, 1), (3,), add, (Term(1.0),), True)),
        lambda p: then(Reduce(at(TOTAL), (), add, (total(at(TOTAL)),), True))(p),
    ],
    "only sums are added to chosen places, onto what is there": [
        choosing(scatter(), onto=False),
        choosing(scatter(), op=maximum),
        instead(Map(scatter(array=H), (2,), mul, (1.0, 2.0))),
    ],
    "chosen places are a slice, and in no table": [choosing(scatter(table=0))],
    "one term without axes is added to chosen places": [
        choosing(scatter(), (total(at(X, 1)), Term(1.0))),
        choosing(scatter(), (total(at(X, 1, 0), over=(2,)),)),
    ],
    "statement 1: places lie inside array 1 of 2": [choosing(scatter(by=at(X, 1, start=1)))],
    "statement 1: places lie inside array 3 of 3": [choosing(scatter(size=4))],
    "statement 3: what samples share is made of": [
        then(Reduce(at(TOTAL, chosen=Chosen(1, 3, at(X))), (), add, (Term(1.0),), True)),
    ],
    # ---- loops and phases
    "a loop has steps and a body": [
        then(Loop(0, (Map(at(H, 0), (), mul, (1.0, 2.0)),))),
        then(Loop(2, ())),
    ],
    "in the order of phases, statement 3: where sums over samples go, nothing was written before": [
        lambda p: array(TOTAL, size=4)(
            replace(p, statements=[Map(at(TOTAL, start=3), (), mul, (2.0, 3.0)), *p.statements])
        ),
    ],
}
BREAKS = [
    pytest.param(rule, change, id=f"{rule} ({n})")
    for rule, changes in CHANGES.items()
    for n, change in enumerate(changes)
]


@pytest.mark.parametrize(("rule", "change"), BREAKS)
def test_a_broken_program_is_refused(rule: str, change: Break) -> None:
    verify(layer())
    with pytest.raises(ProgramError) as found:
        verify(change(layer()))
    assert rule in str(found.value)


KEPT = [
    runs(2),
    choosing(scatter()),
    term(chosen()),
    instead(Loop(3, (Map(at(H, 1), (), mul, (at(Z, 1), 3.0)),))),
    instead(Loop(1, (Map(at(H, 0, 1), (3,), mul, (at(Z, 0, 1), 3.0)),))),
    lambda p: runs(0)(replace(p, tables=[np.array([1, 2, 3])])),
    term(chosen(size=2)),
    lambda p: replace(p, arrays=[*p.arrays, given(0)]),
    lambda p: replace(p, results=[Run(1, at(TOTAL, 1)), *p.results]),
    array(H, size=4),
    array(W, pieces=(Piece("W", 0, (3, 2)), Piece("W[0]", 0, (2,)))),
    lambda p: replace(p, results=[Run(2, 1.0), *p.results]),
    then(Reduce(at(TOTAL, 1), (3,), add, (total(at(C, 1)),), True)),
    then(Reduce(at(TOTAL, chosen=Chosen(1, 3, at(X))), (), add, (over_samples(),), True)),
]


@pytest.mark.parametrize("change", KEPT)
def test_what_is_right_is_accepted(change: Break) -> None:
    verify(change(layer()))


def test_the_error_names_the_statement() -> None:
    with pytest.raises(ProgramError, match=r"^statement 1: max takes 2 operands$"):
        verify(changed(layer(), 1, operands=()))
    assert issubclass(ProgramError, TinygradNNError)
