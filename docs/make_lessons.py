"""Runs the lessons, and stores what they show in them as outputs: python docs/make_lessons.py.

A test runs them as well, and compares what the stored outputs show with what fresh ones would.
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

from tinygrad_nn.viewing import View

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))
DOTS = 90  # an inch, of a figure
COLOURS = 64

Cell = dict[str, Any]
Shown = dict[str, list[Any]]  # the words and the numbers of an output

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?(?:e[+-]?\d+)?")  # 1,000 or 1e-3


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


def results(path: Path) -> Iterator[tuple[Cell, str, Any]]:
    """Run a notebook from top to bottom, and give each cell with what it prints and its result."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells(path, "code"), start=1):
        with redirect_stdout(StringIO()) as printed:
            result = run(python(cell), f"{path.name}, code cell {number}", namespace)
        yield cell, printed.getvalue(), result


def shown(printed: str, result: Any) -> Shown:
    """Say what is to be seen below a cell."""
    if hasattr(result, "_repr_svg_"):
        return joined(of_text(printed), of_svg(result._repr_svg_()))
    if hasattr(result, "savefig"):
        return joined(of_text(printed), of_figure(result))
    return of_text(printed + plain(result))


def plain(result: Any) -> str:
    """Write a result as text; a page that is shown in a frame is left out."""
    return "" if result is None or isinstance(result, View) else repr(result)


def joined(one: Shown, other: Shown) -> Shown:
    """Put together what two outputs show."""
    return {key: one[key] + other[key] for key in one}


def of_text(text: str) -> Shown:
    """Part a text into words and numbers, without signs."""
    numbers = [float(number.replace(",", "")) for number in _NUMBER.findall(text)]
    return {"words": _NUMBER.sub("#", text).split(), "numbers": numbers}


def of_svg(svg: str) -> Shown:
    """List the words of a drawing; where they lie is up to Graphviz."""
    return of_text(" ".join(re.findall(r"<text[^>]*>([^<]*)<", svg)))


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


def outputs(printed: str, result: Any) -> list[Cell]:
    """Write what a cell shows as Jupyter stores it."""
    found: list[Cell] = []
    if printed:
        found.append({"name": "stdout", "output_type": "stream", "text": lines(printed)})
    data, noted = bundle(result)
    if data:
        found.append({"data": data, "metadata": noted, "output_type": "display_data"})
    return found


def bundle(result: Any) -> tuple[Cell, Cell]:
    """Write a result in the forms that it has, and what is noted of them."""
    if hasattr(result, "_repr_svg_"):
        return {"image/svg+xml": lines(result._repr_svg_()), "text/plain": ["a drawing"]}, {}
    if hasattr(result, "savefig"):
        noted = {"image/png": of_figure(result)}  # before it is drawn, which may add to it
        return {"image/png": b64encode(png(result)).decode(), "text/plain": ["a figure"]}, noted
    data: Cell = {"text/plain": lines(plain(result))} if plain(result) else {}
    if data and hasattr(result, "_repr_latex_"):
        data["text/latex"] = lines(result._repr_latex_())
    return data, {}


def lines(text: str) -> list[str]:
    """Part a text as notebooks store it."""
    return text.splitlines(keepends=True)


def png(figure: Any) -> bytes:
    """Draw a figure, in few colours, so that notebooks stay small."""
    from PIL import Image

    drawn, small = BytesIO(), BytesIO()
    figure.savefig(drawn, dpi=DOTS, bbox_inches="tight")
    picture = Image.open(drawn).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(small, "png", optimize=True)
    return small.getvalue()


def stored(cell: Cell) -> Shown:
    """Say what the stored outputs of a cell show."""
    seen = of_text("")
    for output in cell["outputs"]:
        data = output.get("data", {"text/plain": output.get("text")})
        if "image/png" in data:
            seen = joined(seen, output["metadata"]["image/png"])
        elif "image/svg+xml" in data:
            seen = joined(seen, of_svg("".join(data["image/svg+xml"])))
        else:
            seen = joined(seen, of_text("".join(data["text/plain"])))
    return seen


def store(path: Path) -> None:
    """Run a notebook, and store what it shows in it."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        found = {cell["id"]: outputs(*below) for cell, *below in results(path)}
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = found[cell["id"]]
    text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    os.environ["MPLBACKEND"] = "Agg"
    for lesson in NOTEBOOKS:
        store(lesson)
