"""``tinygrad-nn info`` and ``tinygrad-nn --version``."""

from __future__ import annotations

import sys

import typer
from rich.table import Table

from .console import console

__all__ = ["info", "say_version"]


def say_version(wanted: bool) -> None:
    """Print the version, and end."""
    if wanted:
        from .. import __version__

        console.print(f"tinygrad-nn {__version__}")
        raise typer.Exit


def info() -> None:
    """Say which version, engine and renderers there are."""
    from .. import __version__
    from ..compiler.backends.llvm.engine import describe
    from ..drawing.rendering import renderers
    from ..scalar.native import describe_engine

    table = Table(show_header=False, box=None)
    table.add_row("tinygrad-nn", __version__)
    table.add_row("engine", describe_engine())
    for about in describe().items():
        table.add_row(*about)
    table.add_row("Python", sys.version.split()[0])
    table.add_row("renderers", ", ".join(renderers()) or 'none: pip install "tinygrad-nn[draw]"')
    console.print(table)
