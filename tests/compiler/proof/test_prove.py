"""Programs are proved to be their functions, and programs that are not are refused."""

from __future__ import annotations

import math
import pickle
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tinygrad_nn import (
    Value,
    compile,
    exp,
    grad,
    gradients,
    hessian,
    hvp,
    jacobian,
    jvp,
    lookup,
    nn,
    norm,
    relu,
    softmax,
    stop_gradient,
    tanh,
    value_and_grad,
)
from tinygrad_nn.compiler import plan
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.statements import Reduce
from tinygrad_nn.compiler.proof.element import Element
from tinygrad_nn.compiler.proof.prove import _Proof, prove
from tinygrad_nn.errors import ProofError
from tinygrad_nn.scalar.ops import maximum, minimum, where
from tinygrad_nn.transforms.known import Along


def cost(W: Any, V: Any, x: Any) -> Any:
    a = [tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in W]
    return sum(sum(w * v for w, v in zip(row, a, strict=True)) ** 2 for row in V)


def error(w: Any, x: Any, y: Any) -> Any:
    return (sum(a * b for a, b in zip(w, x, strict=True)) - y) ** 2


def chosen(x: Any) -> Any:
    return maximum(x) * where(x[0] > 1.0, x[1], lambda: x[2] * x[0]) + relu(x[1])


def looked_up(table: Any, i: Any) -> Any:
    return sum(x * x for x in lookup(table, i))


def penalized(x: Any) -> Any:
    slopes = gradients(OUTSIDE * x[0] * x[0] + exp(OUTSIDE), [OUTSIDE])
    return sum(slope * slope * x[1] for slope in slopes)


OUTSIDE = Value(2.0)
NETWORK = ([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [[1.0, 2.0], [3.0, 4.0]], [1.0, 0.0, -1.0])
SAMPLES = ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, 2.0, 3.0])
VECTOR = ([1.0, 2.0, 3.0],)
TABLE = ([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 1)
CASES = [
    (cost, NETWORK),
    (value_and_grad(cost), NETWORK),
    (grad(cost, (0, "V")), NETWORK),
    (jacobian(softmax), VECTOR),
    (jacobian(jacobian(softmax)), VECTOR),
    (hvp(lambda x: x[0] * x[1] ** 3), ([1.0, 2.0], [3.0, 4.0])),
    (grad(norm), VECTOR),
    (value_and_grad(chosen), VECTOR),
    (value_and_grad(looked_up), TABLE),
    (value_and_grad(penalized), VECTOR),
    (nn.MLP(3, [4, 1], seed=0), VECTOR),
    (lambda x: maximum([x[0], 0.5, x[1], 0.5]) + minimum([x[0], minimum(x)]), VECTOR),
    (lambda x: Value(3.0) * x[0] + 2.0, VECTOR),
]


@pytest.mark.parametrize(("function", "arguments"), CASES)
def test_what_is_compiled_is_proved(function: Any, arguments: Any) -> None:
    compiled = compile(function, prove=True)
    compiled(*arguments)
    assert "\nproved at " in str(compiled)


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_samples(reduce: str | None) -> None:
    for function in (error, value_and_grad(error)):
        compiled = compile(function, batch=("x", "y"), reduce=reduce, prove=True)
        compiled(*SAMPLES)
        assert "\nproved at " in str(compiled)


def test_a_gradient_is_proved_by_slopes_along_one_direction(monkeypatch: Any) -> None:
    monkeypatch.setattr(_Proof, "_reduced", None)  # what compares without slopes
    for function in (value_and_grad(cost), grad(cost, ("x", 0)), jacobian(cost, 2)):
        compile(function, prove=True)(*NETWORK)
    for function in (grad(lambda x: relu(x[0]) * maximum(x) / x[1]), jacobian(softmax)):
        compile(function, prove=True)(*VECTOR)
    compile(value_and_grad(looked_up), prove=True)(*TABLE)


class Product(Along):
    """The Jacobian of a function, times v."""

    def __init__(self, function: Any) -> None:
        self.function = function

    @property
    def moved(self) -> Any:
        return self.function

    def __call__(self, x: Any, v: Any, /, *args: Any, **named: Any) -> Any:
        return jvp(lambda x: self.function(x, *args, **named), (x,), (v,))[1]


MOVING = [
    hvp(lambda x: where(x[0] > 1.0, x[1] * x[2], relu(x[2]) ** 3) + maximum(x) ** 2),
    Product(grad(lambda x: x[0] * tanh(x[1]))),
    Product(lambda x: [1.0, stop_gradient(x[0]) * x[0], x[1] / x[2]]),
]


@pytest.mark.parametrize("function", MOVING)
def test_a_product_is_proved_by_slopes_along_what_it_is_given(
    function: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(_Proof, "called_with_graph", None)
    program, claim = parts_of(function, [1.0, 2.0, 3.0], [0.5, -1.0, 2.0])
    sums = [n for n, one in enumerate(program.statements) if isinstance(one, Reduce)]
    monkeypatch.undo()
    for place in {sums[0], sums[-1]}:
        with pytest.raises(ProofError, match="is not proved"):
            prove(other(program, place, 7.0), claim)


def test_a_graph_that_was_recorded_already() -> None:
    x, y = Value(1.0), Value(2.0)
    compiled = compile([x * tanh(y), *gradients(x * tanh(y), [x, y])], [x, y], prove=True)
    assert str(compiled).endswith("\nproved at inputs: 2")


def test_a_function_without_arguments() -> None:
    assert str(compile(lambda: OUTSIDE * 2.0, prove=True)) == "<compiled <lambda>>"
    compiled = compile(lambda: OUTSIDE * 2.0, prove=True)
    assert compiled() == 4.0
    assert str(compiled).endswith("\nproved")


# ---- what is refused -----------------------------------------------------------------------------


def parts_of(function: Any, *arguments: Any) -> tuple[Program, Any]:
    compiled = compile(function, prove=True)
    compiled(*arguments)
    return compiled._latest.program, compiled._latest.claim


def other(program: Program, place: int, coef: float) -> Program:
    """The program with another coefficient in one of its sums."""
    statement = program.statements[place]
    assert isinstance(statement, Reduce)
    term = replace(statement.terms[0], coef=coef)
    statements = list(program.statements)
    statements[place] = replace(statement, terms=(term, *statement.terms[1:]))
    return replace(program, statements=statements)


def test_the_first_result_that_differs_is_named() -> None:
    program, claim = parts_of(lambda x: {"a": tanh(x[0]), "b": [x[1], x[0] * x[2]]}, *VECTOR)
    prove(program, claim)
    (place,) = [n for n, one in enumerate(program.statements) if isinstance(one, Reduce)]
    with pytest.raises(ProofError, match=r"result\['b'\]\[1\] of its program is not what"):
        prove(other(program, place, 2.0), claim)


def test_a_wrong_gradient_is_refused() -> None:
    program, claim = parts_of(value_and_grad(lambda x: x[0] * x[1] * x[2]), *VECTOR)
    for place in range(len(program.statements)):
        with pytest.raises(ProofError, match="is not proved"):
            prove(other(program, place, -1.0), claim)


def test_no_branch_and_no_operand_is_dark() -> None:
    def f(x: Any) -> Any:
        rare = where(x[0] > 1e300, lambda: 2.0 * x[1], 0.0)
        return rare + maximum([x[0], -1e300 * x[2]]) + lookup([x[0], 2.0 * x[1] + x[0]], x[3])

    program, claim = parts_of(f, [1.0, 2.0, 3.0, 0.0])
    sums = [n for n, one in enumerate(program.statements) if isinstance(one, Reduce)]
    for place in sums:
        with pytest.raises(ProofError, match="result of its program"):
            prove(other(program, place, 3.0), claim)


def test_what_reads_or_writes_elsewhere_is_refused() -> None:
    program, claim = parts_of(lambda x: [a * b for a, b in pairwise(x)], *VECTOR)
    (statement,) = program.statements
    assert isinstance(statement, Reduce)
    for start, strides in ((2, (1,)), (-1, (1,)), (0, (0,)), (0, (1, 1))):
        target = replace(statement.target, start=start, strides=strides)
        with pytest.raises(ProofError, match="a statement of the program means nothing"):
            prove(replace(program, statements=[replace(statement, target=target)]), claim)


def test_what_cannot_be_proved_says_why() -> None:
    with pytest.raises(ProofError, match="cannot be proved: the program has the number nan"):
        compile(lambda x: [v - math.nan for v in x], prove=True)(*VECTOR)

    def twice(x: Any) -> Any:
        if isinstance(x[0], Element):
            raise RuntimeError("no more")
        return x[0]

    with pytest.raises(ProofError, match="called once more, it raises RuntimeError"):
        compile(twice, prove=True)(*VECTOR)


# ---- constants -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 10.0 * (1.0 - 2.0 * 0.1) * x[0],
        hessian(lambda x: 10.0 * tanh(2.0 * math.pi * x[0]) + 0.1 * (3.0 * x[1]) ** 2),
        lambda x: 1.05 * (12.0 * x[0]) / 7.0 + 1e-8 * (3.0 * x[1]) + 1e200 * (-2.0 * x[2]),
        lambda x: x[0] - math.inf + (x[1] + math.inf),
        lambda x: x[0] ** 0.5 + x[1] ** -3 + x[2] ** 7 + x[0] ** 0,
        grad(lambda x: 5474.9 * (1.0 + (x[0] - 20000) / 216650) ** -34.163),
        grad(lambda x: 5474.9 * (1.0 + x[1] / 216650) ** 2),
    ],
)
def test_what_was_rounded_is_what_it_was_meant_to_be(function: Any) -> None:
    compile(function, prove=True)(*VECTOR)


def test_a_function_that_compiles_another_one_in_a_proof() -> None:
    def f(x: Any) -> Any:
        inner = compile(lambda a, b: maximum([a, b, a]) * 2.5, prove=True)
        return maximum([inner(x[0], x[1]), x[2], inner(x[0], x[1])])

    compile(f, prove=True)(*VECTOR)


def test_what_was_proved_stays_proved_where_it_is_pickled(monkeypatch: Any) -> None:
    proved = compile(looked_up, prove=True)
    given = [[1.0, 2.0], [3.0, 4.0]], 1
    found = proved(*given)
    again = pickle.loads(pickle.dumps(proved))
    monkeypatch.setattr(plan, "prove", None)
    assert again(*given) == found
    assert again.program.proved
    assert str(again) == str(proved)
