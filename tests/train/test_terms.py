"""Penalties and cut gradients in training: the numbers of PyTorch, in both engines."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest
from stepped import ROWS, TARGETS

from tinygrad_nn import nn, optim
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.optim import SGD, AdamW, GradientDescent, RMSprop
from tinygrad_nn.train import Trainer

X = [[1.0, 2.0], [0.5, -1.0], [-2.0, 0.25], [3.0, 1.0]]
Y = [1.0, -2.0, 0.5, 4.0]
ENGINES = pytest.mark.parametrize("engine", ["eager", "compiled"])

# The parameters after 12 steps, and the last cost; from torch 2.13:
#   w = torch.tensor([0.5, -0.5], dtype=torch.float64, requires_grad=True)
#   b = torch.zeros((), dtype=torch.float64, requires_grad=True)
#   optimizer = make([w, b])
#   for _ in range(12):
#       optimizer.zero_grad()
#       cost = ((X @ w + b - y) ** 2).mean() + l1 * (w.abs().sum() + b.abs())
#       cost.backward()
#       torch.nn.utils.clip_grad_norm_([w, b], clip_norm)    # or clip_grad_value_
#       optimizer.step()
RUNS: list[tuple[Any, dict[str, float], list[float], float]] = [
    (
        lambda p: SGD(p, 0.1, momentum=0.5),
        {"clip_norm": 1.0},
        [0.4673246507165354, 1.0242830715472746, 0.08750939257790212],
        1.9191800084451578,
    ),
    (
        lambda p: AdamW(p, 0.1, weight_decay=0.1),
        {"l1": 0.05, "clip_norm": 0.5},
        [0.45679919661701784, 0.6756531629932773, 0.2662309983978215],
        2.2046712898514995,
    ),
    (
        lambda p: RMSprop(p, 0.05, momentum=0.5),
        {"l1": 0.05, "clip_value": 0.75},
        [0.4683337683770627, 1.0252506067692502, -0.03653720612935415],
        1.9839362697087115,
    ),
    (
        lambda p: GradientDescent(p, 0.1),
        {"l1": 0.25, "clip_value": 1.5},
        [0.5085957412804699, 0.7872358808191986, 0.0978226980206055],
        2.3324186934104496,
    ),
]


def line(make: Any, engine: str, **options: Any) -> Trainer:
    model = nn.MLP(2, [1], seed=0)
    model.load_state_dict({"layers.0.weight": [[0.5, -0.5]], "layers.0.bias": [0.0]})
    return Trainer(model, nn.squared_error, make(model.parameters()), engine=engine, **options)


@ENGINES
@pytest.mark.parametrize(("make", "terms", "expected", "cost"), RUNS)
def test_the_numbers_of_pytorch(
    engine: str, make: Any, terms: dict[str, float], expected: list[float], cost: float
) -> None:
    trainer = line(make, engine, **terms)
    costs = [trainer.step(X, Y) for _ in range(12)]
    assert costs[-1] == pytest.approx(cost, rel=1e-12)
    assert [p.data for p in trainer.model.parameters()] == pytest.approx(expected, rel=1e-11)


@ENGINES
def test_the_penalties_of_all_parameters(engine: str) -> None:
    trainer = line(lambda p: GradientDescent(p, 0.1), engine, l1=0.3, l2=0.2)
    w, b = np.array([0.5, -0.5]), 0.0
    error = np.array(X) @ w + b - Y
    cost = (error**2).mean() + 0.3 * abs(w).sum() + 0.2 * (w**2).sum()
    assert trainer.step(X, Y) == pytest.approx(cost, rel=1e-14)
    slope = 2 * (error @ X) / 4 + 0.3 * np.sign(w) + 0.4 * w
    found = [p.data for p in trainer.model.parameters()]
    assert found == pytest.approx([*(w - 0.1 * slope), b - 0.1 * 2 * error.mean()], rel=1e-13)


@ENGINES
@pytest.mark.parametrize("terms", [{"clip_norm": 0.25}, {"clip_value": 0.25}])
def test_history_and_slopes_tell_the_gradient_that_was_not_cut(
    engine: str, terms: dict[str, float]
) -> None:
    plain = line(lambda p: GradientDescent(p, 1e-3), engine, l2=0.1)
    cut = line(lambda p: GradientDescent(p, 1e-3), engine, l2=0.1, **terms)
    history = [trainer.fit(X, Y, 1, progress=False) for trainer in (plain, cut)]
    assert history[0].gradient_norm == pytest.approx(history[1].gradient_norm, rel=1e-13)
    slopes = [[p.grad for p in trainer.model.parameters()] for trainer in (plain, cut)]
    assert slopes[0] == pytest.approx(slopes[1], rel=1e-13)
    assert math.hypot(*slopes[0]) == pytest.approx(history[0].gradient_norm[0])
    moved = [p.data for p in cut.model.parameters()]
    start = np.array([0.5, -0.5, 0.0])
    if "clip_norm" in terms:
        assert np.linalg.norm((start - moved) / 1e-3) == pytest.approx(0.25, rel=1e-5)
    else:
        assert abs((start - moved) / 1e-3).max() == pytest.approx(0.25, rel=1e-9)


@pytest.mark.parametrize(
    "terms", [{"clip_norm": 0.3, "l2": 0.02}, {"clip_value": 0.05, "l1": 0.02}]
)
@pytest.mark.parametrize("make", [AdamW, RMSprop])
def test_both_engines_in_batches(make: Any, terms: dict[str, float]) -> None:
    runs = []
    for engine in ("eager", "compiled"):
        model = nn.MLP(3, [3, 1], "tanh", seed=1)
        optimizer = make(model.parameters()[:7], 0.05)  # some stay as they are
        how = {"batch_size": 4, "seed": 3, "engine": engine, **terms}
        trainer = Trainer(model, nn.squared_error, optimizer, **how)
        history = trainer.fit(ROWS, TARGETS[nn.squared_error], 3, progress=False)
        state = np.ravel(optimizer.state).tolist()
        runs.append([*history.cost, *history.gradient_norm, *state])
        runs[-1] += [p.data for p in model.parameters()]
    assert runs[1] == pytest.approx(runs[0], rel=1e-9, abs=1e-12)


def test_terms_that_are_changed_and_carried_count() -> None:
    runs = []
    for engine in ("eager", "compiled"):
        trainer = line(lambda p: SGD(p, 0.1, momentum=0.5), engine)
        costs = [trainer.step(X, Y)]
        trainer.clip_norm = 0.5
        costs += [trainer.step(X, Y), trainer.step(np.array(X), np.array(Y))]
        trainer = pickle.loads(pickle.dumps(trainer))
        assert (trainer.clip_norm, trainer.clip_value, trainer.l1, trainer.l2) == (0.5, None, 0, 0)
        costs += [trainer.step(np.array(X), np.array(Y)) for _ in range(3)]
        trainer.clip_norm, trainer.l1 = None, 0.5
        trainer.clip_value = 0.25
        runs.append([*costs, trainer.step(X, Y), trainer.step(X, Y)])
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


def test_a_step_that_only_the_cut_makes_finite() -> None:
    runs = []
    for engine in ("eager", "compiled"):
        trainer = line(lambda p: GradientDescent(p, 1e300), engine, clip_norm=1e-300)
        trainer.step(np.array(X) * 1e5, Y)
        runs.append([p.data for p in trainer.model.parameters()])
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"l1": -1.0}, r"l1 is -1.0: expected a finite number, 0 or more"),
        ({"l2": math.inf}, "l2 is inf"),
        ({"clip_norm": 0.0}, r"clip_norm is 0.0: expected a finite number above 0"),
        ({"clip_value": math.nan}, "clip_value is nan"),
        ({"clip_norm": 1.0, "clip_value": 1.0}, "leave the other out"),
    ],
)
def test_bad_terms(terms: dict[str, float], words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        line(lambda p: optim.SGD(p, 0.1), "eager", **terms)
    trainer = line(lambda p: optim.SGD(p, 0.1), "eager")
    *_, last = terms
    for name, value in terms.items():
        if name == last:
            with pytest.raises(ArgumentError, match=words):
                setattr(trainer, name, value)
        else:
            setattr(trainer, name, value)
