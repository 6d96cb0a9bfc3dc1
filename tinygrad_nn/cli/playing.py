"""``tinygrad-nn playground``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from ..experiment import Experiment

__all__ = ["playground"]


def playground(
    data: Data,
    hidden: Hidden = "16",
    lr: Annotated[float, typer.Option(help="The learning rate at first.")] = 0.1,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Samples of one step at first; all if left out.")
    ] = None,
    activation: Activation = "tanh",
    test_fraction: TestFraction = None,
    seed: Seed = 0,
    task: Task = "auto",
    target: Target = None,
    index: Index = None,
    texts: Texts = None,
    missing: Missing = None,
    delimiter: Delimiter = None,
    decimal: Decimal = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", dir_okay=False, help="An .html file.")
    ] = Path("playground.html"),
) -> None:
    """Write a page that trains a network on the data, in a browser and offline."""
    from ..experiment import Experiment, Settings  # slow to import, and info does not need it
    from ..viewing import playground as write

    experiment = Experiment(
        Settings(
            data=data,
            hidden=sizes_of(hidden),
            activation=activation,
            test_fraction=test_fraction,
            seed=seed,
            task=task,
            options=table_options(target, index, texts, missing, delimiter, decimal),
        )
    )
    page = write(
        experiment.model,
        experiment.X,
        experiment.y,
        loss=experiment.loss,
        validation=(experiment.X_test, experiment.y_test) if experiment.is_split else None,
        lr=lr,
        batch_size=batch_size,
        features=experiment.data.feature_names,
        note=_note(experiment),
        path=output,
    )
    console.print(f"wrote {page.path}", soft_wrap=True)


def _note(experiment: Experiment) -> str:
    """Say what the numbers are that the network learns from."""
    scaler, targets = experiment.scaler, experiment.target_scaler
    lines = [
        "Each feature x is scaled: (x - mean) / scale.",
        f"mean = {list(scaler.mean)}",
        f"scale = {list(scaler.scale)}",
    ]
    if targets is not None:
        (mean,), (scale,) = targets.mean, targets.scale
        lines.append(f"So is the target, with mean = {mean!r} and scale = {scale!r}.")
    else:
        names = [f"{k} {name}" for k, name in enumerate(experiment.classes)]
        lines.append(f"Classes: {', '.join(names)}.")
    return "\n".join(lines)
