"""A training goes on from a file to the numbers that it would have had."""

from __future__ import annotations

import inspect
import json
import os
import random
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from killed import killed_and_resumed

from tinygrad_nn import Trainer, Value, load, nn
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, FileError, StateError
from tinygrad_nn.optim import SGD, Adam, GradientDescent, Optimizer, cosine, warmup
from tinygrad_nn.train.checkpoint import OPTIONS

safetensors = pytest.importorskip("safetensors")

rng = random.Random(0)
X = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(11)]
Y = [int(a * b > 0) for a, b in X]


def trainer_of(optimizer: Any = None, **options: Any) -> Trainer:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    make = optimizer or (lambda p: Adam(p, lr=0.05))
    options = {"batch_size": 4, "seed": 3, "engine": "compiled", **options}
    if options["engine"] == "compiled":
        options = {"backend": "numpy", **options}
    return Trainer(model, nn.binary_cross_entropy_with_logits, make(model.parameters()), **options)


def everything(trainer: Trainer, history: Any) -> Any:
    """All that a training consists of."""
    figures = [
        (e.cost, e.gradient_norm, e.accuracy, e.validation_cost, e.validation_accuracy)
        for e in history.epochs
    ]
    optimizer = trainer.optimizer
    return (
        trainer.model.state_dict(),
        optimizer.state,
        optimizer.steps,
        trainer.rng.getstate(),
        figures,
        history.stopped,
    )


EXCEPTIONAL = {"validation": (X[:3], [1, 0, 1]), "patience": 2}


@pytest.mark.parametrize(
    ("options", "fitted", "first"),
    [
        ({"engine": "eager"}, {}, 2),
        ({}, {}, 1),
        ({"dtype": "float32", "l2": 0.01}, {}, 2),
        ({"engine": "eager", "l2": 0.01, "batch_size": None}, {}, 2),
        ({"engine": "eager", "optimizer": lambda p: SGD(p, 0.1, momentum=0.9)}, {}, 2),
        (
            {
                "engine": "eager",
                "optimizer": lambda p: Adam(p, lr=warmup(cosine(0.1, steps=9), steps=2)),
            },
            {},
            2,
        ),
        ({"engine": "eager", "optimizer": lambda p: GradientDescent(p[3:], lr=0.1)}, {}, 2),
        ({"engine": "eager", "optimizer": lambda p: Adam(reversed(p[2:5]), lr=0.1)}, {}, 2),
        ({"engine": "eager"}, {"sample_weight": [1.0, 2.0] * 5 + [0.0]}, 2),
        ({"engine": "eager"}, {"validation": (X[:3], Y[:3]), "patience": 20}, 2),
        ({"engine": "eager"}, EXCEPTIONAL, 1),
        ({"engine": "eager"}, EXCEPTIONAL, 4),
        ({}, EXCEPTIONAL, 1),
    ],
)
def test_it_goes_on_to_the_same_numbers(
    tmp_path: Path, options: Any, fitted: Any, first: int
) -> None:
    path = tmp_path / "training"
    whole = trainer_of(**options)
    expected = everything(
        whole, whole.fit(X, Y, 5, progress=False, checkpoint=tmp_path / "whole", **fitted)
    )
    part = trainer_of(**options)
    part.fit(X, Y, first, progress=False, checkpoint=path, **fitted)
    again = Trainer.load(path)
    history = again.fit(X, Y, 5, progress=False, checkpoint=path, **fitted)
    assert everything(again, history) == expected
    assert len(history.epochs) == (5 if fitted.get("patience") != 2 else len(expected[4]))
    if whole.engine == "compiled":
        return  # the last is of the file, and takes a while
    third = Trainer.load(path)  # which is over
    assert everything(third, third.fit(X, Y, 5, progress=False, **fitted)) == expected


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_what_is_left_out_at_random_goes_on_too(tmp_path: Path, engine: str) -> None:
    def trained(epochs: int) -> Any:
        model = nn.Sequential(
            nn.Linear(2, 3, seed=0), "silu", nn.Dropout(0.5), nn.Linear(3, 1, seed=1)
        )
        optimizer = Adam(model.parameters(), lr=0.05)
        loss = partial(nn.huber, delta=0.5)
        options = {"backend": "numpy"} if engine == "compiled" else {}
        trainer = Trainer(model, loss, optimizer, batch_size=4, seed=2, engine=engine, **options)
        return trainer, trainer.fit(X, Y, epochs, progress=False, checkpoint=tmp_path / "t")

    expected = everything(*trained(4))
    trained(2)
    again = Trainer.load(tmp_path / "t")
    assert everything(again, again.fit(X, Y, 4, progress=False)) == expected


def test_without_a_file_the_numbers_are_the_same_but_for_the_backend(tmp_path: Path) -> None:
    one, other = trainer_of(), trainer_of()
    expected = everything(one, one.fit(X, Y, 3, progress=False))
    history = other.fit(X, Y, 3, progress=False, checkpoint=tmp_path / "t", every=2)
    assert everything(other, history) == expected


def test_it_is_written_after_so_many_epochs(tmp_path: Path, monkeypatch: Any) -> None:
    written = []
    replace = Path.replace
    monkeypatch.setattr(
        Path, "replace", lambda self, target: (replace(self, target), written.append(reached()))
    )

    def reached() -> int:
        with safetensors.safe_open(tmp_path / "t", framework="numpy") as file:
            return len(json.loads(file.metadata()["checkpoint"])["epochs"])

    trainer_of().fit(X, Y, 7, progress=False, checkpoint=tmp_path / "t", every=3)
    assert written == [3, 6, 7]
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


def test_ctrl_c_leaves_the_epoch_before(tmp_path: Path) -> None:
    class Interrupting(nn.Module):
        def __init__(self) -> None:
            self.w = Value(0.5)
            self.calls = 0

        def __call__(self, x: Any) -> Any:
            self.calls += 1
            if self.calls == 40:
                raise KeyboardInterrupt
            return self.w * x[0]

    model = Interrupting()
    options = {"batch_size": 4, "seed": 0, "engine": "eager"}
    trainer = Trainer(model, nn.squared_error, Adam(model.parameters(), lr=0.1), **options)
    assert trainer.fit(X, Y, 5, progress=False, checkpoint=tmp_path / "t").stopped == "interrupted"
    again = Trainer.load(tmp_path / "t", Interrupting())
    history = again.fit(X, Y, 5, progress=False)
    whole = Interrupting()
    whole.calls = 1000
    other = Trainer(whole, nn.squared_error, Adam(whole.parameters(), lr=0.1), **options)
    expected = other.fit(X, Y, 5, progress=False)
    assert history.cost == expected.cost
    assert again.model.w.data == whole.w.data


def test_what_is_not_ours_is_given_again(tmp_path: Path) -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.w = Value(0.5)

        def __call__(self, x: Any) -> Any:
            return self.w * x[0]

    def loss(y_hat: Any, y: Any) -> Any:
        return (y_hat - y) ** 4

    class Slow(Optimizer):
        initial_state = (0.0,)

        def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
            return a - lr * (g + state[0]), (0.5 * state[0] + g,)

    def rate(step: int) -> float:
        return 0.01 / (1 + step)

    def made() -> Trainer:
        line = Line()
        return Trainer(line, loss, Slow(line.parameters(), rate), seed=0, batch_size=3)

    path = tmp_path / "t"
    whole = made()
    expected = everything(whole, whole.fit(X, Y, 5, progress=False, checkpoint=path))
    part = made()
    part.fit(X, Y, 2, progress=False, checkpoint=path)
    line = Line()
    optimizer = Slow(line.parameters(), rate)
    with pytest.raises(StateError, match=r"loss of your own: give it again, as Trainer.load"):
        Trainer.load(path)
    with pytest.raises(StateError, match=r"does not tell the architecture"):
        Trainer.load(path, loss=loss)
    with pytest.raises(StateError, match=r"does not tell its optimizer \(.*give both"):
        Trainer.load(path, line, loss)
    with pytest.raises(StateError, match="has an optimizer of other parameters"):
        Trainer.load(path, line, loss, Slow(Line().parameters(), rate))
    with pytest.raises(StateError, match="expected an optimizer of this class"):
        Trainer.load(path, line, loss, Adam(line.parameters()))
    with pytest.raises(ArgumentTypeError, match="optimizer is 3"):
        Trainer.load(path, line, loss, 3)  # type: ignore[arg-type]  # that is the mistake
    again = Trainer.load(path, line, loss, optimizer)
    assert everything(again, again.fit(X, Y, 5, progress=False)) == expected


def test_an_optimizer_of_ones_own_with_plain_settings(tmp_path: Path) -> None:
    class Sign(Optimizer):
        def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
            return a - lr * g, ()

    trainer = trainer_of(lambda p: Sign(p, 0.1))
    trainer.fit(X, Y, 2, progress=False, checkpoint=tmp_path / "t")
    with pytest.raises(StateError, match="does not tell its optimizer"):
        Trainer.load(tmp_path / "t")
    model = nn.MLP(2, [3, 1], activation="tanh")
    again = Trainer.load(tmp_path / "t", model, optimizer=Sign(model.parameters(), 0.5))
    assert (again.optimizer.lr, again.optimizer.steps) == (0.1, 6)


def test_every_option_of_a_trainer_is_written() -> None:
    known = {*OPTIONS, "self", "model", "loss", "optimizer", "seed", "rng"}
    assert set(inspect.signature(Trainer.__init__).parameters) == known


def test_other_samples_are_refused(tmp_path: Path) -> None:
    trainer_of().fit(X, Y, 2, progress=False, checkpoint=tmp_path / "t")
    again = Trainer.load(tmp_path / "t")
    other = [row[:] for row in X]
    other[3][0] += 1e-9
    for samples, options in (
        ((other, Y), {}),
        ((X, [*Y[:-1], 1 - Y[-1]]), {}),
        ((X[:-1], Y[:-1]), {}),
        ((X, Y), {"sample_weight": [2.0] * 11}),
    ):
        with pytest.raises(StateError, match="are not the samples of the training that goes on"):
            again.fit(*samples, 4, progress=False, **options)
    history = again.fit(np.array(X), np.array(Y), 4, progress=False)
    assert len(history.epochs) == 4
    assert len(again.fit(other, Y, 1, progress=False).epochs) == 1  # another training


def test_python_s_own_generator_goes_on_too(tmp_path: Path) -> None:
    random.seed(5)
    whole = trainer_of(seed=None)
    expected = whole.fit(X, Y, 4, progress=False, checkpoint=tmp_path / "t").cost
    random.seed(5)
    trainer_of(seed=None).fit(X, Y, 2, progress=False, checkpoint=tmp_path / "t")
    random.seed(9)
    assert Trainer.load(tmp_path / "t").fit(X, Y, 4, progress=False).cost == expected


def test_the_backend_is_one_from_the_start(tmp_path: Path) -> None:
    def trained(epochs: int) -> Any:
        trainer = trainer_of(backend="auto")
        return trainer, trainer.fit(X, Y, epochs, progress=False, checkpoint=tmp_path / "t")

    expected = everything(*trained(4))
    trainer, _ = trained(1)
    assert trainer.backend in ("numpy", "machine")
    again = Trainer.load(tmp_path / "t")
    assert again.backend == trainer.backend
    assert everything(again, again.fit(X, Y, 4, progress=False)) == expected


def test_a_backend_may_change_with_the_first_checkpoint(tmp_path: Path) -> None:
    trainer = trainer_of(backend="auto")
    trainer.fit(X, Y, 1, progress=False)
    assert trainer.backend == "auto"
    trainer.fit(X, Y, 1, progress=False, checkpoint=tmp_path / "t")
    assert trainer.backend in ("numpy", "machine")
    assert len(trainer.fit(X, Y, 1, progress=False).epochs) == 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"checkpoint": 3}, ArgumentTypeError, "checkpoint is 3"),
        ({"checkpoint": "/proc/x"}, FileError, "'/proc/x' cannot be written"),
        ({"checkpoint": "t", "every": 0}, ArgumentError, "every is 0"),
    ],
)
def test_mistakes_are_known_before_the_training(options: Any, error: Any, message: str) -> None:
    trainer = trainer_of()
    before = trainer.model.state_dict()
    with pytest.raises(error, match=message):
        trainer.fit(X, Y, 1, progress=False, **options)
    assert trainer.model.state_dict() == before


def test_a_generator_of_another_kind(tmp_path: Path) -> None:
    class Own(random.Random):
        pass

    with pytest.raises(ArgumentError, match="whose state cannot be written"):
        trainer_of(seed=None, rng=Own(3)).fit(X, Y, 1, checkpoint=tmp_path / "t")


@pytest.mark.parametrize(
    "change",
    [
        {"form": 2},
        {"rng": [3, [1, 2], None]},
        {"rng": None},
        {"moved": [99]},
        {"loss": {"name": "of_nothing", "options": {}}},
        {"epochs": [{"price": 3}]},
        {"optimizer": {}},
        {"options": {}},
    ],
)
def test_a_head_that_is_wrong_is_refused(tmp_path: Path, change: Any) -> None:
    import safetensors.numpy

    path = tmp_path / "t"
    trainer_of().fit(X, Y, 1, progress=False, checkpoint=path)
    with safetensors.safe_open(path, framework="numpy") as file:
        arrays = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  # no dict
        texts = file.metadata()
    texts["checkpoint"] = json.dumps(json.loads(texts["checkpoint"]) | change)
    safetensors.numpy.save_file(arrays, path, texts)
    with pytest.raises(StateError, match=r"is no checkpoint|does not tell its optimizer"):
        Trainer.load(path)


def test_files_of_each_kind_name_what_reads_them(tmp_path: Path) -> None:
    trainer = trainer_of()
    trainer.fit(X, Y, 1, progress=False, checkpoint=tmp_path / "t")
    with pytest.raises(StateError, match=r"read it with Trainer\.load"):
        load(tmp_path / "t")
    nn.save(trainer.model, tmp_path / "m")
    with pytest.raises(StateError, match="is no checkpoint of a training"):
        Trainer.load(tmp_path / "m")


@pytest.mark.skipif(os.name != "posix", reason="there is no kill -9")
def test_a_training_that_is_killed_goes_on(tmp_path: Path) -> None:
    killed_and_resumed(tmp_path, seed=0, kills=1, engine="eager")
