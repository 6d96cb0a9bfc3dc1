"""Weights of samples and of classes: the weighted mean, in both engines and in all figures."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from stepped import LABELS, ROWS, TARGETS
from thresholds import forced
from trained import line, numbers

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer

WEIGHTS = [0.5, 2.0, 0.0, 1.0, 3.0, 0.25, 1.0, 1.0, 0.0, 2.5, 1.5]
ENGINES = pytest.mark.parametrize("engine", ["eager", "compiled"])
THREE = [1, 2, 1]


def trainer_of(loss: Any, engine: str, **options: Any) -> Trainer:
    ends = 3 if loss is nn.cross_entropy else 1
    end = "sigmoid" if loss is nn.binary_cross_entropy else "identity"
    model = nn.MLP(3, [2, ends], "tanh", end, seed=1)
    optimizer = GradientDescent(model.parameters(), 0.2)
    return Trainer(model, loss, optimizer, engine=engine, seed=3, **options)


def trained(loss: Any, engine: str, y: Any, weights: Any, **options: Any) -> list[float]:
    how = {name: options.pop(name) for name in ("class_weight", "validation") if name in options}
    trainer = trainer_of(loss, engine, **options)
    history = trainer.fit(ROWS, y, 3, sample_weight=weights, progress=False, **how)
    figures = history.cost + history.gradient_norm + history.accuracy
    figures += history.validation_cost + history.validation_accuracy
    return figures + [p.data for p in trainer.model.parameters()]


@ENGINES
def test_the_cost_is_the_weighted_mean_and_its_slope_that_of_the_mean(engine: str) -> None:
    trainer = line(engine=engine, l2=0.5)  # y = w x + b from w = 1, b = 0
    x, y, w = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0]), np.array([1.0, 2.0, 5.0])
    error = x - y
    share = w / w.sum()
    cost = trainer.step(x[:, None], y, sample_weight=w)
    assert cost == pytest.approx(share @ error**2 + 0.5, rel=1e-14)
    slopes = [share @ (2 * error * x) + 1.0, share @ (2 * error)]
    assert numbers(trainer) == pytest.approx([1.0 - 0.1 * slopes[0], -0.1 * slopes[1]], rel=1e-14)


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy, nn.cross_entropy, nn.huber])
def test_both_engines_weigh_alike_in_batches(loss: Any) -> None:
    y = TARGETS[loss]
    held_out = ROWS, y, WEIGHTS[::-1]
    runs = [
        trained(loss, engine, y, WEIGHTS, batch_size=4, l2=0.01, validation=held_out)
        for engine in ("eager", "compiled")
    ]
    assert runs[1] == pytest.approx(runs[0], rel=1e-9, abs=1e-12)


@ENGINES
def test_a_sample_of_weight_2_counts_as_two_and_one_of_0_as_none(engine: str) -> None:
    loss = nn.binary_cross_entropy_with_logits
    counts = [2, 1, 0, 1, 3, 1, 1, 0, 1, 1, 2]
    places = np.repeat(np.arange(11), counts)
    held_out = ROWS[::-1], LABELS
    once = trained(loss, engine, LABELS, counts, validation=(*held_out, counts))
    model = trainer_of(loss, engine)
    several = [ROWS[places], LABELS[places]]
    history = model.fit(
        *several, 3, validation=(held_out[0][places], held_out[1][places]), progress=False
    )
    figures = history.cost + history.gradient_norm + history.accuracy
    figures += history.validation_cost + history.validation_accuracy
    again = figures + [p.data for p in model.model.parameters()]
    assert once == pytest.approx(again, rel=1e-12)


@ENGINES
def test_weights_of_0_leave_batches_as_if_the_samples_were_not_there(engine: str) -> None:
    loss, y = nn.cross_entropy, TARGETS[nn.cross_entropy]
    kept = np.array(WEIGHTS) > 0
    weights = np.array(WEIGHTS)
    one = trained(loss, engine, y, weights, batch_size=4)
    model = trainer_of(loss, engine, batch_size=4)
    model.fit(ROWS[kept], y[kept], 3, sample_weight=weights[kept], progress=False)
    assert one[-len(model.model.parameters()) :] == [p.data for p in model.model.parameters()]


@ENGINES
def test_weights_of_1_change_nothing(engine: str) -> None:
    loss, y = nn.squared_error, TARGETS[nn.squared_error]
    assert trained(loss, engine, y, [1.0] * 11, batch_size=4) == pytest.approx(
        trained(loss, engine, y, None, batch_size=4), rel=1e-14
    )


@ENGINES
def test_balanced_classes_are_those_of_scikit_learn(engine: str) -> None:
    sklearn = pytest.importorskip("sklearn.utils.class_weight")
    loss, y = nn.cross_entropy, TARGETS[nn.cross_entropy]
    own = sklearn.compute_sample_weight("balanced", y)
    assert trained(loss, engine, y, None, class_weight="balanced") == pytest.approx(
        trained(loss, engine, y, own), rel=1e-12
    )
    w = np.array(WEIGHTS)
    classes = sklearn.compute_class_weight("balanced", classes=np.arange(3), y=y, sample_weight=w)
    assert trained(loss, engine, y, WEIGHTS, class_weight="balanced") == pytest.approx(
        trained(loss, engine, y, w * classes[y]), rel=1e-12
    )


@ENGINES
def test_class_weights_are_pytorchs(engine: str) -> None:
    torch = pytest.importorskip("torch")
    y = TARGETS[nn.cross_entropy]
    trainer = trainer_of(nn.cross_entropy, engine)
    logits = torch.tensor(trainer.model.predict(ROWS))
    expected = torch.nn.functional.cross_entropy(
        logits, torch.tensor(y), weight=torch.tensor([0.5, 2.0, 1.5], dtype=torch.float64)
    )
    found = trainer.step(ROWS, y, class_weight={0: 0.5, 1: 2.0, 2: 1.5})
    assert found == pytest.approx(expected.item(), rel=1e-12)


def test_class_weights_without_pytorch() -> None:
    # torch 2.13: cross_entropy(tensor([[0., 1., 2.], [1., 0., 0.5]], dtype=float64),
    #     tensor([2, 0]), weight=tensor([3., 1., 0.5], dtype=float64))
    losses = [nn.cross_entropy([0.0, 1.0, 2.0], 2), nn.cross_entropy([1.0, 0.0, 0.5], 0)]
    assert nn.cost(losses, [0.5, 3.0]) == pytest.approx(0.6413177126135412, rel=1e-14)


def test_steps_with_and_without_weights_take_turns() -> None:
    runs = []
    for engine in ("eager", "compiled"):
        trainer = trainer_of(nn.huber, engine, batch_size=20)
        y = TARGETS[nn.huber]
        costs = [
            trainer.step(ROWS, y, sample_weight=weights)
            for weights in (None, WEIGHTS, WEIGHTS[::-1], None, None)
        ]
        runs.append(costs + [p.data for p in trainer.model.parameters()])
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


def test_a_weighted_training_is_carried_and_found_at_any_size(monkeypatch: Any) -> None:
    y = TARGETS[nn.squared_error]
    expected = trained(nn.squared_error, "eager", y, WEIGHTS)
    sizes = {"LARGE": 0, "QUICK": 0}
    with forced({f"nn.compiled.any_size.{name}": value for name, value in sizes.items()}):
        trainer = trainer_of(nn.squared_error, "compiled")
        trainer.fit(ROWS, y, 1, sample_weight=WEIGHTS, progress=False)
        assert "weight" in str(trainer.program)
        other = pickle.loads(pickle.dumps(trainer))
        other.fit(ROWS, y, 2, sample_weight=WEIGHTS, progress=False)
    found = [p.data for p in other.model.parameters()]
    assert found == pytest.approx(expected[-len(found) :], rel=1e-12)


def test_float32_weighs_too() -> None:
    y = TARGETS[nn.squared_error]
    expected = trained(nn.squared_error, "compiled", y, WEIGHTS)
    assert trained(nn.squared_error, "compiled", y, WEIGHTS, dtype="float32") == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize(
    ("weights", "error", "text"),
    [
        ([1.0, 2.0], ShapeError, "sample_weight has length 2 and there are 3 samples"),
        ([1.0, -2.0, 1.0], DataError, r"sample_weight\[1\] is -2.0: expected 0 or more"),
        ([1.0, float("nan"), 1.0], DataError, r"sample_weight\[1\] is nan"),
        ([0.0, 0.0, 0.0], DataError, "is 0 for all samples"),
        ([1e308, 1e308, 1e308], DataError, "divide all by that"),
        (2.0, ArgumentTypeError, "sample_weight is 2.0"),
    ],
)
def test_bad_weights_change_nothing(weights: Any, error: type[Exception], text: str) -> None:
    trainer = line()
    with pytest.raises(error, match=text):
        trainer.step([[0.0], [1.0], [2.0]], THREE, sample_weight=weights)
    held_out = [[0.0], [1.0], [2.0]], THREE, weights
    with pytest.raises(error, match=text):
        trainer.fit([[0.0]], [1.0], 1, validation=held_out, progress=False)
    assert numbers(trainer) == [1.0, 0.0]


@pytest.mark.parametrize(
    ("weights", "y", "error", "text"),
    [
        ({1: 2.0}, THREE, ArgumentError, "has no weight for class 2"),
        ({1: 2.0, 2: -1.0}, THREE, ArgumentError, r"class_weight\[2\] is -1.0"),
        ({1: 0.0, 2: 0.0}, THREE, ArgumentError, "0 for all classes"),
        ("even", THREE, ArgumentTypeError, "class_weight is 'even'"),
        ("balanced", [0.5, 1.0, 0.0], DataError, r"y\[0\] is 0.5 and class_weight is given"),
        ("balanced", [[1, 0], [0, 1], [0, 1]], DataError, "one label for each sample"),
    ],
)
def test_bad_class_weights(weights: Any, y: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        line().step([[0.0], [1.0], [2.0]], y, class_weight=weights)


def test_a_validation_has_weights_or_none() -> None:
    held_out = [[0.0]], [1.0], None, [1.0]
    with pytest.raises(ArgumentTypeError, match=r"expected a pair \(X, y\), or \(X, y, sample_w"):
        line().fit([[0.0]], [1.0], 1, validation=held_out, progress=False)
    history = line().fit([[0.0]], [1.0], 1, validation=held_out[:3], progress=False)
    assert history.validation_cost == [pytest.approx(0.64)]


def test_accuracy_counts_by_weights() -> None:
    trainer = trainer_of(nn.cross_entropy, "eager")
    y = TARGETS[nn.cross_entropy]
    hits = np.array(trainer.predict(ROWS)) == y
    expected = np.average(hits, weights=WEIGHTS)
    assert trainer.accuracy(ROWS, y, WEIGHTS) == pytest.approx(expected, rel=1e-14)
    with pytest.raises(ShapeError, match="sample_weight has length 1"):
        trainer.accuracy(ROWS, y, [1.0])


def test_labels_that_are_floats_have_the_weight_of_their_class() -> None:
    costs = [
        line().step([[0.0], [1.0], [2.0]], y, class_weight={1: 2.0, 2: 4.0})
        for y in (THREE, [1.0, 2.0, 1.0])
    ]
    assert costs[0] == costs[1] == pytest.approx((2 * 1 + 4 * 1 + 2 * 1) / 8)
