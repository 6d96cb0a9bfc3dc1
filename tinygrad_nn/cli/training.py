"""``tinygrad-nn train``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from .console import console

if TYPE_CHECKING:
    from ..experiment import Experiment

__all__ = ["train"]


def train(
    data: Annotated[
        str, typer.Argument(help="breast-cancer, digits, iris, moons, xor, or a CSV file.")
    ],
    hidden: Annotated[
        str, typer.Option(help="Sizes of the hidden layers: 16, or 32,16, or ''.")
    ] = "16",
    epochs: Annotated[int, typer.Option(min=1, help="How often every sample is seen.")] = 30,
    lr: Annotated[float, typer.Option(help="The learning rate of Adam.")] = 0.01,
    batch_size: Annotated[int, typer.Option(min=1, help="Samples of one step.")] = 32,
    l2: Annotated[float, typer.Option(help="Weight of the sum of squares in the cost.")] = 0.0,
    activation: Annotated[
        str, typer.Option(help="relu, leaky_relu, tanh, sigmoid or identity.")
    ] = "relu",
    engine: Annotated[str, typer.Option(help="auto, compiled or eager.")] = "auto",
    backend: Annotated[str, typer.Option(help="auto, numpy or machine.")] = "auto",
    test_fraction: Annotated[float, typer.Option(help="Share of samples kept for testing.")] = 0.25,
    seed: Annotated[int, typer.Option(help="What all random choices depend on.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, writable=True, help="A folder for the model, its history and pictures."
        ),
    ] = None,
) -> None:
    """Train a network of scalar neurons, test it, prove its gradient, draw it."""
    from ..experiment import Experiment, Settings  # slow to import, and info does not need it

    experiment = Experiment(
        Settings(
            data=data,
            hidden=_sizes(hidden),
            epochs=epochs,
            lr=lr,
            batch_size=batch_size,
            l2=l2,
            activation=activation,
            engine=engine,
            backend=backend,
            test_fraction=test_fraction,
            seed=seed,
        )
    )
    if out is not None:
        experiment.prepare(out)  # what cannot be written is better known before the training
    console.print(
        f"{experiment.data}, {len(experiment.y)} to train and {len(experiment.y_test)} to test\n"
        f"{experiment.model}",
        soft_wrap=True,
    )
    history = experiment.fit()
    if history.stopped == "interrupted":
        console.print("Interrupted; what follows is what was reached.")
    if history.cost:
        count = len(history.cost)
        console.print(f"Cost after {count} epoch{'s' * (count != 1)}: {history.cost[-1]:.4g}")
    console.print(f"Test accuracy: {experiment.accuracy():.1%}")
    console.print("Test samples by class and prediction:")
    console.print(_confusion_table(experiment))
    console.print("Gradient of the trained network against finite differences:")
    report = experiment.check()
    console.print(str(report))
    if out is not None:
        for path in experiment.write(history, out):
            console.print(f"wrote {path}", soft_wrap=True)
    if not report:
        raise typer.Exit(1)


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise typer.BadParameter(f"{text!r} is no list of sizes: write 16, or 32,16")
    return sizes


def _confusion_table(experiment: Experiment) -> Table:
    table = Table()
    table.add_column("class")
    for name in experiment.classes:
        table.add_column(f"as {name}", justify="right")
    for name, row in zip(experiment.classes, experiment.confusion(), strict=True):
        table.add_row(name, *map(str, row))
    return table
