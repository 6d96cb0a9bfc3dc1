"""``tinygrad-nn export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import console

__all__ = ["export"]


def export(
    model: Annotated[Path, typer.Argument(dir_okay=False, exists=True, help="A saved network.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", dir_okay=False, help="A .h file, of C99.")
    ],
    name: Annotated[
        str | None, typer.Option(help="What the function is called, if not as the file.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="float64 for double, float32 for float.")] = "float64",
) -> None:
    """Print a network as a header in C, which computes its outputs for one sample."""
    from ..exports import to_c
    from ..saved import Predictor, load

    found = load(model)
    network = found.network if isinstance(found, Predictor) else found
    to_c(network, output, name=name, dtype=dtype)
    console.print(f"wrote {output}", soft_wrap=True)
