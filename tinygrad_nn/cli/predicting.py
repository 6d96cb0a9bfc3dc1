"""``tinygrad-nn predict``."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from .console import TAB, console

__all__ = ["predict"]


def predict(
    model: Annotated[
        Path, typer.Argument(dir_okay=False, exists=True, help="What train has written.")
    ],
    data: Annotated[Path, typer.Argument(dir_okay=False, exists=True, help="A CSV file.")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="A CSV file; it is shown otherwise."),
    ] = None,
    delimiter: Annotated[
        str | None, typer.Option(help="The character between cells, or tab, if it is not found.")
    ] = None,
    decimal: Annotated[
        str | None, typer.Option(help="The character before decimals: . or a comma.")
    ] = None,
) -> None:
    """Predict the class or the number of each line of a CSV file, with a trained network."""
    from ..data.tables import read_table
    from ..errors import StateError
    from ..files import write_whole
    from ..saved import Predictor, load

    predictor = load(model)
    if not isinstance(predictor, Predictor) or predictor.columns is None:
        raise StateError(
            f"{model} holds a network, and not what its predictions need: write it with "
            "tinygrad-nn train --out, or with tinygrad_nn.save(trainer, path, data=, scaler=)"
        )
    table, notes = read_table(
        data,
        predictor.columns,
        delimiter="\t" if delimiter in TAB else delimiter,
        decimal=decimal,
        progress=output is not None,
    )
    outputs = predictor.outputs(table)
    columns = {"prediction": predictor.decide(outputs)}
    if predictor.has_probabilities:
        shares = list(zip(*predictor.probabilities(outputs), strict=True))
        for name, share in zip(predictor.classes or range(len(shares)), shares, strict=True):
            columns[f"probability of {name}"] = list(share)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    if output is None:
        print(stream.getvalue(), end="")
        return
    write_whole(output, stream.getvalue().encode())
    for note in notes:
        console.print(note, soft_wrap=True)
    console.print(f"Wrote {output}: {len(table):,} predictions", soft_wrap=True)
