"""The entry point: it runs a command, and makes errors one line."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..errors import ArgumentError, DomainError, TinygradNNError
from .about import info, say_version
from .exporting import export
from .pictures import draw, plot
from .playing import playground
from .predicting import predict
from .training import train

__all__ = ["main"]

app = typer.Typer(
    help="A scalar autograd engine: write one number at a time; see every node.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
for command in (train, playground, predict, export, draw, plot, info):
    app.command()(command)


@app.callback()
def start(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=say_version, help="Say the version."),
    ] = False,
) -> None:
    """Take what stands before a command."""


def main() -> None:
    """Run the command line; a bad argument is one line and exit code 2."""
    try:
        result = app(standalone_mode=False)
    except ArgumentError as error:
        _give_up(str(error), 2)
    except DomainError:
        _give_up("the numbers of the training grew too large for a float: lower --lr", 1)
    except (TinygradNNError, OSError) as error:
        _give_up(str(error), 1)
    except typer.Abort:  # what Ctrl-C is to older versions of typer; newer ones give 130
        sys.exit(130)
    except Exception as error:
        if not hasattr(error, "format_message"):  # what all of typer's usage errors have
            raise
        message, context = error.format_message(), getattr(error, "ctx", None)
        if message and context is not None:
            message = f"{message} See: {context.command_path} --help"
        _give_up(message, 2)
    else:
        sys.exit(result if isinstance(result, int) else 0)


def _give_up(message: str, code: int) -> None:
    if message:  # without arguments the help has been shown, and there is no more to say
        print(f"tinygrad-nn: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)
