"""What ``tinygrad-nn train`` tells, in plain words."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from .console import console

if TYPE_CHECKING:
    from ..check import Report
    from ..check.judge import Status
    from ..experiment import Experiment
    from ..train import History

__all__ = ["say_check", "say_files", "say_plan", "say_result"]

# What a derivative may be beside right and wrong.
VERDICTS: dict[Status, str] = {
    "kink": "stand at a corner of the cost, where the slopes of both sides fit",
    "edge": "stand at the edge of where the cost is defined",
    "inconclusive": "could not be told, as rounding hides so small a slope",
}
HOLDS = {
    "model.safetensors": "the network with all that its predictions need; "
    "tinygrad-nn predict, and tinygrad_nn.load, read it",
    "history.json": "the figures of every epoch",
    "cost.png": "the cost over the epochs",
    "architecture.png": "the network, layer by layer",
    "graph.png": "how the trained network computes the loss of one training sample",
}
SHOWN = 10  # names of classes


def say_plan(experiment: Experiment) -> None:
    """Tell what is to be learnt, by what."""
    data, learnt = experiment.data, len(experiment.y)
    features = len(data.feature_names)
    text = f"{data.name}: {len(data):,} samples of {features} feature{'s' * (features != 1)}"
    if experiment.classifies:
        names = ", ".join(data.target_names[:SHOWN])
        more = " ..." if len(data.target_names) > SHOWN else ""
        text += f", in {len(data.target_names)} classes: {names}{more}"
    else:
        text += ", and a number to predict for each"
    _say(text)
    for note in data.notes:
        _say(note)
    if experiment.is_split:
        _say(
            f"It learns from {learnt:,} samples, and is tested on the other "
            f"{len(experiment.y_test):,}, which it does not see."
        )
    else:
        _say(f"It learns from all {learnt} samples: they are too few to keep some for testing.")
    layers = experiment.model.layers
    units = [f"{len(layer.neurons)} {experiment.settings.activation}" for layer in layers[:-1]]
    shape = " -> ".join([f"{features} inputs", *units, f"{len(layers[-1].neurons)} output"])
    shape += "s" * (len(layers[-1].neurons) != 1)
    _say(f"Network: {shape}: {len(experiment.model.parameters()):,} parameters to learn")


def say_result(experiment: Experiment, history: History) -> None:
    """Tell what was learnt, and how good it is."""
    cost = history.cost
    if len(cost) > 1:
        _say(f"Learned: in {len(cost)} epochs the cost went from {cost[0]:.4g} to {cost[-1]:.4g}.")
    elif cost:
        _say(f"Learned: after 1 epoch the cost is {cost[0]:.4g}.")
    count = len(experiment.y_test)
    which = "that it had not seen" if experiment.is_split else "that it has learnt from"
    if not experiment.classifies:
        r2, error = experiment.errors()
        text = (
            f"Tested: the numbers of {count:,} samples {which} are missed by {error:.4g} on average"
        )
        if math.isfinite(r2):
            text += f"; {max(r2, 0.0):.1%} of their variance is explained (R2 = {r2:.3f})"
        _say(f"{text}.")
        return
    counts = experiment.confusion()
    right = sum(row[k] for k, row in enumerate(counts))
    _say(
        f"Tested: {right:,} of {count:,} samples {which} are predicted right: {right / count:.1%}."
    )
    _say("What they are (rows), and what they are taken for (columns):")
    table = Table()
    table.add_column()
    for name in experiment.classes:
        table.add_column(name, justify="right")
    for name, row in zip(experiment.classes, counts, strict=True):
        table.add_row(name, *map(str, row))
    console.print(table)


def say_check(report: Report) -> None:
    """Tell how many derivatives were compared with differences, and how many are right."""
    statuses = Counter(entry.status for entry in report.entries if entry.order == 1)
    looked_at, total = sum(statuses.values()), report.total
    which = f"all {total:,}" if report.looked_at == total else f"{report.looked_at} of {total:,}"
    directions = looked_at - report.looked_at
    text = f"Checked: the slopes of the cost by {which} parameters"
    if report.looked_at < total:
        text += ", chosen at random,"
    text += (
        f" and along {directions} random directions, against differences of the cost itself: "
        f"{statuses['ok']} of {looked_at} agree"
    )
    for status, meaning in VERDICTS.items():
        if statuses[status]:
            text += f"; {statuses[status]} {meaning}"
    _say(text + ("." if report else f"; {statuses['wrong']} are WRONG:"))
    if not report:
        console.print(str(report))


def say_files(paths: list[Path]) -> None:
    """Tell which files there are, and what they hold."""
    for path in paths:
        _say(f"Wrote {path}: {HOLDS[path.name]}")


def _say(text: str) -> None:
    console.print(text, soft_wrap=True)
