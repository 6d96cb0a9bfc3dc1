"""Loops written out."""

from __future__ import annotations

from written import Making, at, check

from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Runs, Term, unnested
from tinygrad_nn.compiler.program.unroll import unroll
from tinygrad_nn.scalar.ops import add, exp, mul


def test_without_loops_nothing_changes() -> None:
    making = Making()
    making.add(Map(at(making.inner(2), 1), (2,), exp, (at(making.input(2), 1),)))
    program = making.program()
    assert unroll(program) is program


def test_steps_of_loops_within_loops_move_the_starts() -> None:
    making = Making()
    x, y = making.input(30), making.inner(12)
    inner = Map(at(y, 6, 2, 1, start=0), (2,), mul, (at(x, 10, 3, -1, start=1), 2.0))
    making.add(Loop(2, (Loop(3, (inner,)),)))
    program = making.program()
    statements = list(unnested(unroll(program).statements))
    starts = [s.target.start for s in statements]
    assert starts == [0, 2, 4, 6, 8, 10]
    read = [s.operands[0] for s in statements if isinstance(s, Map)]
    assert read == [at(x, -1, start=1 + 10 * i + 3 * j) for i in range(2) for j in range(3)]
    check(program)


def test_all_kinds_of_statements() -> None:
    making = Making()
    x, w, by = making.input(12, True), making.input(24), making.input(3, True)
    ends, places = making.table([1, 4]), making.table([5, 1, 0, 7, 11, 3, 2, 9])
    h, runs, sums = making.inner(6, True), making.inner(6, True), making.inner(6, True)
    read = at(x, 2, 1, by=(2, 3, at(by, 1, 0)))
    body = (
        Reduce(
            at(h, 2, 1),
            (2,),
            add,
            (Term(1.0, (at(w, 8, 4, 1), at(x, 1, 0, 2)), (4,)), Term(0.5, (read,))),
        ),
        Runs(
            at(runs, -2, 1, start=4),
            (2,),
            add,
            Term(-1.0, (at(x, 2, 1, table=places),), (4,)),
            ends,
        ),
        Reduce(at(sums, 2, 1), (2,), add, (Term(0.0),)),
        Reduce(
            at(sums, 2, 0, by=(1, 2, at(by, 1, 0))),
            (2,),
            add,
            (Term(2.0, (at(h, 2, 1),)),),
            onto=True,
        ),
    )
    making.add(Loop(3, body))
    check(making.program())
