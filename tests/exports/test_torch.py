"""Functions for PyTorch compute what Python does; vmap and grad take them."""

from __future__ import annotations

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
from tinygrad_nn import TABLE, compile, lookup, nn, tanh, to_torch, value_and_grad

torch = pytest.importorskip("torch")


def run(name: str, case: Case) -> Any:
    return defined(to_torch(case.thing, name="f"), "f")


@pytest.mark.parametrize(
    "cases", [of_the_table, slopes_of_the_table, of_programs, of_random_functions]
)
def test_every_function_computes_what_python_does(cases: Any) -> None:
    assert not wrong(run, cases())


def test_slopes_are_ours_where_the_table_is_special() -> None:
    """PyTorch differentiates what is printed of a row: ties, kinks and all."""
    missed = {}
    for name, case in slopes_by_row().items():
        row = TABLE[name]
        function = defined(to_torch(called(row, *case.calls[0]), name="row"), "row")
        slope = torch.func.grad(function, argnums=tuple(range(row.arity)))
        for point, wanted in zip(case.calls, case.wanted, strict=True):
            found = [
                float(one) for one in slope(*[torch.tensor(x, dtype=torch.float64) for x in point])
            ]
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
    function = defined(to_torch(called(cost, p, x), name="cost"), "cost")
    ours = called(value_and_grad(cost), p, x)
    arrays = [torch.tensor(part, dtype=torch.float64) for part in p]
    found = torch.func.grad(function)(arrays, torch.tensor(x, dtype=torch.float64))
    assert np.allclose(np.ravel(found[0]), np.ravel(ours(p, x)[1][0]), rtol=1e-12)
    assert np.allclose(found[1], ours(p, x)[1][1], rtol=1e-12)


def test_steps_are_differentiated() -> None:
    case = of_programs()["steps"]
    plain = called(lambda W, h, xs: case.thing(W, h, xs)[0], *case.calls[0])
    function = defined(to_torch(plain, name="f"), "f")
    found = torch.func.grad(function)(
        *[torch.tensor(x, dtype=torch.float64) for x in case.calls[0]]
    )
    assert np.allclose(np.ravel(found), case.wanted[0][1:], rtol=1e-12)


def test_each_step_puts_one_number() -> None:
    def chain(x: list[Any]) -> list[Any]:
        state, found = x[0], []
        for number in x:
            state = tanh(state * number + 0.5)
            found.append(state)
        return found

    x = [0.3, -1.2, 0.8, 2.0, -0.4, 1.1, 0.6]
    f = compile(chain)
    wanted = f(x)
    text = to_torch(f, name="f")
    assert "for t in range(6)" in text
    assert defined(text, "f")(torch.tensor(x, dtype=torch.float64)).tolist() == pytest.approx(
        wanted
    )


def test_samples_are_mapped() -> None:
    model = nn.MLP(2, [3, 2], activation="tanh", seed=0)
    predict = defined(to_torch(model), "predict")
    X = torch.tensor(np.random.default_rng(0).normal(size=(5, 2)))
    assert np.allclose(torch.func.vmap(predict)(X), model.predict(X.numpy()), rtol=1e-13)
    assert np.allclose(predict(X), model.predict(X.numpy()), rtol=1e-13)


def test_a_model_trains() -> None:
    model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
    scope: dict[str, Any] = {}
    exec(to_torch(model), scope)
    X = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)
    y = torch.tensor([-1.0, 1.0, 1.0, -1.0], dtype=torch.float64)
    parameters = [one.requires_grad_() for one in scope["PARAMETERS"].values()]
    optimizer = torch.optim.Adam(parameters, lr=0.05)
    costs = []
    for _ in range(100):
        cost = ((scope["predict"](X)[:, 0] - y) ** 2).mean()
        optimizer.zero_grad()
        cost.backward()
        optimizer.step()
        costs.append(cost.item())
    assert costs[-1] < 0.05 * costs[0]


def test_a_number_that_is_no_place_gives_nan() -> None:
    f = defined(to_torch(called(lambda t, i: lookup(t, i), [1.0, 2.0], 1), name="f"), "f")
    assert f([3.0, 4.0], 1.0) == 4.0
    assert all(np.isnan(float(f([3.0, 4.0], index))) for index in (2.0, -1.0, 0.5, np.nan))
