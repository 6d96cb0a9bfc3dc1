"""Batches whose samples are computed by workers."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Trainer, nn
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, TraceError, WorkerError
from tinygrad_nn.optim import Adam
from tinygrad_nn.train.engines import workers

joblib = pytest.importorskip("joblib")
worker_processes = pytest.importorskip("worker_processes")

rng = np.random.default_rng(0)
X = rng.normal(size=(50, 4))
CLASSES = rng.integers(0, 3, 50)
WEIGHTS = rng.integers(1, 4, 50).astype(float)


def trained(
    parallel: Any, outputs: int = 3, loss: Any = nn.cross_entropy, y: Any = CLASSES, **given: Any
) -> tuple[Any, Any, Trainer]:
    """Train for three epochs; give parameters, costs and what trained."""
    model = nn.MLP(4, [6, outputs], "tanh", seed=0)
    given = {"batch_size": 20, "seed": 1, "l2": 1e-3, "backend": "numpy"} | given
    weights, path = given.pop("weights", None), given.pop("checkpoint", None)
    trainer = Trainer(model, loss, Adam(model.parameters(), lr=0.02), parallel=parallel, **given)
    history = trainer.fit(X, y, 3, sample_weight=weights, progress=False, checkpoint=path)
    return model.state_dict(), (history.cost, history.accuracy, history.gradient_norm), trainer


def test_the_numbers_are_those_of_a_training_in_one_piece() -> None:
    for given in ({}, {"weights": WEIGHTS}, {"outputs": 1, "loss": nn.huber, "y": X[:, 0]}):
        state, figures, _ = trained(None, **given)
        found, parts, _ = trained(1, **given)
        for key in state:
            np.testing.assert_allclose(found[key], state[key], rtol=1e-12, atol=1e-14)
        for one, other in zip(figures, parts, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)


def test_any_number_of_workers_gives_the_same_to_the_last_bit() -> None:
    with joblib.parallel_config("threading"):
        found = [trained(count, weights=WEIGHTS)[:2] for count in (1, 2, 4, 9)]
        low = [trained(count, dtype="float32")[:2] for count in (1, 2)]
    with worker_processes.processes():
        low.append(trained(2, dtype="float32")[:2])
    assert all(one == found[0] for one in found)
    assert low[0] == low[1] == low[2] != found[0]


def test_a_step_and_a_pickled_trainer() -> None:
    _, _, trainer = trained(2, batch_size=None)
    again = pickle.loads(pickle.dumps(trainer))
    assert again.parallel == 2
    with joblib.parallel_config("threading"):
        assert again.step(X, CLASSES) == trainer.step(X, CLASSES)
        assert trainer.step(X[:3], CLASSES[:3]) == again.step(
            X[:3], CLASSES[:3]
        )  # fewer than parts


class Losing(workers.JoblibWorkers):
    """Lose workers so many times, after so many batches."""

    after, left = 0, 0

    def _run(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        if Losing.left and not Losing.after:
            Losing.left -= 1
            raise BrokenExecutor("a worker has gone")
        Losing.after -= bool(Losing.after)
        return super()._run(function, tasks)


def test_lost_workers_are_replaced_and_what_is_lost_for_good_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    expected = trained(1)[:2]
    monkeypatch.setattr(workers, "JoblibWorkers", Losing)
    Losing.left = workers.ATTEMPTS - 1
    assert trained(1)[:2] == expected
    assert Losing.left == 0
    state, _, trainer = trained(1)
    Losing.left = workers.ATTEMPTS
    with pytest.raises(WorkerError, match=r"lost 3 times.*a worker has gone.*the step is not made"):
        trainer.fit(X, CLASSES, 1, progress=False)
    assert trainer.model.state_dict() == state
    assert trainer.fit(X, CLASSES, 1, progress=False).cost  # with others it goes on


def test_a_checkpoint_stays_as_it_was_and_the_training_goes_on_from_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    pytest.importorskip("safetensors")
    path = tmp_path / "training.safetensors"
    monkeypatch.setattr(workers, "JoblibWorkers", Losing)
    monkeypatch.setattr(Losing, "after", 4)  # in the second epoch
    monkeypatch.setattr(Losing, "left", workers.ATTEMPTS)
    with pytest.raises(WorkerError):
        trained(1, checkpoint=path)
    again = Trainer.load(path)
    assert again.parallel == 1
    again.fit(X, CLASSES, 3, progress=False)
    assert again.model.state_dict() == trained(1)[0]


def cut(y_hat: Any, y: Any) -> Any:
    return (y_hat - y) ** 2 if y_hat > 0 else (y_hat - y) ** 4


@pytest.mark.parametrize(
    ("parallel", "given", "kind", "words"),
    [
        (0, {}, ArgumentError, "parallel"),
        ("two", {}, ArgumentTypeError, "client of dask"),
        (2, {"engine": "eager"}, ArgumentError, "runs no program"),
        (2, {"loss": cut, "outputs": 1, "y": X[:, 0]}, TraceError, "leave parallel out"),
    ],
)
def test_what_cannot_be_spread(parallel: Any, given: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind, match=words):
        trained(parallel, **given)


def test_workers_of_dask() -> None:
    distributed = pytest.importorskip("distributed")
    expected = trained(1)[:2]
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        state, figures, trainer = trained(client)
        assert (state, figures) == expected
        assert pickle.loads(pickle.dumps(trainer)).parallel == 1
