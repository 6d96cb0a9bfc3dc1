"""Files for NumPy compute what Python does, and can be read."""

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
    made,
    of_programs,
    of_random_functions,
    of_the_table,
    slopes_of_the_table,
    wrong,
)

import tinygrad_nn as tg
from tinygrad_nn import custom, grad, lookup, nn, to_numpy, value_and_grad
from tinygrad_nn.errors import ArgumentError, TraceError


def run(name: str, case: Case) -> Any:
    return defined(to_numpy(case.thing, name="f"), "f")


@pytest.mark.parametrize(
    "cases", [of_the_table, slopes_of_the_table, of_programs, of_random_functions]
)
def test_every_file_computes_what_python_does(cases: Any) -> None:
    assert not wrong(run, cases())


def test_float32_has_the_type_everywhere() -> None:
    def single(name: str, case: Case) -> Any:
        return defined(to_numpy(case.thing, name="f", dtype="float32"), "f")

    assert not wrong(single, of_programs(), 1e-5)
    predict = single("predict", of_programs()["model"])
    assert predict(np.zeros((2, 4))).dtype == np.float32
    for f in (lambda x: x >= 0.5, lambda x: 3.0 * (x > 0.5), grad(tg.relu)):
        assert single("f", made(f, (1.5,)))(0.75).dtype == np.float32


def body(text: str) -> str:
    """Give what a function computes."""
    return text.split('"""')[-1]


def test_a_gradient_is_linear_algebra() -> None:
    text = body(to_numpy(of_programs()["moons"].thing))
    assert "h1 = np.maximum(0, x @ p_0_0.T + p_0_1)" in text
    assert "z9.T @ x" in text
    assert "einsum" not in text


def test_steps_are_a_loop() -> None:
    text = body(to_numpy(of_programs()["steps"].thing))
    assert text.count("for t") == 2


def test_samples_may_be_along_any_axes_in_front(tmp_path: Path) -> None:
    model = nn.MLP(2, [3, 2], activation="tanh", seed=0)
    predict = defined(to_numpy(model), "predict")
    X = np.random.default_rng(0).normal(size=(3, 2, 2))
    assert predict(X[0, 0]).shape == (2,)
    assert np.allclose(predict(X).reshape(6, 2), model.predict(X.reshape(6, 2)), rtol=1e-13)


def test_parameters_may_be_others() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    other = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    scope: dict[str, Any] = {}
    exec(to_numpy(other), scope)
    theirs = scope["PARAMETERS"]
    predict = defined(to_numpy(model), "predict")
    assert predict([[0.5, -1.0]], theirs).ravel() == pytest.approx(other.predict([[0.5, -1.0]]))


def test_a_model_in_training_is_exported_as_it_predicts() -> None:
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.Dropout(0.5), nn.Linear(3, 1, seed=1)).train()
    predict = defined(to_numpy(model), "predict")
    assert predict([[0.5, -1.0]]).ravel() == pytest.approx(np.ravel(model.predict([[0.5, -1.0]])))


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_recurrent_model_is_exported_for_as_many_steps_as_the_example_has(kind: Any) -> None:
    X = np.random.default_rng(0).normal(size=(3, 12, 2))
    model = nn.Sequential(kind(2, 3, sequences=True, seed=1), kind(3, 2, seed=2), nn.Linear(2, 1))
    rows = X.reshape(3, 24)
    with pytest.raises(ArgumentError, match="give samples, example="):
        to_numpy(model)
    predict = defined(to_numpy(model, example=rows), "predict")
    wanted = np.array(model.predict(rows.tolist())).reshape(3, 1)
    assert abs(predict(rows) - wanted).max() <= 1e-12
    with pytest.raises(TraceError, match=r"nn\.Sequential\(model, nn\.Flatten\(\)\)"):
        to_numpy(kind(2, 3, sequences=True), example=rows)


def test_a_file_runs_where_there_is_nothing_of_ours(tmp_path: Path) -> None:
    to_numpy(nn.MLP(2, [3, 1], activation="tanh", seed=0), tmp_path / "forecast.py")
    script = "import sys, forecast; print(forecast.forecast([0.5, -1.0]).shape); "
    script += "assert not any(name.split('.')[0] == 'tinygrad_nn' for name in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path[:0] = ['.']; {script}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("(1,)\n", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0, 2.0, 3.0], [[1.0, 2.0]], [1.0]), r"w has the shape \(3,\): expected \(2,\)"),
        (([1.0, 2.0], [[1.0]], [1.0]), r"x has the shape \(1, 1\): expected \(2,\)"),
        (([1.0, 2.0], [[1.0, 2.0]], [1.0, 2.0]), r"y has the shape \(2,\)"),
        (([1.0, 2.0], [1.0, 2.0], 1.0), "expected samples along one axis in front"),
    ],
)
def test_other_shapes_are_refused(arguments: Any, message: str) -> None:
    cost = value_and_grad(lambda w, x, y: (tg.dot(w, x) - y) ** 2)
    f = called(cost, [1.0, 2.0], [[3.0, 4.0]], [5.0], batch=("x", "y"), reduce="mean")
    with pytest.raises(ValueError, match=message):
        defined(to_numpy(f, name="f"), "f")(*arguments)


def test_a_number_that_is_no_place_is_refused() -> None:
    f = defined(to_numpy(called(lambda t, i: lookup(t, i), [1.0, 2.0], 1), name="f"), "f")
    assert f([3.0, 4.0], 1) == 4.0
    for index in (2.0, -1.0, 0.5, np.nan):
        with pytest.raises(ValueError, match="is no place of a table of 2"):
            f([3.0, 4.0], index)


def test_what_needs_all_samples_for_one() -> None:
    def shares(x: Any, total: Any) -> Any:
        return [a / b for a, b in zip(x, total, strict=True)]

    f = called(shares, [[1.0, 2.0], [3.0, 5.0]], [4.0, 7.0], batch="x")
    found = defined(to_numpy(f, name="f"), "f")([[1.0, 2.0], [3.0, 5.0]], [4.0, 7.0])
    assert np.allclose(found, [[1 / 4, 2 / 7], [3 / 4, 5 / 7]], rtol=1e-15)


def test_what_cannot_be_exported() -> None:
    own = custom(lambda x: 2.0 * x, lambda x, z: 2.0, name="own")
    with pytest.raises(ArgumentError, match="the operation own, which is your own"):
        to_numpy(called(own, 1.0))
    with pytest.raises(ArgumentError, match="a name that Python has no use for"):
        to_numpy(called(lambda x: x * 2.0, 1.0), name="lambda")
    names = called(lambda np, lead, C1: np * lead + C1, 2.0, 3.0, 4.0)
    assert defined(to_numpy(names, name="f"), "f")(2.0, 3.0, 4.0) == 10.0
