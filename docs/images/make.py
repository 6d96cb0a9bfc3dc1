"""Make the pictures of the documentation again: ``python docs/images/make.py``."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from tinygrad_nn import (
    Value,
    compile,
    draw,
    explain,
    mean,
    minimize,
    nn,
    sigmoid,
    tanh,
    value_and_grad,
)
from tinygrad_nn.drawing import Drawing
from tinygrad_nn.extras import load_extra
from tinygrad_nn.optim import Descent

FOLDER = Path(__file__).parent


def neuron() -> tuple[Value, Value]:
    """Compute one neuron with two inputs, and its gradient; give its output and a weight."""
    x1, x2 = Value(2.0, label="x1"), Value(-1.0, label="x2")
    w1, w2, b = Value(0.5, label="w1"), Value(1.0, label="w2"), Value(-0.25, label="b")
    z = w1 * x1 + w2 * x2 + b
    z.label = "z"
    a = sigmoid(z)
    a.label = "a"
    a.backward()
    return a, w1


def path_of_weight() -> Drawing:
    """Draw the path by which a weight enters the neuron, and what flows back along it."""
    a, w = neuron()
    chosen = explain(a, w).paths[0]
    return draw(a, derivatives=True, flow=True, highlight=chosen, dark=True)


def layer(w: list[list[Any]], x: list[Any], b: list[Any]) -> list[Any]:
    """Compute a layer in loops over single numbers: what both pictures of it show."""
    return [tanh(w_j[0] * x[0] + w_j[1] * x[1] + b_j) for w_j, b_j in zip(w, b, strict=True)]


def cost(w: list[list[Any]], x: list[Any], b: list[Any]) -> Any:
    """Add up the squares of a layer's outputs."""
    return sum(a * a for a in layer(w, x, b))


def scalars() -> Drawing:
    """Draw a layer of three neurons, number by number."""
    w = [[Value(0.1 * (2 * j + k), label=f"w{j}{k}") for k in range(2)] for j in range(3)]
    x = [Value(1.0, label="x0"), Value(-2.0, label="x1")]
    b = [Value(0.0, label=f"b{j}") for j in range(3)]
    return draw(cost(w, x, b))


def matrices() -> Drawing:
    """Draw what compiling makes of the same layer and its gradient."""
    compiled = compile(value_and_grad(cost))
    compiled([[0.0, 0.1], [0.2, 0.3], [0.4, 0.5]], [1.0, -2.0], [0.0, 0.0, 0.0])
    return draw(compiled)


def shared() -> Drawing:
    """Draw a number that is used three times."""
    x = Value(3.0, label="x")
    y = x * x + x
    y.label = "y"
    y.backward()
    return draw(y, derivatives=True)


def loss_of_network() -> tuple[Value, nn.MLP]:
    """Compute the loss of one sample, and its gradient."""
    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)
    x = [Value(0.5, label="x1"), Value(-1.0, label="x2")]
    loss = nn.binary_cross_entropy_with_logits(model(x), 1)
    loss.label = "L"
    loss.backward()
    return loss, model


def cost_of_samples() -> tuple[Value, nn.MLP]:
    """Compute the cost of a hundred samples, and its gradient."""
    rng = random.Random(0)
    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)
    X = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(100)]
    losses = [nn.binary_cross_entropy_with_logits(model(x), int(x[0] > x[1])) for x in X]
    total = mean(losses)
    total.label = "J"
    total.backward()
    return total, model


def descents() -> list[tuple[float, Descent]]:
    """Walk down (x - 3)^2 + 1 with learning rates too small, good and too large."""
    rates = (0.01, 0.25, 0.9, 1.05)
    return [(lr, minimize(lambda x: (x - 3) ** 2 + 1, 0.0, lr=lr, max_steps=12)) for lr in rates]


def plot_descents(path: Path) -> None:
    """Plot the steps of each walk on the curve of the function."""
    figure = load_extra("matplotlib.figure", "plot", "plotting").Figure(
        figsize=(10, 2.8), layout="constrained"
    )
    grid = [k / 20 for k in range(-60, 181)]
    for axes, (lr, walk) in zip(figure.subplots(1, 4, sharey=True), descents(), strict=True):
        axes.plot(grid, [(x - 3) ** 2 + 1 for x in grid], color="0.75")
        axes.plot(walk.path, walk.values, "o-", color="#0072B2", markersize=4, linewidth=1)
        axes.set(title=f"α = {lr:g}", xlabel="x", xlim=(-3, 9), ylim=(0, 37))
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Write every picture beside this file."""
    draw(neuron()[0], derivatives=True).save(FOLDER / "neuron.svg")
    scalars().save(FOLDER / "scalars.svg")
    matrices().save(FOLDER / "matrices.svg")
    shared().save(FOLDER / "shared.svg")
    draw(nn.MLP(2, [4, 4, 1], activation="tanh")).save(FOLDER / "network.svg")
    loss, model = loss_of_network()
    draw(loss, model=model, depth=1).save(FOLDER / "layers.svg")
    draw(loss, model=model, depth=2).save(FOLDER / "units.svg")
    draw(loss, model=model, depth=3, color="gradient").save(FOLDER / "inside.svg")
    total, model = cost_of_samples()
    draw(total, model=model, depth=2).save(FOLDER / "samples.svg")
    path_of_weight().save(FOLDER / "path.svg")
    plot_descents(FOLDER / "learning_rates.svg")


if __name__ == "__main__":
    main()
