"""The command line: ``tinygrad-nn train``, ``export``, ``plot``, ``draw`` and ``info``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from .errors import ArgumentError, DomainError, TinygradNNError

if TYPE_CHECKING:
    from .experiment import Experiment

__all__ = ["main"]

app = typer.Typer(
    help="A scalar autograd engine: write one number at a time; see every node.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
console = Console(markup=False, emoji=False, highlight=False)  # names are shown as they are


@app.command()
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
    from .experiment import Experiment, Settings  # slow to import, and info does not need it

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


@app.command()
def info() -> None:
    """Say which version, engine and renderers there are."""
    from . import __version__
    from .compiler.backends.llvm.engine import describe
    from .drawing.rendering import renderers
    from .scalar.native import describe_engine

    table = Table(show_header=False, box=None)
    table.add_row("tinygrad-nn", __version__)
    table.add_row("engine", describe_engine())
    for about in describe().items():
        table.add_row(*about)
    table.add_row("Python", sys.version.split()[0])
    table.add_row("renderers", ", ".join(renderers()) or 'none: pip install "tinygrad-nn[draw]"')
    console.print(table)


@app.command()
def plot(
    name: Annotated[str, typer.Argument(help="network, descent, surface, boundary ...")],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="A .png, .svg, .pdf or .gif file."),
    ] = None,
    dark: Annotated[bool, typer.Option("--dark", help="Light colours on black.")] = False,
) -> None:
    """Draw an example of a figure: the name may be any of the guide's page of figures."""
    from .plotting.catalogue import plot_by_name  # slow to import, and info does not need it

    console.print(f"wrote {plot_by_name(name, output, dark=dark)}", soft_wrap=True)


@app.command()
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
    from . import drawing
    from .drawing.formula import parse_formula, read_numbers

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


@app.command()
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
    from .exports import to_c
    from .nn import load

    to_c(load(model), output, name=name, dtype=dtype)
    console.print(f"wrote {output}", soft_wrap=True)


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
        _give_up(error.format_message(), 2)
    else:
        sys.exit(result if isinstance(result, int) else 0)


def _give_up(message: str, code: int) -> None:
    if message:  # without arguments the help has been shown, and there is no more to say
        print(f"tinygrad-nn: {' '.join(message.split())}", file=sys.stderr)
    sys.exit(code)
