"""L-BFGS of SciPy under the Trainer: the iterates that SciPy itself makes."""

from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from scipy import optimize
from stepped import LABELS, ROWS, TARGETS

from tinygrad_nn import Value, nn
from tinygrad_nn.errors import ArgumentError, DomainError
from tinygrad_nn.optim import LBFGS, restored
from tinygrad_nn.train import Trainer, Training

ENGINES = pytest.mark.parametrize("engine", ["eager", "compiled"])
Y = TARGETS[nn.squared_error]


def linear(engine: str, loss: Any = nn.squared_error, **options: Any) -> Trainer:
    model = nn.MLP(3, [1], seed=1)
    return Trainer(model, loss, LBFGS(model.parameters()), engine=engine, **options)


def numbers(trainer: Trainer) -> list[float]:
    return [parameter.data for parameter in trainer.model.parameters()]


def logistic(p: Any) -> Any:
    """The cost of logistic regression with l2 = 0.01, and its gradient."""
    z = ROWS @ p[:3] + p[3]
    error = 1.0 / (1.0 + np.exp(-z)) - LABELS
    cost = np.mean(np.logaddexp(0.0, z) - LABELS * z) + 0.01 * p @ p
    return cost, np.array([*(error @ ROWS / 11), error.mean()]) + 0.02 * p


@ENGINES
def test_iterations_are_those_of_scipy(engine: str) -> None:
    trainer = linear(engine, nn.binary_cross_entropy_with_logits, l2=0.01)
    met: list[Any] = []
    start = numbers(trainer)
    optimize.minimize(logistic, start, jac=True, method="L-BFGS-B", callback=met.append)
    history = trainer.fit(ROWS, LABELS, 50, progress=False)
    assert history.stopped == "tolerance"
    assert len(history.epochs) == len(met) == trainer.optimizer.steps
    assert numbers(trainer) == pytest.approx(met[-1], rel=1e-9)
    costs, slopes = zip(*map(logistic, met), strict=True)
    assert history.cost == pytest.approx(costs, rel=1e-9)
    assert history.gradient_norm == pytest.approx(np.linalg.norm(slopes, axis=1), rel=1e-6)
    assert history.accuracy[-1] == trainer.accuracy(ROWS, LABELS)
    assert trainer.fit(ROWS, LABELS, 5, progress=False).epochs == []


@ENGINES
def test_so_many_iterations_and_no_more(engine: str) -> None:
    trainer = linear(engine)
    history = trainer.fit(ROWS, Y, 2, validation=(ROWS[:3], Y[:3]), progress=False)
    assert (len(history.epochs), history.stopped) == (2, "epochs")
    error = np.array(trainer.model.predict(ROWS[:3])) - Y[:3]
    assert history.validation_cost[-1] == pytest.approx((error**2).mean(), rel=1e-12)


@ENGINES
def test_what_it_does_not_move_stays(engine: str) -> None:
    model = nn.MLP(3, [2, 1], "tanh", seed=1)
    parameters = model.parameters()
    moved, fixed = parameters[1::2], parameters[::2]
    before = [parameter.data for parameter in fixed]
    trainer = Trainer(model, nn.squared_error, LBFGS(moved), engine=engine)
    history = trainer.fit(ROWS, Y, 30, progress=False)
    assert [parameter.data for parameter in fixed] == before
    assert history.gradient_norm[-1] < 1e-2 * history.gradient_norm[0]


@ENGINES
def test_patience_and_callbacks_stop_it(engine: str) -> None:
    met: list[list[float]] = []

    def note(training: Training) -> None:
        met.append(numbers(training.trainer))
        if training.epoch == 3:
            training.stop()

    trainer = linear(engine)
    history = trainer.fit(ROWS, Y, 9, progress=False, callbacks=[note])
    assert (history.stopped, len(met)) == ("callback", 3)
    assert numbers(trainer) == met[-1]
    trainer, met[:] = linear(engine), []
    how: dict[str, Any] = {"validation": (ROWS, -Y), "patience": 2, "progress": False}
    history = trainer.fit(ROWS, Y, 9, callbacks=[lambda t: met.append(numbers(t.trainer))], **how)
    assert history.stopped == "patience"
    assert numbers(trainer) == met[int(np.argmin(history.validation_cost))]


@ENGINES
def test_an_error_or_ctrl_c_leaves_the_latest_iterate(engine: str) -> None:
    for error in (KeyboardInterrupt(), RuntimeError("enough")):
        met: list[list[float]] = []

        def end(training: Training, error: Any = error, met: Any = met) -> None:
            met.append(numbers(training.trainer))
            if training.epoch == 2:
                raise error

        trainer = linear(engine)
        if isinstance(error, KeyboardInterrupt):
            assert trainer.fit(ROWS, Y, 9, progress=False, callbacks=[end]).stopped == "interrupted"
        else:
            with pytest.raises(RuntimeError, match="enough"):
                trainer.fit(ROWS, Y, 9, progress=False, callbacks=[end])
        assert numbers(trainer) == met[-1]


def test_numbers_out_of_range_are_an_error_and_change_nothing() -> None:
    trainer = linear("auto")
    before = numbers(trainer)
    with pytest.raises(DomainError):
        trainer.fit(ROWS * 1e200, Y, 9, progress=False)
    assert numbers(trainer) == before


@pytest.mark.parametrize("option", [{"batch_size": 4}, {"clip_norm": 1.0}, {"clip_value": 1.0}])
def test_what_it_cannot_do_is_refused(option: dict[str, Any]) -> None:
    (name,) = option
    with pytest.raises(ArgumentError, match=f"{name} is given and the optimizer is LBFGS"):
        linear("auto", **option).fit(ROWS, Y, 1, progress=False)


def test_it_has_no_step(tmp_path: Any) -> None:
    trainer = linear("auto")
    trainer.fit(ROWS, Y, 1, progress=False)
    before = numbers(trainer)
    for step in (trainer.optimizer.step, lambda: trainer.step(ROWS, Y)):
        with pytest.raises(ArgumentError, match=r"let Trainer.fit train"):
            step()
    with pytest.raises(ArgumentError, match="checkpoint is given and the optimizer is LBFGS"):
        trainer.fit(ROWS, Y, 1, progress=False, checkpoint=tmp_path / "file")
    assert numbers(trainer) == before


def test_it_is_carried_with_its_settings() -> None:
    trainer = linear("compiled")
    trainer.fit(ROWS, Y, 2, progress=False)
    other = pickle.loads(pickle.dumps(trainer))
    both = [each.fit(ROWS, Y, 2, progress=False).cost for each in (trainer, other)]
    assert both[0] == both[1]
    optimizer = LBFGS([Value(1.0)], memory=3, gtol=1e-3)
    again = restored([Value(1.0)], json.loads(json.dumps(optimizer.state_dict())))
    assert isinstance(again, LBFGS)
    assert (again.memory, again.gtol, again.ftol) == (3, 1e-3, optimizer.ftol)
    for bad in ({"memory": 0}, {"gtol": -1.0}, {"ftol": float("nan")}):
        with pytest.raises(ArgumentError, match=next(iter(bad))):
            LBFGS([Value(1.0)], **bad)  # type: ignore[arg-type]
