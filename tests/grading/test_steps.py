from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.engines import RIGHT
from tinygrad_nn import Value, grade_step
from tinygrad_nn.errors import ArgumentTypeError
from tinygrad_nn.optim import SGD

Step = Callable[[list[Any], Callable[[], Any], float], object]


def zeros(parameters: list[Any]) -> None:
    for p in parameters:
        p.grad = 0.0


def update(parameters: list[Any], rate: float) -> None:
    for p in parameters:
        p.data -= rate * p.grad


def right(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters)
    cost().backward()
    update(parameters, rate)


def reset_last(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    cost().backward()
    update(parameters, rate)
    zeros(parameters)


def by_optimizer(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    optimizer = SGD(parameters, lr=rate)
    optimizer.zero_grad()
    cost().backward()
    optimizer.step()


@pytest.mark.parametrize("step", [right, reset_last, by_optimizer])
def test_a_right_step_passes(step: Step) -> None:
    found = grade_step(step)
    assert found.passed, str(found)
    assert found.agreed == found.tried


def no_reset(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    cost().backward()
    update(parameters, rate)


def upwards(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    right(parameters, cost, -rate)


def update_first(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    update(parameters, rate)
    zeros(parameters)
    cost().backward()


def forward_then_update(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    found = cost()
    update(parameters, rate)
    zeros(parameters)
    found.backward()


def reset_between(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    cost().backward()
    zeros(parameters)
    update(parameters, rate)


def rebinds(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters)
    cost().backward()
    for p in parameters:
        p = p - rate * p.grad


def no_backward(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters)
    cost()
    update(parameters, rate)


def no_rate(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    right(parameters, cost, 1.0)


def one_only(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters)
    cost().backward()
    update(parameters[:1], rate)


def own_rate(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    right(parameters, cost, 0.01)


def every_other(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters)
    cost().backward()
    update(parameters[::2], rate)


def twice(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters)
    cost().backward()
    cost().backward()
    update(parameters, rate)


def in_one_loop(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    for p in parameters:
        p.grad = 0
        cost().backward()
        update([p], rate)


def resets_the_last(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
    zeros(parameters[-1:])
    cost().backward()
    update(parameters, rate)


def old_graph() -> Step:
    kept: list[Any] = []

    def step(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
        kept.extend([cost()] if not kept else [])
        zeros(parameters)
        kept[0].backward()
        update(parameters, rate)

    return step


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (no_reset, "not set to 0"),
        (upwards, "sign of the update is wrong"),
        (update_first, "update comes before backward"),
        (forward_then_update, "update comes before backward"),
        (reset_between, "gradients are 0 when it comes"),
        (rebinds, "does not get into the parameters' .data"),
        (no_backward, "backward is not called"),
        (no_rate, "learning rate is left out"),
        (one_only, "Only the first parameter"),
        (own_rate, "takes 0.01 times the gradient"),
        (every_other, "second parameter is not updated"),
        (twice, "counts twice"),
        (in_one_loop, "stand in one loop"),
        (resets_the_last, "Only the gradient of the last parameter"),
        (old_graph(), "not computed anew"),
    ],
)
def test_a_mistake_is_named(step: Step, sentence: str) -> None:
    found = grade_step(step)
    (finding,) = found.findings
    assert sentence in finding.sentence
    assert len(finding.hints) == 3
    assert finding.theirs != finding.right


def test_numbers_of_their_own_and_errors() -> None:
    assert grade_step(right, kind=RIGHT["closures"]).passed

    def raises(parameters: list[Any], cost: Callable[[], Any], rate: float) -> None:
        raise ZeroDivisionError("nothing there")

    assert "ZeroDivisionError: nothing there" in str(grade_step(raises))
    with pytest.raises(ArgumentTypeError, match="must be a function"):
        grade_step(Value(1.0))  # type: ignore[arg-type]
