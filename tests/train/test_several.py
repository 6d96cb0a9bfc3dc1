"""Training on several outputs, several labels, counts, and losses with arguments of their own."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Any

import numpy as np
import pytest
from stepped import LABELS, ROWS, TARGETS

from tinygrad_nn import nn, sigmoid
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer, accuracy, predict

TWO = np.stack([TARGETS[nn.squared_error], TARGETS[nn.absolute_error]], axis=1)
BITS = np.stack([LABELS, LABELS[::-1]], axis=1)
COUNTS = np.arange(11) % 4
KINDS = partial(nn.cross_entropy, classes=(2, 3))
PAIRS = [(int(bit), int(count) % 3) for bit, count in zip(LABELS, COUNTS, strict=True)]
CASES: list[tuple[Any, int, Any]] = [
    (nn.squared_error, 2, TWO),
    (nn.huber, 2, TWO.tolist()),
    (partial(nn.quantile, q=0.9), 2, TWO),
    (nn.binary_cross_entropy_with_logits, 2, BITS.tolist()),
    (nn.hinge, 2, 2 * BITS - 1),
    (nn.poisson, 2, np.stack([COUNTS, COUNTS[::-1]], axis=1)),
    (partial(nn.cross_entropy, label_smoothing=0.1), 3, TARGETS[nn.cross_entropy]),
    (partial(nn.huber, delta=0.5), 1, TWO[:, :1]),  # a column
    (KINDS, 5, PAIRS),
]


def trainer_of(loss: Any, outputs: int, engine: str) -> Trainer:
    end = "sigmoid" if loss is nn.binary_cross_entropy else "identity"
    model = nn.MLP(3, [2, outputs], "tanh", end, seed=1)
    optimizer = GradientDescent(model.parameters(), 0.2)
    return Trainer(model, loss, optimizer, engine=engine, seed=3, batch_size=4)


@pytest.mark.parametrize(("loss", "outputs", "y"), CASES)
def test_both_engines_give_the_same(loss: Any, outputs: int, y: Any) -> None:
    runs = []
    for engine in ("eager", "compiled"):
        trainer = trainer_of(loss, outputs, engine)
        history = trainer.fit(ROWS, y, 2, validation=(ROWS, y), progress=False)
        figures = history.cost + history.gradient_norm + history.accuracy
        figures += history.validation_cost + history.validation_accuracy
        numbers = np.ravel(trainer.predict(ROWS)).tolist()
        runs.append(figures + numbers + [p.data for p in trainer.model.parameters()])
    assert runs[1] == pytest.approx(runs[0], rel=1e-9, abs=1e-12)


def test_a_row_of_labels_is_right_if_all_of_them_are() -> None:
    loss = nn.binary_cross_entropy_with_logits
    trainer = trainer_of(loss, 2, "compiled")
    logits = np.array(trainer.model.predict(ROWS))
    found = (logits > 0).astype(int)
    assert trainer.predict(ROWS) == predict(trainer.model, loss, ROWS) == found.tolist()
    share = (found == BITS).all(axis=1).mean()
    assert trainer.accuracy(ROWS, BITS) == accuracy(trainer.model, loss, ROWS, BITS) == share
    history = trainer.fit(ROWS, BITS, 1, validation=(ROWS, BITS), progress=False)
    found = np.array(trainer.predict(ROWS))
    assert history.validation_accuracy == [(found == BITS).all(axis=1).mean()]


def test_a_sample_of_several_classes_is_right_if_all_of_them_are() -> None:
    trainer = trainer_of(KINDS, 5, "eager")
    logits = np.array(trainer.model.predict(ROWS))
    each = [logits[:, :2].argmax(axis=1).tolist(), logits[:, 2:].argmax(axis=1).tolist()]
    found = trainer.predict(ROWS)
    assert found == [list(pair) for pair in zip(*each, strict=True)]
    hits = [tuple(pair) == wanted for pair, wanted in zip(found, PAIRS, strict=True)]
    assert accuracy(trainer.model, KINDS, ROWS, PAIRS) == pytest.approx(np.mean(hits))


def test_the_cost_of_labels_is_pytorchs() -> None:
    trainer = trainer_of(nn.binary_cross_entropy_with_logits, 2, "compiled")
    z = np.array(trainer.model.predict(ROWS))
    p = 1.0 / (1.0 + np.exp(-z))
    expected = -(BITS * np.log(p) + (1 - BITS) * np.log(1 - p)).mean()
    trainer.batch_size = None
    assert trainer.step(ROWS, BITS) == pytest.approx(expected, rel=1e-12)


def test_predictions_of_counts_are_rates() -> None:
    trainer = trainer_of(nn.poisson, 1, "compiled")
    rates = np.exp(trainer.model.predict(ROWS))
    assert trainer.predict(ROWS) == pytest.approx(rates.tolist(), rel=1e-14)
    several = trainer_of(partial(nn.poisson), 2, "eager")
    rates = np.exp(several.model.predict(ROWS))
    assert np.array(several.predict(ROWS)) == pytest.approx(rates, rel=1e-14)


def test_a_list_of_one_output_is_one() -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            self.line = nn.MLP(3, [1], seed=0)

        def __call__(self, x: Any) -> Any:
            return [sigmoid(self.line(x))]

    runs = []
    for engine in ("eager", "compiled"):
        model = Listed()
        optimizer = GradientDescent(model.parameters(), 0.1)
        trainer = Trainer(model, nn.binary_cross_entropy, optimizer, engine=engine)
        history = trainer.fit(ROWS, LABELS, 2, validation=(ROWS, LABELS[::-1]), progress=False)
        runs.append(history.cost + history.accuracy + history.validation_accuracy)
        assert trainer.accuracy(ROWS, LABELS) == np.mean(np.ravel(trainer.predict(ROWS)) == LABELS)
    assert runs[1] == pytest.approx(runs[0], rel=1e-12)


def test_a_loss_with_arguments_is_carried() -> None:
    loss, y = partial(nn.cross_entropy, label_smoothing=0.1), TARGETS[nn.cross_entropy]
    trainer = trainer_of(loss, 3, "compiled")
    trainer.fit(ROWS, y, 1, progress=False)
    other = pickle.loads(pickle.dumps(trainer))
    both = [each.fit(ROWS, y, 1, progress=False).cost for each in (trainer, other)]
    assert both[0] == both[1]
    assert other.accuracy(ROWS, y) == trainer.accuracy(ROWS, y)
