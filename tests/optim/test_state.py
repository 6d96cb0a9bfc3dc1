"""Optimisers and schedules as plain data, and back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tinygrad_nn import Value, optim
from tinygrad_nn.errors import StateError

SCHEDULES: list[Any] = [
    0.25,
    optim.constant(0.1),
    optim.step_decay(0.8, every=2, factor=0.5),
    optim.cosine(0.2, steps=10, final=0.01),
    optim.warmup(optim.cosine(0.2, steps=10), steps=3),
    optim.warmup(0.1, steps=4),
]
OPTIMIZERS: list[tuple[Any, dict[str, Any]]] = [
    (optim.GradientDescent, {}),
    (optim.SGD, {"momentum": 0.9, "weight_decay": 0.1, "nesterov": True}),
    (optim.Adam, {"betas": (0.8, 0.9), "eps": 1e-6}),
    (optim.AdamW, {"weight_decay": 0.1}),
    (optim.RMSprop, {"momentum": 0.5, "centered": True}),
]


def steps(optimizer: optim.Optimizer, count: int) -> list[float]:
    for _ in range(count):
        for parameter in optimizer.parameters:
            parameter.grad = parameter.data + 0.1
        optimizer.step()
    return [parameter.data for parameter in optimizer.parameters]


@pytest.mark.parametrize(("place", "kind", "options"), [(i, *o) for i, o in enumerate(OPTIMIZERS)])
def test_it_goes_on_to_the_last_bit(place: int, kind: Any, options: dict[str, Any]) -> None:
    for schedule in (SCHEDULES[place], SCHEDULES[place + 1]):
        optimizer = kind([Value(1.0), Value(-0.5)], lr=schedule, **options)
        numbers = steps(optimizer, 3)
        text = json.dumps(optimizer.state_dict())
        again = optim.restored(map(Value, numbers), json.loads(text))
        assert type(again) is kind
        assert vars(again) == vars(optimizer) | {
            "parameters": again.parameters,
            "lr": again.lr,
        }
        assert json.dumps(again.state_dict()) == text
        assert steps(again, 9) == steps(optimizer, 9)


class Sign(optim.Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * (g > 0), ()


def test_an_optimizer_of_ones_own() -> None:
    one, other = Sign([Value(1.0)], 0.1), Sign([Value(2.0)], 0.5)
    one.step()
    other.load_state_dict(one.state_dict())
    assert (other.lr, other.steps) == (0.1, 1)
    with pytest.raises(StateError, match=r"'Sign': expected one of LBFGS, SGD, .*load_state_dict"):
        optim.restored([Value(1.0)], one.state_dict())


def saved(**changed: Any) -> dict[str, Any]:
    state = optim.SGD([Value(1.0)], 0.1, momentum=0.9).state_dict()
    settings = changed.pop("settings", {})
    return state | {"settings": state["settings"] | settings} | changed


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({}, "lacks the entry 'optimizer'"),
        ([], "lacks the entry 'optimizer'"),
        (saved(optimizer="Adam"), r"state is of 'Adam' and the optimizer is SGD\("),
        (saved(settings={"speed": 1.0}), "expected those of SGD: lr, momentum"),
        (saved(settings={"lr": -1.0}), "lr is -1.0"),
        (saved(settings={"lr": "fast"}), "lr must be a number"),
        (saved(settings={"lr": {"schedule": "cosine"}}), "lacks the entry 'arguments'"),
        (saved(settings={"lr": {"schedule": "sine", "arguments": []}}), "a schedule of constant, "),
        (
            saved(settings={"lr": {"schedule": "cosine", "arguments": [0.1]}}),
            "no schedule 'cosine'",
        ),
        (saved(settings={"lr": {"schedule": "cosine", "arguments": [0.1, 0]}}), "steps is 0"),
        (saved(steps=-1), r"state\['steps'\] is -1"),
        (saved(steps=1.5), r"state\['steps'\] is 1.5"),
        (saved(state=[]), "expected 1 numbers for each of 1 parameters"),
        (saved(state=[[1.0, 2.0]]), "expected 1 numbers for each of 1 parameters"),
        (saved(state=[["a"]]), r"state\['state'\]\[0\] is \['a'\]: expected finite numbers"),
        (saved(state=[[float("nan")]]), "expected finite numbers"),
    ],
)
def test_what_does_not_fit_changes_nothing(state: Any, words: str) -> None:
    optimizer = optim.SGD([Value(1.0)], 0.5)
    before = dict(vars(optimizer))
    with pytest.raises(StateError, match=words):
        optimizer.load_state_dict(state)
    assert vars(optimizer) == before


def test_a_schedule_of_ones_own_cannot_be_written() -> None:
    optimizer = optim.GradientDescent([Value(1.0)], lambda step: 0.1)
    with pytest.raises(StateError, match=r"GradientDescent.lr is <function .*a schedule of"):
        optimizer.state_dict()
