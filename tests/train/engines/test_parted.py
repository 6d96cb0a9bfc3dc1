"""Models and losses that look at numbers: each sample of a batch runs its path's program."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support.trained import numbers, quietly
from tinygrad_nn import Value, nn
from tinygrad_nn.optim import Adam, GradientDescent
from tinygrad_nn.train import Trainer

ROWS = [[math.sin(3.0 * k), math.cos(2.0 * k)] for k in range(12)]
TARGETS = [3.0 * a - b * b for a, b in ROWS]


def huber(y_hat: Any, y: Any) -> Any:
    error = y_hat - y
    if abs(error) <= 1.0:
        return 0.5 * error * error
    return abs(error) - 0.5


class Gated(nn.Module):
    def __init__(self) -> None:
        self.one, self.other = [nn.MLP(2, [2, 1], seed=seed) for seed in (1, 2)]
        self.scale = 2.0

    def __call__(self, x: Any) -> Any:
        z = self.one(x)
        return z * self.scale if z > 0.0 else self.below(x)

    def below(self, x: Any) -> Any:
        return self.other(x) * self.scale


class Signed(nn.Module):
    def __init__(self) -> None:
        self.a = Value(1.0)

    def __call__(self, x: Any) -> Any:
        return self.a * x[0] if self.a > 0.0 else -self.a


def small() -> nn.Module:
    return nn.MLP(2, [2, 1], seed=3)


def trainer(make: Callable[[], nn.Module], loss: Any, engine: str, **options: Any) -> Trainer:
    model = make()
    kind = options.pop("kind", Adam)
    return Trainer(model, loss, kind(model.parameters(), 0.1), engine=engine, **options)


@pytest.mark.parametrize(
    ("make", "loss", "options"),
    [
        (small, huber, {}),
        (small, huber, {"l2": 0.1, "batch_size": 5, "seed": 1}),
        (Gated, nn.squared_error, {"batch_size": 5, "seed": 1}),
        (Signed, nn.squared_error, {"kind": GradientDescent}),
        (small, lambda y_hat, y: [1.0, 2.0, 3.0][int(y) % 3] * y_hat * y_hat, {}),
    ],
)
def test_it_trains_as_one_number_at_a_time(make: Any, loss: Any, options: dict[str, Any]) -> None:
    found = []
    for engine in ("compiled", "eager"):
        one = trainer(make, loss, engine, **options)
        history = quietly(one, 3, X=ROWS, y=TARGETS, validation=(ROWS[:5], TARGETS[:5]))
        found.append([*numbers(one), *history.cost, *history.validation_cost])
        assert (one.program is None) == (engine == "eager")
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-14)


def test_weights_of_samples_count() -> None:
    weights = [1.0 + 0.5 * (k % 3) for k in range(len(ROWS))]
    found = []
    for engine in ("compiled", "eager"):
        one = trainer(small, huber, engine)
        costs = [one.step(ROWS, TARGETS, sample_weight=weights) for _ in range(2)]
        found.append([*numbers(one), *costs])
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_arrays_and_lists_are_the_same() -> None:
    one, other = [trainer(Gated, huber, "compiled") for _ in "ab"]
    for _ in range(3):
        assert one.step(ROWS, TARGETS) == other.step(np.array(ROWS), np.array(TARGETS))
    assert numbers(one) == numbers(other)


def test_classes_are_counted() -> None:
    class Folded(nn.MLP):
        def __call__(self, x: Any) -> Any:
            z = super().__call__(x)
            return z if x[0] > 0.0 else -z

    sides = [1 if target > 0 else -1 for target in TARGETS]
    found = []
    for engine in ("compiled", "eager"):
        one = trainer(lambda: Folded(2, [2, 1], seed=1), nn.hinge, engine)
        history = quietly(one, 3, X=ROWS, y=sides, validation=(ROWS, sides))
        found.append([*history.accuracy, *history.validation_accuracy])
        assert one.predict(ROWS) == [1 if one.model(row).data > 0.0 else -1 for row in ROWS]
    assert found[0] == found[1]


def test_what_a_path_that_came_later_takes_from_outside_is_watched() -> None:
    costs = []
    for engine in ("compiled", "eager"):
        one = trainer(Gated, huber, engine, kind=GradientDescent)
        for scale in (2.0, 2.0, 3.0, 3.0):
            one.model.scale = scale
            costs.append(one.step(ROWS, TARGETS))
    assert costs[:4] == pytest.approx(costs[4:], rel=1e-12)


def test_many_paths_end_in_python_with_one_warning() -> None:
    def counted(y_hat: Any, y: Any) -> Any:
        return y_hat * y_hat * (1.0 + int(1000.0 * y) % 97)

    one, other = [trainer(small, counted, engine) for engine in ("compiled", "eager")]
    batches = [(ROWS[:2], [0.1713 * k + 0.05, 0.1713 * k]) for k in range(24)]
    with pytest.warns(UserWarning, match="the training takes another path") as told:
        costs = [one.step(*batch) for batch in batches]
    assert len(told) == 1
    assert costs == pytest.approx([other.step(*batch) for batch in batches], rel=1e-12)


def test_a_sample_at_a_tie_is_no_reason_to_give_up() -> None:
    rows, targets = [[0.0, 0.0], *ROWS], [1.0, *TARGETS]
    costs = [trainer(small, huber, engine).step(rows, targets) for engine in ("compiled", "eager")]
    assert costs[0] == pytest.approx(costs[1], rel=1e-12)


def test_float32_answers_no_questions(capsys: Any) -> None:
    one = trainer(small, huber, "auto", dtype="float32")
    one.step(ROWS, TARGETS)
    assert "looks at numbers, which in float32 are rounded" in capsys.readouterr().err


def test_a_trainer_is_pickled_and_goes_on() -> None:
    one = trainer(Gated, huber, "compiled")
    one.step(ROWS, TARGETS)
    again = pickle.loads(pickle.dumps(one))
    assert [one.step(ROWS, TARGETS) for _ in "ab"] == [again.step(ROWS, TARGETS) for _ in "ab"]
