"""Random numbers that a recorded function draws are refused; those of other threads are theirs."""

from __future__ import annotations

import importlib
import itertools
import math
import operator
import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial, reduce
from operator import attrgetter
from typing import Any, ClassVar

import numpy as np
import pytest
from disturbed import disturbed

from tinygrad_nn import compile, nn
from tinygrad_nn.errors import TraceError
from tinygrad_nn.nn import init

SCALE = 2.0
GENERATOR = np.random.default_rng(0)
PYTHONS = random.Random(0)


def of_its_own() -> float:
    import random as hidden

    return hidden.random()


class Scaled:
    def __init__(self) -> None:
        self.factors = [2.0, SCALE]
        self.seen: list[Any] = []

    def twice(self, x: Any) -> Any:
        self.seen.append(x)
        return self.factors[1] * x


class Drawing:
    draw = random.random
    kept: ClassVar = {"draw": np.random.rand}

    def __call__(self, draw: Callable[[], float] = random.random) -> float:
        return draw()


@pytest.mark.parametrize(
    "draw",
    [
        random.random,
        lambda: random.choice([0.0, 1.0]),
        np.random.random,
        lambda: np.random.normal(size=2)[0],
        lambda: GENERATOR.random(),
        lambda: PYTHONS.gauss(0.0, 1.0),
        lambda: np.random.RandomState(np.random.randint(5)).rand(),
        lambda: next(iter(random.random, 2.0)),
        lambda: next(map(random.gauss, [0.0], [1.0])),
        partial(random.uniform, 1.0, 2.0),
        of_its_own,
        lambda: __import__("random").random(),
        lambda: eval("random.random()"),
        lambda: globals()["random"].random(),
        lambda: sys.modules["random"].random(),
        lambda: importlib.import_module("random").random(),
        lambda: getattr(np, "ran" + "dom").rand(),
        lambda: attrgetter("random")(np).rand(),
        lambda: np.random.Generator(np.random.mtrand._rand._bit_generator).random(),
        lambda: of_its_own.__globals__["random"].random(),
        lambda: statistics.NormalDist().samples(1)[0],
        lambda: init.random.random(),  # type: ignore[attr-defined]
        lambda: Drawing.draw(),
        lambda: Drawing.kept["draw"](),
        Drawing(),
    ],
)
@pytest.mark.parametrize("threads", [1, 2])
def test_random_numbers_are_refused_and_not_used_up(
    draw: Callable[[], float], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.active_count", lambda: threads)

    def state() -> Any:
        return repr((random.getstate(), np.random.get_state(), PYTHONS.getstate(),
                     GENERATOR.bit_generator.state))  # fmt: skip

    before = state()
    with pytest.raises(TraceError, match=r"draws random numbers.*hand the noise over as an arg"):
        compile(lambda x: x * (1.0 if draw() > 1e-300 else 0.0))(1.0)
    assert state() == before


@pytest.mark.parametrize(
    "draw",
    [
        lambda: random.Random().random(),
        lambda: random.Random(None).random(),
        lambda: random.SystemRandom().random(),
        lambda: np.random.default_rng().random(),
        lambda: np.random.Generator(np.random.PCG64()).random(),
        lambda: np.random.RandomState().rand(),
        lambda: random.seed() or 0.5,
    ],
)
def test_a_generator_without_a_seed_is_refused_where_it_is_made(draw: Callable[[], float]) -> None:
    state = random.getstate()
    with pytest.raises(TraceError, match=r"without a seed, at test_harmless\.py:\d+: lambda: "):
        compile(lambda x: x * draw())(1.0)
    random.setstate(state)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * SCALE,
        lambda x: sum(itertools.repeat(x, 3)) + math.pi * len(str(SCALE)),
        lambda x: np.dot([x, x], np.array([1.0, 2.0])),
        lambda x: Scaled().twice(x),
        lambda x: reduce(operator.mul, [x, SCALE]) + time.time() * 0,
        nn.MLP(1, [2, 1], seed=0),
    ],
)
def test_what_other_threads_draw_is_theirs(f: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = [1000]
    disturbed(monkeypatch, draws)
    random.seed(0)
    given = [[0.5]] if isinstance(f, nn.MLP) else [0.5]
    compile(lambda *given: f(*given))(*given)
    state = random.getstate()
    random.seed(0)
    assert [random.random() for _ in range(1000 - draws[0])]
    assert random.getstate() == state


def test_a_generator_with_a_seed_gives_the_same_each_time() -> None:
    def f(x: Any) -> Any:
        return x * random.Random(3).random() * np.random.default_rng(3).random()

    assert compile(f)(1.0) == f(1.0)
