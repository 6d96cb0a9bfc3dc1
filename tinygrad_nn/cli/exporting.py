"""``tinygrad-nn export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .console import console

__all__ = ["export"]

LANGUAGES = {  # what files of theirs end in
    "c": (".h",),
    "javascript": (".mjs", ".js"),
    "numpy": (".py",),
    "jax": (".py",),
    "torch": (".py",),
    "onnx": (".onnx",),
    "latex": (".tex",),
}


def export(
    model: Annotated[Path, typer.Argument(dir_okay=False, exists=True, help="A saved network.")],
    to: Annotated[
        str | None, typer.Option(help=f"{', '.join(LANGUAGES)}; if not given, as the output ends.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="The file; if not given, beside it."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the function is called, if not as the file.")
    ] = None,
    dtype: Annotated[str, typer.Option(help="float64 for double, float32 for float.")] = "float64",
) -> None:
    """Print a network in another language: a function that computes its outputs."""
    from .. import exports
    from ..saved import load

    language = to or _language_of(output)
    if language not in LANGUAGES:
        raise typer.BadParameter(f"--to is {language!r}: expected one of {', '.join(LANGUAGES)}")
    output = output or model.with_suffix(LANGUAGES[language][0])
    write = getattr(exports, f"to_{language}")
    if language == "latex":
        write(load(model), output)
    else:
        write(load(model), output, name=name, dtype=dtype)
    console.print(f"wrote {output}", soft_wrap=True)


def _language_of(output: Path | None) -> str:
    """Tell the language of a file by its name."""
    ending = "" if output is None else output.suffix.lower()
    found = [name for name, endings in LANGUAGES.items() if ending in endings]
    if len(found) != 1:
        of_python = f"; a {ending} file is of {', '.join(found)}" if found else ""
        raise typer.BadParameter(
            f"say the language, --to {'|'.join(LANGUAGES)}, or name the file by it, as -o "
            f"predict.h{of_python}"
        )
    return found[0]
