"""What a training and a compiled function hold on to, and what may change under them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tinygrad_nn import Value, compile, custom, grad, nn, relu, where
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer


class Margin:
    scale = 1.0

    def __init__(self) -> None:
        self.width = 1.0

    def __call__(self, score: Any, y: Any) -> Any:
        return self.scale * relu(self.width - y * score)


@pytest.mark.parametrize("name", ["width", "scale"])
def test_settings_of_a_loss_that_change_between_steps_count(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for engine in ("eager", "compiled"):
        monkeypatch.setattr(Margin, "scale", 1.0)
        model, loss = nn.MLP(1, [1], seed=0), Margin()
        trainer = Trainer(model, loss, GradientDescent(model.parameters(), 0.1), engine=engine)
        first = trainer.step([[1.0]], [-1.0])
        setattr(loss if name == "width" else Margin, name, 5.0)
        results.append([first, trainer.step([[1.0]], [-1.0])])
    assert results[1] == pytest.approx(results[0], rel=1e-12)


def test_a_parameter_that_is_replaced_needs_a_new_optimizer() -> None:
    model = nn.MLP(1, [1])
    optimizer = GradientDescent(model.parameters(), 0.1)
    trainer = Trainer(model, nn.squared_error, optimizer, engine="compiled")
    trainer.step([[1.0]], [1.0])
    model.layers[0].neurons[0].w[0] = Value(1.0)
    with pytest.raises(ArgumentError, match="moves what is no parameter"):
        trainer.step([[1.0]], [1.0])
    trainer.optimizer = GradientDescent(model.parameters(), 0.1)
    assert trainer.step([[1.0]], [1.0]) >= 0.0


@pytest.mark.parametrize("batch", [(), ("x",)])
def test_an_operation_may_call_the_function_that_it_is_part_of(batch: Any) -> None:
    def below(x: float) -> float:
        found = f([x - 1.0])[0] if batch else f(x - 1.0)
        return float(found)

    step = custom(lambda x: 2.0 * x if x <= 0.0 else below(x), lambda x, z: 1.0)
    f = compile(lambda x: step(x) + 1.0, batch=batch)
    assert f([3.0, 1.0]) == [4.0, 2.0] if batch else f(3.0) == 4.0


def test_every_operand_has_a_safe_point_in_branches() -> None:
    rule = custom(
        lambda x, y, u: x + y + math.log(u),
        [lambda x, y, u, z: 1.0, lambda x, y, u, z: 1.0, lambda x, y, u, z: 1.0 / u],
    )
    f = compile(grad(lambda u: where(u > 0, lambda: rule(1.0, 2.0, u), 0.0)))
    assert [f(0.0), f(-1.0), f(2.0)] == [0.0, 0.0, 0.5]
