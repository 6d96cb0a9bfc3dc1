"""From a graph to the bytes of a picture: by the program dot, else by pygraphviz's libraries."""

from __future__ import annotations

import shutil
import threading
from contextlib import closing
from importlib.util import find_spec

from ..errors import DrawingError
from ..extras import load_extra
from .fonts import without_font_warnings
from .style import Digraph

__all__ = ["FORMATS", "render", "renderers"]

FORMATS = ("svg", "png", "pdf", "dot")
"""What pictures can be saved as."""

_PIXELS_PER_INCH = "192"  # twice a screen's, so that a PNG is sharp on every screen

_lock = threading.Lock()  # the Graphviz libraries are not thread-safe


def render(graph: Digraph, kind: str) -> bytes:
    """Make the bytes of a picture, of a kind of `FORMATS`."""
    if kind == "dot":
        return str(graph.source).encode()
    if kind == "png":
        graph = graph.copy()
        graph.attr(dpi=_PIXELS_PER_INCH)
    graphviz = load_extra("graphviz", "draw", "drawing a graph")
    try:
        return bytes(graph.pipe(format=kind, quiet=True))
    except graphviz.ExecutableNotFound:
        return _render_with_libraries(graph, kind)
    except graphviz.CalledProcessError as error:
        raise _failure(kind, error) from error


def renderers() -> list[str]:
    """Name what can render a picture here, in the order in which it is tried."""
    found = []
    if find_spec("graphviz") and shutil.which("dot"):
        found.append("dot")
    if find_spec("graphviz") and find_spec("pygraphviz"):
        found.append("pygraphviz")
    return found


def _render_with_libraries(graph: Digraph, kind: str) -> bytes:
    pygraphviz = load_extra("pygraphviz", "draw", "drawing where the program dot is not installed")
    try:
        with (
            _lock,
            without_font_warnings(),
            closing(pygraphviz.AGraph(string=graph.source)) as parsed,
        ):
            return bytes(parsed.draw(format=kind, prog=graph.engine))
    except (OSError, ValueError, pygraphviz.DotError) as error:
        raise _failure(kind, error) from error


def _failure(kind: str, error: Exception) -> DrawingError:
    return DrawingError(
        f"Graphviz could not make the {kind}: {error}. Save the picture as .dot to see its source"
    )
