"""Functions recorded at small lengths give, bit by bit, what recording everything gives."""

from __future__ import annotations

import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.any_size import SAME, SLY, Case, inferred_from, vector
from tinygrad_nn import Value, compile, grad, gradients, hvp, jacobian, load_program, value_and_grad
from tinygrad_nn.compiler.sizes import functions
from tinygrad_nn.errors import ArgumentError, SizeError
from tinygrad_nn.tree import flatten

LARGE = {"attention", "attention of others", "causal", "recurrent", "recurrent, any steps"}
LARGE |= {
    "surface",
    "network",
    "embedding",
    "product",
    "convolution",
    "square convolution",
    "heat",
    "bodies",
}
QUICK = {name: case for name, case in SAME.items() if name not in LARGE}


def bits(nested: Any) -> list[str]:
    """Write all numbers of a nesting exactly."""
    return [float(number).hex() for number in flatten(nested)[0]]


def in_full(function: Any, *args: Any, **options: Any) -> list[str]:
    """Compute with everything recorded."""
    return bits(compile(function, sizes="fixed", **options)(*args))


@pytest.mark.parametrize("case", QUICK.values(), ids=QUICK)
def test_the_same_program_at_all_lengths_is_found(case: Case) -> None:
    function, args = case
    both = value_and_grad(function)
    found = compile(both, sizes="free")
    assert bits(found(*args)) == in_full(both, *args)
    assert found.program.sizes.free
    assert found.program.proved


@pytest.mark.parametrize("case", SLY.values(), ids=SLY)
def test_another_program_at_each_length_gives_the_right_numbers(case: Case) -> None:
    function, args = case
    both = value_and_grad(function)
    with inferred_from():
        found = compile(both)
        assert bits(found(*args)) == in_full(both, *args)
    assert not found.program.sizes.free


def square(x: Any) -> Any:
    return sum((i + 1) * a * a for i, a in enumerate(x))


def test_the_next_length_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compile(grad(square), sizes="free")
    found(vector(40))
    monkeypatch.setattr(functions, "infer", None)
    assert bits(found(vector(50))) == in_full(grad(square), vector(50))
    assert found.program.sizes.free[0].size == 50


def test_lengths_that_are_free_are_no_reason_to_warn() -> None:
    with inferred_from():
        found = compile(grad(square))
        for size in range(30, 42):  # a warning would be an error
            assert bits(found(vector(size))) == in_full(grad(square), vector(size))


def test_what_it_calls_may_be_compiled() -> None:
    inner = compile(lambda x: sum(a * a for a in x))

    def outer(x: Any) -> Any:
        return inner(x) * 2.0 + inner(x[1:])

    found = compile(grad(outer), sizes="free")  # a warning would be an error
    assert bits(found(vector(40))) == in_full(grad(outer), vector(40))


def test_it_is_kept_as_any_program(tmp_path: Path) -> None:
    found = compile(grad(square), sizes="free")
    expected = found(vector(40))
    found.program.save(tmp_path / "square.safetensors")
    loaded = load_program(tmp_path / "square.safetensors")
    assert loaded(vector(40)) == expected
    assert "proved at n = 40" in str(found)
    assert loaded.program.proved
    assert str(loaded).endswith("proved at x: 40")
    assert str(loaded.program.sizes) == "40 = len(x): fixed, as it was saved"


def test_it_is_pickled_as_any_program(monkeypatch: pytest.MonkeyPatch) -> None:
    found = compile(grad(square), sizes="free")
    expected = found(vector(40))
    again = pickle.loads(pickle.dumps(found))
    with monkeypatch.context() as patch:
        patch.setattr(functions, "infer", None)
        assert again(vector(40)) == expected
    assert again.program.proved
    assert str(again.program.sizes) == "n = 40 = len(x): free"
    assert str(again).endswith("proved at n = 40")
    assert bits(again(vector(50))) == in_full(grad(square), vector(50))


def test_what_a_call_leaves_behind_is_left_once() -> None:
    seen: list[int] = []

    def noted(x: Any) -> Any:
        seen.append(len(x))
        return square(x)

    with inferred_from():
        found = compile(noted)
        found(vector(40))
    assert seen == [40]
    assert not found.program.sizes.free
    assert "changes seen" in str(found.program.sizes)


def test_what_is_read_from_outside_is_read_anew() -> None:
    scale = [2.0]

    def scaled(x: Any) -> Any:
        return square(x) * scale[0]

    with inferred_from():
        found = compile(scaled)
        for scale[0], size in ((2.0, 40), (3.0, 40), (3.0, 50), (2.0, 40)):
            assert bits(found(vector(size))) == in_full(scaled, vector(size))
            assert found.program.sizes.free


def test_values_from_outside_may_change() -> None:
    w = Value(2.0)

    def scaled(x: Any) -> Any:
        return square(x) * w

    found = compile(scaled, sizes="free")
    for w.data, size in ((2.0, 40), (3.0, 40), (3.0, 50)):
        assert bits(found(vector(size))) == in_full(scaled, vector(size))


def test_another_value_from_outside_is_another_program() -> None:
    held = [Value(2.0)]

    def scaled(x: Any) -> Any:
        return square(x) * held[0]

    with inferred_from():
        found = compile(scaled)
        assert bits(found(vector(40))) == in_full(scaled, vector(40))
        held[0] = Value(3.0)
        assert bits(found(vector(50))) == in_full(scaled, vector(50))


def test_samples() -> None:
    def loss(w: Any, x: Any, y: Any) -> Any:
        return (sum(a * b for a, b in zip(w, x, strict=True)) - y) ** 2

    rng = np.random.default_rng(0)
    args = vector(40), rng.normal(size=(7, 40)), rng.normal(size=7)
    for how in ("mean", "sum"):
        found = compile(value_and_grad(loss), batch=("x", "y"), reduce=how, sizes="free")
        given = bits(found(*args))
        assert given == in_full(value_and_grad(loss), *args, batch=("x", "y"), reduce=how)


def test_what_is_static_shapes_the_program() -> None:
    def power(x: Any, times: int) -> Any:
        return sum(a**times for a in x)

    found = compile(power, static="times", sizes="free")
    for times in (2, 3):
        assert bits(found(vector(40), times)) == in_full(power, vector(40), times, static="times")


@pytest.mark.parametrize("transform", [grad, jacobian, lambda f: lambda x: hvp(f)(x, x)])
def test_derivatives(transform: Any) -> None:
    def cubes(x: Any) -> Any:
        return sum(a * a * b for a, b in zip(x, reversed(x), strict=True))

    found = compile(transform(cubes), sizes="free")
    assert bits(found(vector(40))) == in_full(transform(cubes), vector(40))


def test_by_an_argument_of_choice() -> None:
    def bilinear(x: Any, y: Any) -> Any:
        return sum(a * b * b for a, b in zip(x, y, strict=True))

    both = value_and_grad(bilinear, argnums=(1, 0))
    found = compile(both, sizes="free")
    assert bits(found(vector(40), vector(40))) == in_full(both, vector(40), vector(40))


def test_arrays_are_as_free_as_lists() -> None:
    W, x = np.array(vector(20 * 30)).reshape(20, 30), np.array(vector(30))

    def layer(W: Any, x: Any) -> Any:
        return sum(sum(a * b for a, b in zip(w, x, strict=True)) ** 2 for w in W)

    found = compile(grad(layer), sizes="free")
    assert bits(found(W, x)) == in_full(grad(layer), W, x)
    assert [length.size for length in found.program.sizes.free] == [20, 30]


def test_few_numbers_are_recorded_at_once() -> None:
    found = compile(square)
    found([1.0, 2.0])
    assert str(found.program.sizes) == "2 = len(x): fixed, few numbers go in"


def test_a_refusal_names_the_length_and_the_reason() -> None:
    found = compile(SLY["rows_of_six"][0], sizes="free")
    with pytest.raises(
        SizeError, match=r"40 = len\(x\): fixed, with \d+ in place of 40: IndexError"
    ):
        found(vector(40))
    with pytest.raises(ArgumentError, match="sizes is 'any'"):
        compile(square, sizes="any")


def rounded(x: Any) -> Any:
    """Add what rounding makes, which is 0 by the laws of arithmetic, where lists are long."""
    return x[0] + sum((a - (a + b)) + b for a, b in pairwise(x[150:]))


def graph_of_rounded(x: Any) -> Any:
    """Differentiate it within, which takes a graph."""
    found = rounded(x)
    return found, gradients(found, x)


@pytest.mark.parametrize("function", [rounded, value_and_grad(rounded), graph_of_rounded])
def test_what_rounding_makes_at_great_lengths_only_is_not_lost(function: Any) -> None:
    x = [2.0**53 if place % 2 else 1.0 for place in range(200)]
    assert rounded(x) == 50.0
    with inferred_from():
        assert bits(compile(function)(x)) == in_full(function, x)
        with pytest.raises(SizeError, match="at great lengths it computes what"):
            compile(function, sizes="free")(x)
