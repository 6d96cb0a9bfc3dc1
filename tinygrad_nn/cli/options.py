"""Options that several commands have: of the data, the network and its training."""

from typing import Annotated, Any, TypeAlias

import typer

from .console import TAB

Data: TypeAlias = Annotated[
    str, typer.Argument(help="breast-cancer, digits, iris, moons, spirals, xor, or a CSV file.")
]
Hidden: TypeAlias = Annotated[
    str, typer.Option(help="Sizes of the hidden layers: 16, or 32,16, or ''.")
]
Activation: TypeAlias = Annotated[
    str, typer.Option(help="relu, leaky_relu, tanh, sigmoid or identity.")
]
TestFraction: TypeAlias = Annotated[
    float | None,
    typer.Option(help="Share of samples kept for testing: 0.25, or none of a handful."),
]
Seed: TypeAlias = Annotated[int, typer.Option(help="What all random choices depend on.")]
Task: TypeAlias = Annotated[
    str, typer.Option(help="classification or regression, if the targets do not say.")
]
Target: TypeAlias = Annotated[
    str | None, typer.Option(help="The column to predict, if it is not the last.")
]
Index: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="A column that is no feature; may come again.")
]
Texts: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="A column of kinds that look like numbers.")
]
Missing: TypeAlias = Annotated[
    str | None, typer.Option(help="What is done where a cell is missing: refuse, drop, fill.")
]
Delimiter: TypeAlias = Annotated[
    str | None, typer.Option(help="The character between cells, or tab, if it is not found.")
]
Decimal: TypeAlias = Annotated[
    str | None, typer.Option(help="The character before decimals: . or a comma.")
]


def table_options(
    target: str | None,
    index: list[str] | None,
    texts: list[str] | None,
    missing: str | None,
    delimiter: str | None,
    decimal: str | None,
) -> dict[str, Any]:
    """Give the options of a table that were set, as `read_csv` takes them."""
    table = {
        "target": target,
        "delimiter": "\t" if delimiter in TAB else delimiter,
        "decimal": decimal,
        "index": index,
        "texts": texts,
        "missing": missing,
    }
    return {name: value for name, value in table.items() if value}


def sizes_of(text: str) -> tuple[int, ...]:
    """Read the sizes of hidden layers."""
    try:
        sizes = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        sizes = (0,)
    if any(size < 1 for size in sizes):
        raise typer.BadParameter(f"{text!r} is no list of sizes: write 16, or 32,16")
    return sizes
