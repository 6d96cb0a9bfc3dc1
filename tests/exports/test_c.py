"""Headers in C compute what Python does: all of them are compiled together, and each tries itself."""

from __future__ import annotations

import random
from typing import Any

import programs
import pytest
from hypothesis import given, settings
from in_c import needs_compiler, tried
from random_functions import functions, vectors

import tinygrad_nn as tg
from tinygrad_nn import TABLE, compile, grad, lookup, nn, tanh, to_c, value_and_grad
from tinygrad_nn.errors import ArgumentError

RNG = random.Random(3)


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
