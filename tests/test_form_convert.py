"""The compiler's own statements in the one form: what few programs have."""

from __future__ import annotations

from typing import Any

import numpy as np
from forms import Numbers, close, computed, given, inner
from tinygrad_nn.compiler.flatten import SUM
from tinygrad_nn.compiler.statements import Factor, Statement, Term

from tinygrad_nn import compile, lookup, value_and_grad
from tinygrad_nn.compiler.form.convert import convert
from tinygrad_nn.compiler.form.convert_sums import SumConverter
from tinygrad_nn.compiler.form.making import Making
from tinygrad_nn.compiler.form.program import Run
from tinygrad_nn.compiler.form.statements import Access, Reduce, unnested

rng = np.random.default_rng(0)


def sum_of(*terms: Term, inputs: dict[int, Numbers]) -> Numbers:
    """Six sums in a row, in array 1."""
    statement = Statement(SUM, None, 1, 6, 5, False, False, 0, list(terms), [(6, 1)])
    making = Making([given(12), inner(6)], {})
    SumConverter(making, statement).write()
    program = making.program([Run(6, Access(1, 0, (1,)))], [], [])
    assert [s.nodes for s in unnested(program.statements)][-1] == 5
    return computed(program, inputs)[:, 0]


def test_a_term_whose_axes_do_not_nest_with_the_others_is_computed_apart() -> None:
    """x as rows of three, and as rows of two from the last to the first."""
    x = rng.uniform(-1.0, 1.0, 12)
    rows = Term(2.0, Factor(0, 0), None, [(2, 3, 6, 0), (3, 1, 1, 0)], [])
    turned = Term(-1.0, Factor(0, 0), None, [(3, -2, 1, 0), (2, 1, 3, 0)], [(2, 6, 0)], start=4)
    first = x.reshape(2, 6)[:, :3].ravel()
    second = x.reshape(2, 2, 3).sum(axis=0).T[::-1].ravel()
    close(sum_of(rows, turned, inputs={0: x}), 2.0 * first - second)


def test_additions_to_chosen_elements_beside_other_terms_of_a_sum_over_samples() -> None:
    """They go to an array of their own, which waits for all samples."""

    def cost(table: Any, i: Any, x: Any, y: Any) -> Any:
        return x * lookup(table, i) + y * sum(table)

    compiled = compile(value_and_grad(cost), batch=("i", "x", "y"), reduce="mean")
    compiled([1.0, 2.0, 3.0], [0.0, 2.0], [1.0, 2.0], [3.0, 4.0])
    program = convert(compiled.program)
    scattered = [s for s in unnested(program.statements) if s.target.chosen is not None]
    assert len(scattered) == 1
    readers = [
        s
        for s in unnested(program.statements)
        if isinstance(s, Reduce)
        and any(f.array == scattered[0].target.array for t in s.terms for f in t.factors)
    ]
    assert len(readers) == 1
    assert readers[0].onto
