"""The rules that tapes and programs keep, and that a broken one is refused by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import PROGRAMS, RECORDINGS, Chain, Make, chains, numbers, program_of

from tinygrad_nn import relu
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.statements import Factor, Term
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.compiler.roll.flatten import EXTREME, SUM
from tinygrad_nn.compiler.tape.verify import verify_recording
from tinygrad_nn.errors import ProgramError, TinygradNNError
from tinygrad_nn.functions import dot
from tinygrad_nn.scalar.ops import add

Break = Callable[[Program], None]


def layer() -> Program:
    """z1 = W @ x + b; h1 = max(0, z1); result = sum_batch(h1)."""

    def f(W: Any, b: Any, x: Any) -> Any:
        return [relu(dot(w, x) + c) for w, c in zip(W, b, strict=True)]

    import random

    rng = random.Random(0)
    W, b, x = numbers(rng, 3, 2), numbers(rng, 3), numbers(rng, 4, 2)
    return program_of(f, W, b, x, batch="x", reduce="sum")


def products(program: Program) -> Term:
    return program.statements[0].terms[0]


def break_at(text: str) -> Any:
    """Read `statement.attribute = value` as a way to break a program."""

    def broken(program: Program) -> None:
        z, h, total = program.statements
        names = {"z": z, "h": h, "total": total, "p": program, "add": add, "EXTREME": EXTREME}
        exec(text, globals() | names)

    return pytest.param(broken, id=text)


BREAKS = [
    ("family 99 is one", break_at("z.family = 99")),
    ("family 99 is one", break_at("products(p).left.family = 99")),
    ("kind 7 is one of the three", break_at("z.kind = 7")),
    ("a sum has no row", break_at("z.row = add")),
    ("a sum has no row", break_at("h.row = None")),
    ("an extreme is a max or a min", break_at("z.kind, z.row = EXTREME, add")),
    ("what has terms is no operation", break_at("z.terms = []")),
    ("results for each sample go to", break_at("z.per_sample = False")),
    ("results for each sample go to", break_at("total.per_sample = True")),
    ("only a sum with results that samples share", break_at("z.reduces = True")),
    ("only a sum is added", break_at("h.accumulates = True")),
    ("multiply to 3 results", break_at("z.axes = [(2, 1)]")),
    ("one place for each result", break_at("z.scatter = np.array([0, 1])")),
    ("inside their family of 3", break_at("z.start = 1")),
    ("inside their family of 3", break_at("z.scatter = np.array([0, 1, 3])")),
    ("inside their family of 3", break_at("z.scatter = np.array([0, 1, -1])")),
    ("no two results go to one place", break_at("z.scatter = np.array([0, 1, 1])")),
    ("adds to what was written before", break_at("z.accumulates = True")),
    ("no place is written twice", break_at("p.statements.insert(1, z)")),
    ("max takes 2 operands", break_at("h.operands.pop()")),
    ("a stride for each axis", break_at("h.operands[1].strides = ()")),
    ("the first factor is the left one", break_at("products(p).left = None")),
    ("an extreme has one factor", break_at("z.kind, z.row = EXTREME, h.row")),
    ("a selection has one", break_at("products(p).select = np.array([0, 1])")),
    ("one of the 3 that", break_at("products(p).select = np.array([0, 1, 3])")),
    ("a term's axes multiply to 3", break_at("products(p).axes = []")),
    ("a term's results are the statement's", break_at("products(p).start = 1")),
    ("have tables of one length", break_at("products(p).offsets = np.array([0, 1, 2])")),
    ("a run for each result", break_at("z.terms = [ragged([0, 2])]")),
    ("up to 6", break_at("z.terms = [ragged([0, 2, 2])]")),
    ("up to 6", break_at("z.terms = [ragged([1, 2, 3])]")),
    ("up to 6", break_at("z.terms = [ragged([0, 2, 6])]")),
    ("reads inside family 0 of 6", break_at("products(p).left.start = 1")),
    ("reads inside family 0 of 6", break_at("products(p).left.start = -1")),
    ("reads inside its table of 5", break_at("products(p).left.table = np.arange(5)")),
    ("a table's places lie inside", break_at("products(p).left.table = np.arange(1, 7)")),
    ("only what goes through a table", break_at("products(p).left.scale = np.ones(6)")),
    ("a scale has a number", break_at("products(p).left = Factor(0, 0, np.arange(6), np.ones(5))")),
    ("was written before", break_at("p.statements.reverse()")),
    ("was written before", break_at("h.operands[1].factor.family = total.family")),
    ("made of what they share", break_at("total.reduces = False")),
    ("was written", break_at("p.outputs[0] = total.family, 3, 0.0")),
    ("was written", break_at("p.statements.pop()")),
    ("memory of family", break_at("p.layout.start[1] = 0")),
    ("a constant fills its family", break_at("p.constants[0] = np.ones(5)")),
]


def ragged(offsets: list[int]) -> Term:
    table = np.arange(6)
    return Term(1.0, Factor(0, 0, table), None, [], [], offsets=np.array(offsets))


@pytest.mark.parametrize(
    ("rule", "breaks"), [pytest.param(r, *b.values, id=b.id) for r, b in BREAKS]
)
def test_a_broken_program_is_refused(rule: str, breaks: Break) -> None:
    program = layer()
    verify(program)
    breaks(program)
    with pytest.raises(ProgramError, match=rule):
        verify(program)


def test_the_error_names_the_statement() -> None:
    program = layer()
    program.statements[1].operands.pop()
    with pytest.raises(ProgramError, match=r"^statement 1: max takes 2 operands$"):
        verify(program)
    assert issubclass(ProgramError, TinygradNNError)
    assert issubclass(ProgramError, RuntimeError)


def test_what_is_added_to_later_is_not_read_before() -> None:
    program = layer()
    z, h, _ = program.statements
    late = type(z)(SUM, None, z.family, 3, 3, True, False, 0, [Term(1.0, None, None, [], [])])
    late.axes, late.accumulates = [(3, 1)], True
    program.statements.insert(1, late)
    verify(program)
    program.statements[1:3] = [h, late]
    with pytest.raises(ProgramError, match="statement 2: what is added to was not read before"):
        verify(program)


def test_a_ragged_term_is_accepted() -> None:
    program = layer()
    program.statements[0].terms[0] = ragged([0, 1, 4])
    verify(program)


# ---- what is compiled -----------------------------------------------------------------------


@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_what_is_compiled_keeps_the_rules(make: Make) -> None:
    program = make()
    verify_recording(RECORDINGS[program])
    verify(program)


@given(chains, st.booleans(), st.booleans())
@settings(max_examples=60, report_multiple_bugs=False)
def test_random_functions_keep_the_rules(chain: Chain, by_sample: bool, derived: bool) -> None:
    program = chain.program(by_sample, derived)
    verify_recording(RECORDINGS[program])
    verify(program)
