"""Functions for JAX compute what Python does; jit, vmap and grad take them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import (
    Case,
    called,
    defined,
    of_programs,
    of_random_functions,
    of_the_table,
    slopes_by_row,
    slopes_of_the_table,
    wrong,
)

import tinygrad_nn as tg
from tinygrad_nn import TABLE, lookup, nn, to_jax, value_and_grad

jax = pytest.importorskip("jax")
jnp = jax.numpy


def run(name: str, case: Case) -> Any:
    function = jax.jit(defined(to_jax(case.thing, name="f"), "f"))

    def in_order(*call: Any) -> Any:
        found = function(*call)  # JAX sorts what dicts hold
        keyed = (
            isinstance(found, dict) and isinstance(call[0], dict) and found.keys() == call[0].keys()
        )
        return {key: found[key] for key in call[0]} if keyed else found

    return in_order


@pytest.mark.parametrize(
    "cases", [of_the_table, slopes_of_the_table, of_programs, of_random_functions]
)
def test_every_function_computes_what_python_does(cases: Any) -> None:
    assert not wrong(run, cases())


def test_slopes_are_ours_where_the_table_is_special() -> None:
    """JAX differentiates what is printed of a row: ties, kinks and all."""
    missed = {}
    for name, case in slopes_by_row().items():
        row = TABLE[name]
        function = defined(to_jax(called(row, *case.calls[0]), name="row"), "row")
        slope = jax.grad(function, argnums=tuple(range(row.arity)))
        for point, wanted in zip(case.calls, case.wanted, strict=True):
            found = [float(one) for one in slope(*map(jnp.float64, point))]
            if not np.allclose(found, wanted[1:], rtol=1e-9, atol=1e-15, equal_nan=True):
                missed[name, point] = found, wanted[1:]
    # How steep 0 ** y is at y = 0 is theirs; and a program has no stop_gradient any more.
    missed.pop(("pow", (0.0, 0.0)), None)
    assert {name for name, _ in missed} <= {"stop_gradient"}


def test_slopes_of_programs_are_those_of_ours() -> None:
    def cost(p: Any, x: Any) -> Any:
        h = [tg.softplus(tg.dot(w, x)) for w in p[0]]
        return tg.max(*[a * b for a, b in zip(p[1], h, strict=True)]) + tg.relu(h[0] - h[1])

    p, x = [[[0.1, 0.2], [0.3, 0.4]], [1.0, 2.0]], [0.0, 0.0]
    function = defined(to_jax(called(cost, p, x), name="cost"), "cost")
    ours = called(value_and_grad(cost), p, x)
    arrays = [jnp.array(part) for part in p]
    found = jax.grad(function)(arrays, jnp.array(x))
    assert np.allclose(np.ravel(found[0]), np.ravel(ours(p, x)[1][0]), rtol=1e-12)
    assert np.allclose(found[1], ours(p, x)[1][1], rtol=1e-12)


def test_steps_are_differentiated() -> None:
    case = of_programs()["steps"]
    plain = called(lambda W, h, xs: case.thing(W, h, xs)[0], *case.calls[0])
    function = defined(to_jax(plain, name="f"), "f")
    found = jax.grad(function)(*map(jnp.array, case.calls[0]))
    assert np.allclose(np.ravel(found), case.wanted[0][1:], rtol=1e-12)


def test_samples_are_mapped() -> None:
    model = nn.MLP(2, [3, 2], activation="tanh", seed=0)
    predict = defined(to_jax(model), "predict")
    X = np.random.default_rng(0).normal(size=(5, 2))
    assert np.allclose(jax.vmap(predict)(X), model.predict(X), rtol=1e-13)
    assert np.allclose(predict(X), model.predict(X), rtol=1e-13)


def test_a_model_trains() -> None:
    model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
    scope: dict[str, Any] = {}
    exec(to_jax(model), scope)
    X = jnp.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = jnp.array([-1.0, 1.0, 1.0, -1.0])

    def cost(parameters: Any) -> Any:
        return jnp.mean((scope["predict"](X, parameters)[:, 0] - y) ** 2)

    @jax.jit
    def step(parameters: Any) -> Any:
        slopes = jax.grad(cost)(parameters)
        return jax.tree.map(lambda w, slope: w - 0.3 * slope, parameters, slopes)

    parameters = scope["PARAMETERS"]
    before = cost(parameters)
    for _ in range(300):
        parameters = step(parameters)
    assert cost(parameters) < 0.05 * before


def test_the_example_of_the_docs_runs_on_four_devices(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text()
    (example,) = [part for part in page.split("```py\n")[1:] if "XLA_FLAGS" in part]
    done = subprocess.run(
        [sys.executable, "-c", example.split("```")[0]], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_a_number_that_is_no_place_gives_nan() -> None:
    f = jax.jit(defined(to_jax(called(lambda t, i: lookup(t, i), [1.0, 2.0], 1), name="f"), "f"))
    t = np.array([3.0, 4.0])
    assert f(t, 1.0) == 4.0
    assert all(np.isnan(f(t, index)) for index in (2.0, -1.0, 0.5, np.nan))
