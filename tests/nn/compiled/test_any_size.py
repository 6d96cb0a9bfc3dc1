"""Large models compiled from small ones: the same programs as those that are recorded in full."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from models import SEVERAL, Attention, Keeper, Tied, grid
from thresholds import forced

import tinygrad_nn as tg
from tinygrad_nn import nn, where
from tinygrad_nn.compiler.backends.numpy.code import NUMPY
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.statements import Access, Statement, with_accesses
from tinygrad_nn.errors import ShapeError
from tinygrad_nn.functions import dot
from tinygrad_nn.nn.compiled.symbolic import parameter_argument
from tinygrad_nn.optim import Adam
from tinygrad_nn.train import Trainer
from tinygrad_nn.train.engines import gradient
from tinygrad_nn.train.engines.recording import SampleSizes, gradient_recording

WIDTH, HIDDEN = 12, 22
SIZES = SampleSizes(WIDTH, 0)
ROWS = np.random.default_rng(0).normal(size=(10, WIDTH))
CLASSES = np.arange(10) % 3
NUMBERS = np.random.default_rng(1).normal(size=10)


@pytest.fixture(autouse=True)
def always() -> Iterator[None]:
    """Small models go the way of large ones."""
    with forced(
        {
            "nn.compiled.any_size.LARGE": 0,
            "nn.compiled.any_size.QUICK": 0,
            "nn.compiled.any_size.CLOSE": 8,  # with less, models are recorded in full
            "compiler.sizes.recordings.SMALL": 0,
            "compiler.sizes.recordings.SHARE": 1e-9,
        }
    ):
        yield


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """List of how many parameters the gradient is recorded."""
    found: list[int] = []

    def noted(model: Any, loss: Any, parameters: Any, *others: Any) -> Any:
        found.append(len(parameters))
        return gradient_recording(model, loss, parameters, *others)

    monkeypatch.setattr(gradient, "gradient_recording", noted)
    return found


def gradient_of(model: nn.Module, loss: Any) -> Any:
    return gradient.record_gradient(model, loss, *parameter_argument(model), SIZES, NUMPY)


def statements_of(program: Program) -> list[Statement]:
    """The statements, with equal numbers for equal tables, in the order in which they are met."""
    known: dict[bytes, int] = {}

    def named(access: Access) -> Access:
        if access.table < 0:
            return access
        content = program.tables[access.table].tobytes()
        return replace(access, table=known.setdefault(content, len(known)))

    return [with_accesses(statement, named) for statement in program.statements]


def both_programs(model: nn.Module, loss: Any) -> tuple[Batched, Batched]:
    """Compile the gradient as training does, and from a recording in full."""
    parameters, argument = parameter_argument(model)
    found, watch = gradient.record_gradient(model, loss, parameters, argument, SIZES, NUMPY)
    assert watch.holds()
    recording, _ = gradient_recording(model, loss, parameters, argument, SIZES)
    return found, Batched(recording)


@pytest.mark.parametrize("make", [Keeper, Tied, Attention])
def test_the_program_is_that_of_the_whole_model(
    make: Callable[..., nn.Module], recorded: list[int]
) -> None:
    model = make(WIDTH, HIDDEN)
    loss, targets = (nn.cross_entropy, CLASSES) if make in SEVERAL else (nn.squared_error, NUMBERS)
    found, full = both_programs(model, loss)
    assert max(recorded) < len(model.parameters())
    assert statements_of(found.program) == statements_of(full.program)
    assert found.program.pieces == full.program.pieces
    assert found.program.arrays == full.program.arrays
    numbers = [parameter.data for parameter in model.parameters()]
    given = {0: np.array(numbers)}, {1: ROWS.T, 2: targets[None].astype(float)}
    for one, other in zip(found.run(*given), full.run(*given), strict=True):
        assert np.array_equal(one, other)


class Line(nn.Module):
    """Of one layer, and one output."""

    def __init__(self, width: int, hidden: int) -> None:
        self.W, (self.v,) = grid(hidden, width), grid(1, hidden)

    def hidden(self, x: Any) -> list[Any]:
        return [tg.tanh(dot(w, x)) for w in self.W]

    def __call__(self, x: Any) -> Any:
        return dot(self.v, self.hidden(x))


class Dark(Line):
    """Has another place at other sizes, where a condition holds that never does."""

    def __call__(self, x: Any) -> Any:
        h = self.hidden(x)
        return dot(self.v, h) + where(h[0] > 2.0, h[min(14, len(h) - 1)], 0.0)


class Stubborn(Line):
    """Insists on its width."""

    def __call__(self, x: Any) -> Any:
        assert len(x) == WIDTH
        return super().__call__(x)


class Convolved(nn.Module):
    """Has two weights less than inputs behind a convolution."""

    def __init__(self, width: int, hidden: int) -> None:
        self.kernel = grid(1, 3)[0]
        self.inner = Line(width - 2, hidden)

    def __call__(self, x: Any) -> Any:
        k = self.kernel
        return self.inner([dot(k, x[i : i + len(k)]) for i in range(len(x) - 2)])


class Ragged(Line):
    """Has parameters that are in no array of one shape."""

    def __init__(self, width: int, hidden: int) -> None:
        self.odd = [grid(1, 2)[0], grid(1, 3)[0]]
        super().__init__(width, hidden)

    def __call__(self, x: Any) -> Any:
        return super().__call__(x) + self.odd[0][1] * self.odd[1][2] * x[0]


class Remembers(Line):
    """Keeps what it computed, for others to look at."""

    def __call__(self, x: Any) -> Any:
        self.latest = self.hidden(x)
        return dot(self.v, self.latest)


@pytest.mark.parametrize(
    ("make", "whole"),
    [
        (Convolved, False),
        (Ragged, False),
        (Remembers, False),
        (Stubborn, False),
        (Dark, True),
    ],
)
def test_what_is_another_program_at_other_sizes_is_recorded_in_full(
    make: Callable[..., nn.Module], whole: bool, recorded: list[int]
) -> None:
    model = make(WIDTH, HIDDEN)
    names = list(vars(model))
    found, full = both_programs(model, nn.huber)
    assert found.program.statements == full.program.statements
    assert found.program.arrays == full.program.arrays
    assert str(found.program)
    assert (len(model.parameters()) in recorded) is whole
    assert list(vars(model)) == names


def test_training_is_that_of_the_eager_engine(recorded: list[int]) -> None:
    runs = []
    for engine in ("eager", "compiled"):
        model = Line(WIDTH, HIDDEN)
        optimizer = Adam(model.parameters(), lr=0.01)
        trainer = Trainer(model, nn.huber, optimizer, batch_size=4, l2=0.01, seed=0, engine=engine)
        history = trainer.fit(ROWS, NUMBERS, 2, validation=(ROWS[:3], NUMBERS[:3]), progress=False)
        runs.append([*history.cost, *history.validation_cost, *trainer.predict(ROWS)])
        runs[-1] += [parameter.data for parameter in model.parameters()]
    assert runs[1] == pytest.approx(runs[0], rel=1e-9, abs=1e-12)
    assert max(recorded) < len(model.parameters())
    program = trainer.program.programs[0]
    again = pickle.loads(pickle.dumps(trainer))
    again.step(ROWS, NUMBERS)
    assert str(again.program.programs[0].sizes) == str(program.sizes)
    assert again.program.programs[0].proved
    assert [(length.size, length.of[0]) for length in program.sizes.named] == [
        (WIDTH, "len(x)"),
        (HIDDEN, "len(model.W)"),
    ]
    assert str(program).endswith(f"proved at n = {WIDTH}, k = {HIDDEN}")
    assert "(k, n)" in next(line for line in str(program).splitlines() if line.startswith("W "))


def test_a_model_that_is_changed_is_compiled_anew() -> None:
    model = nn.MLP(WIDTH, [HIDDEN, 1], "tanh", seed=0)
    trainer = Trainer(model, nn.huber, Adam(model.parameters()), seed=0)
    trainer.fit(ROWS, NUMBERS, 1, progress=False)
    before = trainer.program.programs
    trainer.fit(ROWS, NUMBERS, 1, progress=False)
    assert all(a is b for a, b in zip(trainer.program.programs, before, strict=True))
    model.layers[0].neurons[HIDDEN - 1].activation = tg.sin
    trainer.fit(ROWS, NUMBERS, 1, progress=False)
    assert "sin" in str(trainer.program)


def test_mistakes_are_those_of_the_model_itself() -> None:
    model = Line(WIDTH, HIDDEN)
    with pytest.raises(ShapeError):
        model.predict(ROWS[:, 1:])
    assert model.predict(ROWS) == pytest.approx([model(row).data for row in ROWS.tolist()])
