"""Optimisers and schedules."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import Value, optim
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, RangeError

START = [1.0, -2.0, 0.5]
CURVATURE = [1.0, 3.0, 0.2]


def gradient(a: Any) -> Any:
    """The gradient of sum_i c_i a_i^2 / 2 + sin a_i."""
    return np.array(CURVATURE) * a + np.cos(a)


def run(make: Callable[[list[Value]], optim.Optimizer], steps: int) -> list[float]:
    leaves = [Value(a) for a in START]
    optimizer = make(leaves)
    for _ in range(steps):
        optimizer.zero_grad()
        terms = [0.5 * c * a * a + tg.sin(a) for c, a in zip(CURVATURE, leaves, strict=True)]
        tg.add(terms).backward()
        optimizer.step()
    return [leaf.data for leaf in leaves]


def reference_sgd(steps: int, lr: Any, momentum: float, decay: float, nesterov: bool) -> Any:
    a, v = np.array(START), np.zeros(3)
    for step in range(steps):
        g = gradient(a) + decay * a
        v = momentum * v + g
        a = a - lr(step) * (g + momentum * v if nesterov else v)
    return a


def reference_adam(steps: int, lr: float, betas: Any, eps: float, decay: float) -> Any:
    a, m, v = np.array(START), np.zeros(3), np.zeros(3)
    for t in range(1, steps + 1):
        g = gradient(a) + decay * a
        m = betas[0] * m + (1 - betas[0]) * g
        v = betas[1] * v + (1 - betas[1]) * g**2
        a = a - lr * (m / (1 - betas[0] ** t)) / (np.sqrt(v / (1 - betas[1] ** t)) + eps)
    return a


def test_gradient_descent_has_a_closed_form() -> None:
    a = Value(3.0)
    optimizer = optim.GradientDescent([a], lr=0.1)
    for n in range(1, 30):
        optimizer.zero_grad()
        (a * a).backward()
        optimizer.step()
        assert a.data == pytest.approx((1 - 2 * 0.1) ** n * 3.0, rel=1e-12)


def test_gradient_descent_on_several_numbers() -> None:
    found = run(lambda p: optim.GradientDescent(p, lr=0.1), 20)
    assert found == pytest.approx(reference_sgd(20, lambda _: 0.1, 0.0, 0.0, False), rel=1e-12)


SGDS = [(0.0, 0.0, False), (0.9, 0.0, False), (0.9, 0.01, False), (0.8, 0.01, True)]


@pytest.mark.parametrize(("momentum", "decay", "nesterov"), SGDS)
def test_sgd(momentum: float, decay: float, nesterov: bool) -> None:
    schedule = optim.step_decay(0.1, every=5, factor=0.5)
    found = run(lambda p: optim.SGD(p, schedule, momentum, decay, nesterov), 20)
    expected = reference_sgd(20, lambda step: 0.1 * 0.5 ** (step // 5), momentum, decay, nesterov)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.8), (0.0, 0.9)])
def test_adam(betas: tuple[float, float], decay: float) -> None:
    found = run(lambda p: optim.Adam(p, 0.05, betas, 1e-6, decay), 20)
    assert found == pytest.approx(reference_adam(20, 0.05, betas, 1e-6, decay), rel=1e-11)


def test_adams_first_step_is_the_learning_rate() -> None:
    a = Value(1.0)
    a.grad = 1e-3
    optim.Adam([a], lr=0.25, eps=0.0).step()
    assert a.data == pytest.approx(0.75, rel=1e-12)


@pytest.mark.parametrize(("momentum", "decay", "nesterov"), SGDS)
def test_sgd_is_torchs(momentum: float, decay: float, nesterov: bool) -> None:
    torch = pytest.importorskip("torch")
    check_torch(
        lambda p: optim.SGD(p, 0.1, momentum, decay, nesterov),
        lambda p: torch.optim.SGD(
            p, lr=0.1, momentum=momentum, weight_decay=decay, nesterov=nesterov
        ),
    )


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam_is_torchs(decay: float) -> None:
    torch = pytest.importorskip("torch")
    check_torch(
        lambda p: optim.Adam(p, 0.05, weight_decay=decay),
        lambda p: torch.optim.Adam(p, lr=0.05, weight_decay=decay),
    )


def check_torch(ours: Any, theirs: Any) -> None:
    torch = pytest.importorskip("torch")
    a = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = theirs([a])
    for _ in range(25):
        optimizer.zero_grad()
        (0.5 * torch.tensor(CURVATURE, dtype=a.dtype) * a * a + torch.sin(a)).sum().backward()
        optimizer.step()
    assert run(ours, 25) == pytest.approx(a.tolist(), rel=1e-9)


@pytest.mark.parametrize(
    "rule", [optim.SGD, optim.Adam, optim.AdamW, optim.RMSprop, optim.GradientDescent]
)
def test_the_rule_is_arithmetic_on_values_too(rule: Any) -> None:
    optimizer = rule([Value(0.0)], lr=0.1)
    state = tuple(0.5 + k for k in range(len(optimizer.initial_state)))
    expected, after = optimizer.rule(2.0, 3.0, state, 0.1, 4)
    leaves = [Value(2.0), Value(3.0), *map(Value, state), Value(0.1)]
    a, g, *values, lr = leaves
    found, values_after = optimizer.rule(a, g, tuple(values), lr, 4)
    assert (found.data, *[v.data for v in values_after]) == (expected, *after)
    found.backward()
    assert a.grad == pytest.approx(1.0, abs=0.01)  # the next number of a moves with a


def test_state_can_be_seen_and_forgotten() -> None:
    a = Value(1.0)
    optimizer = optim.Adam([a, a], lr=optim.constant(0.1))
    assert optimizer.parameters == [a]  # each once
    assert (optimizer.steps, optimizer.state) == (0, [(0.0, 0.0)])
    a.grad = 2.0
    optimizer.step()
    assert optimizer.steps == 1
    assert optimizer.state == [(pytest.approx(0.2), pytest.approx(0.004))]
    assert repr(optimizer) == "Adam(parameters=1, lr=0.1, steps=1)"
    optimizer.zero_grad()
    assert a.grad == 0.0
    optimizer.reset()
    assert (optimizer.steps, optimizer.state) == (0, [(0.0, 0.0)])


@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e308])
def test_a_step_to_infinity_moves_nothing(bad: float) -> None:
    leaves = [Value(1.0), Value(1e308, label="w")]
    for make in (optim.GradientDescent, optim.SGD, optim.Adam):
        optimizer = make(leaves, lr=10.0)
        leaves[0].grad, leaves[1].grad = 1.0, -bad
        with pytest.raises(RangeError, match=r"parameters\[1\] \(w\).*lower the learning rate"):
            optimizer.step()
        assert [leaf.data for leaf in leaves] == [1.0, 1e308]
        assert optimizer.steps == 0
        assert optimizer.state == [optimizer.initial_state] * 2


class Interrupting:
    """In a parameter's place: Ctrl-C when its number is about to be set."""

    def __init__(self, data: float) -> None:
        self.data, self.grad, self.armed = data, 1.0, True

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "data" and getattr(self, "armed", False):
            self.armed = False
            raise KeyboardInterrupt
        super().__setattr__(name, value)


def test_ctrl_c_in_an_update_moves_nothing() -> None:
    optimizer = optim.SGD([Value(1.0), Value(2.0), Value(3.0)], lr=0.1, momentum=0.9)
    leaves: list[Any] = optimizer.parameters
    leaves[1] = Interrupting(2.0)
    for leaf in leaves:
        leaf.grad = 1.0
    with pytest.raises(KeyboardInterrupt):
        optimizer.step()
    assert [leaf.data for leaf in leaves] == [1.0, 2.0, 3.0]
    assert (optimizer.steps, optimizer.state) == (0, [(0.0,)] * 3)
    optimizer.step()
    assert [leaf.data for leaf in leaves] == pytest.approx([0.9, 1.9, 2.9])


def test_ctrl_c_at_the_end_of_an_update_moves_nothing() -> None:
    class Counting(optim.SGD):
        def __setattr__(self, name: str, value: Any) -> None:
            if name == "steps" and value == 1:
                raise KeyboardInterrupt
            super().__setattr__(name, value)

    a = Value(1.0)
    a.grad = 1.0
    optimizer = Counting([a], lr=0.1, momentum=0.9)
    with pytest.raises(KeyboardInterrupt):
        optimizer.step()
    assert (a.data, optimizer.steps, optimizer.state) == (1.0, 0, [(0.0,)])


def test_a_schedule_that_fails_moves_nothing() -> None:
    a = Value(1.0)
    optimizer = optim.GradientDescent([a], lr=lambda step: 0.1 if step < 1 else -1.0)
    a.grad = 1.0
    optimizer.step()
    with pytest.raises(ArgumentError, match=r"lr\(1\) is -1.0"):
        optimizer.step()
    assert a.data == 0.9


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda a: optim.SGD([a], lr=-0.1), "lr is -0.1"),
        (lambda a: optim.SGD([a], lr=math.inf), "lr is inf"),
        (lambda a: optim.SGD([a], lr="fast"), "lr must be a number"),
        (lambda a: optim.SGD([a], 0.1, momentum=1.0), "momentum is 1.0"),
        (lambda a: optim.SGD([a], 0.1, weight_decay=-1.0), "weight_decay is -1.0"),
        (lambda a: optim.Adam([a], betas=(0.9, 1.0)), r"betas\[1\] is 1.0"),
        (lambda a: optim.Adam([a], eps=-1.0), "eps is -1.0"),
        (lambda a: optim.SGD([], 0.1), "parameters is empty"),
        (lambda a: optim.SGD([1.0], 0.1), r"parameters\[0\] is 1.0"),
        (lambda a: optim.SGD([a, a * 2], 0.1), r"parameters\[1\]"),
        (lambda a: optim.SGD(a, 0.1), r"model.parameters\(\)"),
        (lambda a: optim.step_decay(0.1, every=0), "every is 0"),
        (lambda a: optim.cosine(0.1, steps=0), "steps is 0"),
        (lambda a: optim.warmup(0.1, steps=0), "steps is 0"),
        (lambda a: optim.constant(math.nan), "lr is nan"),
    ],
)
def test_bad_arguments(make: Any, words: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
        make(Value(1.0))


@given(step=st.integers(0, 300))
def test_schedules(step: int) -> None:
    assert optim.constant(0.3)(step) == 0.3
    assert optim.step_decay(0.3, 50, 0.5)(step) == pytest.approx(0.3 * 0.5 ** (step // 50))
    t = min(step, 200) / 200
    half = 0.1 + 0.2 * (1 + math.cos(math.pi * t)) / 2
    assert optim.cosine(0.3, 200, final=0.1)(step) == pytest.approx(half)
    warm = optim.warmup(optim.cosine(0.3, 200, final=0.1), 10)(step)
    if step < 10:
        assert warm == pytest.approx(0.3 * (step + 1) / 11)
    else:
        assert warm == optim.cosine(0.3, 200, final=0.1)(step - 10)


SCHEDULES = [
    optim.constant(0.1),
    optim.step_decay(0.8, every=2, factor=0.5),
    optim.cosine(0.2, steps=10, final=0.01),
    optim.warmup(0.1, steps=4),
    optim.warmup(optim.cosine(0.2, steps=10), steps=3),
]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_an_optimizer_is_pickled_with_its_schedule(schedule: Any) -> None:
    for make in (optim.GradientDescent, optim.SGD, optim.Adam):
        optimizer = make([Value(1.0)], lr=schedule)
        optimizer.step()
        again = pickle.loads(pickle.dumps(optimizer))
        assert [again.lr(step) for step in range(20)] == [schedule(step) for step in range(20)]
        assert copy.deepcopy(optimizer).steps == again.steps == 1


def test_groups_of_parameters_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"parameters\[0\] is {.*give model.parameters"):
        optim.SGD([{"params": [Value(1.0)]}], lr=0.1)  # type: ignore[list-item]
    with pytest.raises(ArgumentTypeError, match=r"betas is 0.9: expected two numbers"):
        optim.Adam([Value(1.0)], betas=0.9)  # type: ignore[arg-type]
