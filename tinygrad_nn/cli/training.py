"""``tinygrad-nn train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from .console import TAB, console
from .telling import say_check, say_files, say_plan, say_result

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
    test_fraction: Annotated[
        float | None,
        typer.Option(help="Share of samples kept for testing: 0.25, or none of a handful."),
    ] = None,
    seed: Annotated[int, typer.Option(help="What all random choices depend on.")] = 0,
    task: Annotated[
        str, typer.Option(help="classification or regression, if the targets do not say.")
    ] = "auto",
    target: Annotated[
        str | None, typer.Option(help="The column to predict, if it is not the last.")
    ] = None,
    index: Annotated[
        list[str] | None, typer.Option(help="A column that is no feature; may come again.")
    ] = None,
    texts: Annotated[
        list[str] | None, typer.Option(help="A column of kinds that look like numbers.")
    ] = None,
    missing: Annotated[
        str | None, typer.Option(help="What is done where a cell is missing: refuse, drop, fill.")
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="The character between cells, or tab, if it is not found.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="The character before decimals: . or a comma.")
    ] = None,
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

    table = {
        "target": target,
        "delimiter": "\t" if delimiter in TAB else delimiter,
        "decimal": decimal,
        "index": index,
        "texts": texts,
        "missing": missing,
    }
    options: dict[str, Any] = {name: value for name, value in table.items() if value}
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


def _sizes(text: str) -> tuple[int, ...]:
    try:
        sizes = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise typer.BadParameter(f"{text!r} is no list of sizes: write 16, or 32,16")
    return sizes
