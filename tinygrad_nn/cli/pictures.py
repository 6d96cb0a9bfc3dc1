"""``tinygrad-nn plot`` and ``tinygrad-nn draw``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import ArgumentError, DomainError
from .console import console

__all__ = ["draw", "plot"]


def plot(
    name: Annotated[str, typer.Argument(help="network, descent, surface, boundary ...")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="A .png, .svg, .pdf or .gif file."),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light colours on black.")] = False,
) -> None:
    """Draw an example of a figure: the name may be any of the guide's page of figures."""
    from ..plotting.catalogue import plot_by_name  # slow to import, and info does not need it

    console.print(f"wrote {plot_by_name(name, output, dark=dark)}", soft_wrap=True)


def draw(
    formula: Annotated[str, typer.Argument(help='As "tanh(a*b + c)".')],
    numbers: Annotated[
        list[str] | None, typer.Argument(help="A number for each name: a=2 b=-3.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="An .svg, .png, .pdf or .dot file."),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light colours on black.")] = False,
) -> None:
    """Draw the graph of a formula, with its derivatives; without --output print it as a tree."""
    from .. import drawing
    from ..drawing.formula import parse_formula, read_numbers

    try:
        result = parse_formula(formula, read_numbers(numbers or []))
    except DomainError as error:
        raise ArgumentError(str(error).partition("\n")[0]) from None
    result.backward()
    if output is None:
        drawing.print_graph(result)
    else:
        path = drawing.draw(result, derivatives=True, dark=dark).save(output)
        console.print(f"wrote {path}", soft_wrap=True)
