"""Runs the lessons, and stores their pictures in them as outputs: python docs/make_lessons.py.

A test runs them as well, and compares what the stored pictures show with what fresh ones would.
"""

from __future__ import annotations

import ast
import json
import os
import re
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import chdir, redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
DOTS = 90  # an inch, of a figure
COLOURS = 64

Cell = dict[str, Any]
Shown = dict[str, list[Any]]  # the words and the numbers of a picture


def cells(path: Path, kind: str) -> list[Cell]:
    """List the cells of a kind of a notebook."""
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def python(cell: Cell) -> str:
    """Take the Python of a cell; a line that begins with % is for Jupyter."""
    return "".join("\n" if line.startswith("%") else line for line in cell["source"])


def run(source: str, name: str, namespace: dict[str, Any]) -> Any:
    """Run a cell as a notebook does; a last expression is its result."""
    body = ast.parse(source, name).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), name, "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace)


def results(path: Path) -> Iterator[tuple[Cell, Any]]:
    """Run a notebook from top to bottom, and give each cell with its result."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells(path, "code"), start=1):
        yield cell, run(python(cell), f"{path.name}, code cell {number}", namespace)


def shown(result: Any) -> Shown | None:
    """Say what the picture of a result shows; None if it has none."""
    if hasattr(result, "_repr_svg_"):
        return of_svg(result._repr_svg_())
    return of_figure(result) if hasattr(result, "savefig") else None


def of_svg(svg: str) -> Shown:
    """List the words of a drawing; where they lie is up to Graphviz."""
    return {"words": re.findall(r"<text[^>]*>([^<]*)<", svg), "numbers": []}


def of_figure(figure: Any) -> Shown:
    """List the words of a figure, and sums of the numbers that it draws."""
    words: list[str] = []
    sums: list[float] = []
    for axes in figure.axes:
        words += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
        words += [text.get_text() for text in axes.texts]
        if axes.get_legend():
            words += [text.get_text() for text in axes.get_legend().get_texts()]
        for line in axes.lines:
            sums += [float(numbers.sum()) for numbers in line.get_xydata().T]
        for group in axes.collections:
            levels = group.get_array()
            sums += [
                float(group.get_offsets().sum()),
                0.0 if levels is None else float(levels.sum()),
            ]
        sums += [float(image.get_array().sum()) for image in axes.images]
    return {"words": [word for word in words if word], "numbers": sums}


def outputs(result: Any) -> list[Cell]:
    """Write the picture of a result as Jupyter stores it; nothing, if it has none."""
    seen = shown(result)  # before it is drawn, which may add to it
    if seen is None:
        return []
    if hasattr(result, "_repr_svg_"):
        svg = result._repr_svg_()
        data = {"image/svg+xml": svg.splitlines(keepends=True), "text/plain": ["a drawing"]}
        return [{"data": data, "metadata": {}, "output_type": "display_data"}]
    data = {"image/png": b64encode(png(result)).decode() + "\n", "text/plain": ["a figure"]}
    return [{"data": data, "metadata": {"image/png": seen}, "output_type": "display_data"}]


def png(figure: Any) -> bytes:
    """Draw a figure, in few colours, so that notebooks stay small."""
    from PIL import Image

    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, dpi=DOTS, bbox_inches="tight")
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(small, "png", optimize=True)
    return small.getvalue()


def stored(cell: Cell) -> Shown | None:
    """Say what the stored picture of a cell shows."""
    if not cell["outputs"]:
        return None
    (kept,) = cell["outputs"]
    if "image/svg+xml" in kept["data"]:
        return of_svg("".join(kept["data"]["image/svg+xml"]))
    return kept["metadata"]["image/png"]


def store(path: Path) -> None:
    """Run a notebook, and store its pictures in it."""
    pictures = {}
    with tempfile.TemporaryDirectory() as folder, chdir(folder), redirect_stdout(StringIO()):
        for cell, result in results(path):
            pictures[cell["id"]] = outputs(result)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = pictures[cell["id"]]
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ["MPLBACKEND"] = "Agg"
    for lesson in NOTEBOOKS:
        store(lesson)
