"""Headers in C compute what Python does: all of them are compiled together, and each tries itself."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import programs
import pytest
from hypothesis import given, settings
from in_c import COMPILERS, compiled, needs_compiler, tried
from random_functions import functions, vectors

import tinygrad_nn as tg
from tinygrad_nn import TABLE, Value, compile, custom, grad, lookup, nn, tanh, to_c, value_and_grad
from tinygrad_nn.compiler.program.program import Run
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError


def called(function: Any, *arguments: Any, **options: Any) -> Any:
    made = compile(function, **options)
    made(*arguments)
    return made


# ---- what is exported --------------------------------------------------------------------------


def of_the_table() -> dict[str, str]:
    """Every row, on numbers of its interval; some ask for one sample, and some for many."""
    found = {}
    for name, row in TABLE.items():
        example = tuple([low + 0.3 * (high - low) for low, high in row.sample])
        found[f"row_{name}"] = to_c(called(row, *example), name=f"row_{name}", example=example)
    return found


def recurrence(W: Any, h: Any, xs: Any) -> Any:
    for x in xs:
        h = [tanh(tg.dot(w, h) + x) for w in W]
    return sum(h)


slopes = grad(lambda w, x, y: (tanh(tg.dot(w, x)) - y) ** 2)


@cache
def of_programs() -> dict[str, str]:
    rng = random.Random(1)
    W, h, xs = programs.numbers(rng, 3, 3), programs.numbers(rng, 3), programs.numbers(rng, 12)
    table = programs.numbers(rng, 5, 2)
    mlp = nn.MLP(4, [6, 3], activation="tanh", seed=1)
    made: dict[str, Any] = {make.__name__: make() for make in programs.PROGRAMS}
    made["steps"] = called(value_and_grad(recurrence), W, h, xs)
    made["chosen"] = called(lambda t, i: lookup(t, i)[1] ** 2, table, 3)
    made["chosen_slopes"] = called(
        grad(lambda t, i: lookup(t, i)[1] ** 2), table, [0, 1, 1, 4], batch="i", reduce="mean"
    )
    made["sums"] = called(
        lambda x, c: (tg.dot(x, x) * c, c), [[1.0, 2.0]] * 3, 2.0, batch="x", reduce=("sum", None)
    )
    made["number"] = called(lambda x, unused: {"exp": tg.exp(x), "int": 2.0 - x}, 0.5, 1.0)
    made["captures"] = called(lambda x: mlp(x)[0], [0.1, 0.2, 0.3, 0.4])
    made["step"] = called(
        lambda w, x, y, rate: [a - rate * b for a, b in zip(w, slopes(w, x, y), strict=True)],
        *([0.1, 0.2, 0.3], [1.0, -2.0, 0.5], 0.7, 0.1),
    )
    made["names"] = called(
        lambda batch, fault, names_arena, i6, i, result: [
            tanh(tg.dot(batch, fault)) * names_arena + i6 * a - i * result for a in fault
        ],
        *(xs, xs, 0.3, 0.5, 0.7, 0.9),
    )
    made["model_of_4"] = mlp
    return {name: to_c(thing, name=name) for name, thing in made.items()} | {
        f"{name}_float": to_c(thing, name=f"{name}_float", dtype="float32")
        for name, thing in made.items()
    }


def of_random_functions() -> dict[str, str]:
    found: dict[str, str] = {}

    @settings(max_examples=30, database=None, derandomize=True, deadline=None)
    @given(functions(), vectors(3), vectors(5))
    def add(function: Any, p: Any, x: Any) -> None:
        name = f"random_{len(found)}"
        try:
            if len(found) % 2:
                made = called(function, p, [x, x], batch="x")
            else:
                made = called(value_and_grad(function.cost), p, x)
            found[name] = to_c(made, name=name)
        except ArgumentError as error:
            assert "no random arguments" in str(error)  # noqa: PT017  # an infinite result

    add()
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    headers = of_the_table() | of_programs() | of_random_functions()
    return tried(headers, tmp_path_factory.mktemp("c"), "-O1")


@needs_compiler
@pytest.mark.parametrize("which", ["row_", "random_", ""])
def test_every_header_computes_what_python_does(told: dict[str, str], which: str) -> None:
    some = {name: text for name, text in told.items() if name.startswith(which)}
    assert len(some) > 5
    wrong = {n: text for n, text in some.items() if "failed" in text or "worst error" not in text}
    assert not wrong


@pytest.mark.skipif(len(COMPILERS) < 2, reason="there is one compiler of C at most")
def test_clang_compiles_the_same(tmp_path: Path) -> None:
    """A training step and gradients, with steps, samples and choices, in double and float."""
    wanted = ("moons_by_sample", "steps", "chosen_slopes", "step", "number", "model_of_4")
    headers = {
        name: text for name, text in of_programs().items() if name.removesuffix("_float") in wanted
    }
    told = tried(headers, tmp_path, "-O1", compiler=COMPILERS[1])
    assert len(told) == 2 * len(wanted)
    assert not {n: text for n, text in told.items() if "failed" in text or "worst" not in text}


# ---- what else holds -----------------------------------------------------------------------------


def product_with_error(a: Any, b: Any) -> Any:
    """Dekker's: a * b is the sum of both results, exactly."""
    p = a * b
    s, t = 134217729.0 * a, 134217729.0 * b
    a_high, b_high = s - (s - a), t - (t - b)
    a_low, b_low = a - a_high, b - b_high
    error = a_low * b_low - (((p - a_high * b_high) - a_low * b_high) - a_high * b_low)
    return p, error, a * b - b * a


@needs_compiler
def test_products_are_rounded_before_they_are_added(tmp_path: Path) -> None:
    """In GNU's dialect, too, where gcc else joins them on processors that can."""
    a, b = 1.1, 1.3 + 2.0**-40
    exact = called(product_with_error, a, b)
    (tmp_path / "exact.h").write_text(to_c(exact, name="exact"))
    source = f"""
#include <stdio.h>
#include "exact.h"
int main(void)
{{
    double r[3];
    exact({a.hex()}, {b.hex()}, r);
    printf("%a %a %a", r[0], r[1], r[2]);
    return 0;
}}"""
    found = compiled(source, tmp_path, "-std=gnu11", "-O2", "-march=native")
    assert [float.fromhex(number) for number in found.split()] == list(product_with_error(a, b))


@needs_compiler
def test_the_test_of_a_header_tells_what_is_wrong(tmp_path: Path) -> None:
    text = to_c(called(lambda x: tg.exp(x), 1.0), name="f")
    assert "failed" in tried({"f": text.replace("exp(x);", "exp(x + 1e-9);")}, tmp_path)["f"]


@needs_compiler
def test_a_number_that_is_no_place_is_told(tmp_path: Path) -> None:
    f = called(lambda t, i: lookup(t, i), [1.0, 2.0, 3.0], 1)
    (tmp_path / "f.h").write_text(to_c(f, name="f"))
    calls = ", ".join(f"f(t, {i}, &r)" for i in ("2", "3", "-1", "0.5", "NAN"))
    source = f"""
#include <stdio.h>
#include "f.h"
int main(void)
{{
    const double t[3] = {{1, 2, 3}};
    double r;
    printf("%d %d %d %d %d", {calls});
    return 0;
}}"""
    assert compiled(source, tmp_path) == "0 1 1 1 1"


def test_the_arena_of_a_network_is_its_hidden_layer() -> None:
    text = to_c(nn.MLP(64, [32, 10], seed=0), dtype="float32")
    assert "static float predict_arena[32];" in text
    assert "128 bytes of its own, static; 9,640 bytes of constants" in text


def test_what_is_known_is_computed_beforehand() -> None:
    weight = Value(0.3)
    text = to_c(called(lambda x: [tanh(weight) * a for a in x], [1.0, 2.0]))
    assert "tanh(" not in text.split("What it computes")[1].split("*/")[1]
    assert repr(tanh(0.3)) in text


def test_the_file_has_what_is_returned(tmp_path: Path) -> None:
    f = called(lambda x: x * 2.0, 1.0)
    text = to_c(f, tmp_path / "twice.h")
    assert (tmp_path / "twice.h").read_text() == text
    assert "void twice(double x, double *restrict result)" in text
    assert to_c(f.program, name="twice") == text
    with pytest.raises(ArgumentError, match=r"path must end in \.h"):
        to_c(f, tmp_path / "twice.c")


def test_names_are_names_of_c() -> None:
    f = called(lambda double, exp, function: double + exp * function, 1.0, 2.0, 3.0)
    text = to_c(f)
    assert "void function(double double_2, double exp_2, double function_2, double" in text
    for name in ("1st", "exp", "a b", "while", ""):
        with pytest.raises(ArgumentError, match="expected a name that C has no use for"):
            to_c(f, name=name)


def test_the_example_is_the_users() -> None:
    f = called(lambda w, x: [tg.log(a) * w for a in x], 1.0, [[2.0, 3.0]], batch="x")
    text = to_c(f, example=(2.0, np.array([[5.5, 6.5], [7.5, 8.5]])))
    assert "5.5, 6.5, 7.5, 8.5" in text
    for example, message in [
        ((2.0, [[-1.0, 1.0]]), "infinite or NaN"),
        ((2.0,), "example has 1 arguments: expected 2, for w, x"),
        ((2.0, [[1.0]]), "example has 1 numbers for x"),
    ]:
        with pytest.raises(ArgumentError, match=message):
            to_c(f, example=example)
    two = called(lambda x, y: x * y, [1.0, 2.0], [1.0, 2.0], batch=("x", "y"))
    with pytest.raises(ShapeError, match=r"example has \[1, 2\] samples"):
        to_c(two, example=([1.0], [1.0, 2.0]))


class Twice(nn.Module):
    def __init__(self) -> None:
        self.factor = Value(2.0)

    def __call__(self, x: Any) -> Any:
        return [self.factor * number for number in x]


def test_a_model_of_ones_own_tells_its_inputs_by_an_example() -> None:
    with pytest.raises(ArgumentError, match=r"give samples, example=\[\["):
        to_c(Twice())
    assert "result: 3 numbers, written" in to_c(Twice(), example=[[1.0, 2.0, 3.0]])


def test_what_cannot_be_exported() -> None:
    own = custom(lambda x: 2.0 * x, lambda x, z: 2.0, name="own")
    for thing, error, message in [
        (called(own, 1.0), ArgumentError, "the operation own, which is your own"),
        (compile(tanh), ArgumentError, "has no program yet: call it once"),
        (tanh, ArgumentTypeError, "expected a compiled function"),
    ]:
        with pytest.raises(error, match=message):
            to_c(thing)


def test_a_program_of_one_path_is_not_the_function() -> None:
    program = called(lambda x: x * 2.0, 1.0).program
    answers = replace(program, results=[*program.results, Run(1, 1.0)])
    with pytest.raises(
        ArgumentError, match="looks at numbers, and its program is that of one path"
    ):
        to_c(answers)


def test_what_has_no_finite_results_asks_for_an_example() -> None:
    never = called(lambda x: tg.log(x - 1e6), 2e6)
    with pytest.raises(ArgumentError, match="no random arguments were found"):
        to_c(never)
    assert "2e+06" in to_c(never, example=(2e6,))
