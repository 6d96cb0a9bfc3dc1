"""``tinygrad-nn train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import console
from .options import (
    Activation,
    Data,
    Decimal,
    Delimiter,
    Hidden,
    Index,
    Missing,
    Seed,
    Target,
    Task,
    TestFraction,
    Texts,
    sizes_of,
    table_options,
)
from .telling import say_check, say_files, say_plan, say_result

__all__ = ["train"]


def train(
    data: Data,
    hidden: Hidden = "16",
    epochs: Annotated[int, typer.Option(min=1, help="How often every sample is seen.")] = 30,
    lr: Annotated[float, typer.Option(help="The learning rate of Adam.")] = 0.01,
    batch_size: Annotated[int, typer.Option(min=1, help="Samples of one step.")] = 32,
    l2: Annotated[float, typer.Option(help="Weight of the sum of squares in the cost.")] = 0.0,
    activation: Activation = "relu",
    engine: Annotated[str, typer.Option(help="auto, compiled or eager.")] = "auto",
    backend: Annotated[str, typer.Option(help="auto, numpy or machine.")] = "auto",
    test_fraction: TestFraction = None,
    seed: Seed = 0,
    task: Task = "auto",
    target: Target = None,
    index: Index = None,
    texts: Texts = None,
    missing: Missing = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    out: Annotated[
        Path | None,
        typer.Option(
            file_okay=False, writable=True, help="A folder for the model, its history and pictures."
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the training in --out, as it was left.")
    ] = False,
) -> None:
    """Train a network of scalar neurons, test it, prove its gradient, draw it."""
    from ..experiment import Experiment, Settings  # slow to import, and info does not need it

    options = table_options(target, index, texts, missing, delimiter, decimal)
    if data.lower().endswith(".csv"):
        options["progress"] = True
    if data.lower().endswith(".safetensors"):
        raise typer.BadParameter(
            f"{data} is a model or a checkpoint, and no data: to go on with a training give its data "
            "again, and --resume --out with its folder"
        )
    experiment = Experiment(
        Settings(
            data=data,
            hidden=sizes_of(hidden),
            epochs=epochs,
            lr=lr,
            batch_size=batch_size,
            l2=l2,
            activation=activation,
            engine=engine,
            backend=backend,
            test_fraction=test_fraction,
            seed=seed,
            task=task,
            options=options,
        )
    )
    if out is not None:
        experiment.prepare(out)  # what cannot be written is better known before the training
    if resume:
        if out is None:
            raise typer.BadParameter(
                "--resume needs --out, the folder of the training to go on with"
            )
        experiment.resume(out)
    say_plan(experiment)
    history = experiment.fit(folder=out)
    if history.stopped == "interrupted":
        console.print("Interrupted; what follows is what was reached.")
    say_result(experiment, history)
    report = experiment.check()
    say_check(report)
    if out is not None:
        say_files(experiment.write(history, out))
    if not report:
        raise typer.Exit(1)
