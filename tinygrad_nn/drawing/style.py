"""How pictures look: fonts, colours, and text that Graphviz takes literally.

The colours are dark lines on pale grounds of blue, grey and orange, which people of
every colour vision tell apart, on white, so that they read on dark pages as well.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any, TypeAlias

from ..extras import load_extra

__all__ = [
    "EDGE",
    "INK",
    "INNER",
    "LEAF",
    "MUTED",
    "RESULT",
    "Digraph",
    "literal",
    "new_graph",
    "small",
    "table",
]

Digraph: TypeAlias = Any  # graphviz.Digraph, which ships no types

FONT = "Helvetica,Arial,sans-serif"
INK = "#1f2933"
MUTED = "#66727f"

LEAF = {"fillcolor": "#e6f0fa", "color": "#4a86bd"}
INNER = {"fillcolor": "#f6f7f9", "color": "#9aa7b4"}
RESULT = {"fillcolor": "#fdf0dc", "color": "#cf8a24", "penwidth": "1.4"}
EDGE = {"color": "#a3adb8", "arrowsize": "0.55", "fontsize": "8.5", "fontcolor": MUTED}

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def new_graph(title: str, engine: str = "dot", **attributes: str) -> Digraph:
    """Begin a picture in the house style."""
    graphviz = load_extra("graphviz", "draw", "drawing a graph")
    return graphviz.Digraph(
        name=_plain(title).rstrip("\\"),  # where it would escape the closing quote
        engine=engine,
        graph_attr={"bgcolor": "white", "pad": "0.2", "fontname": FONT, **attributes},
        node_attr={"fontname": FONT, "fontsize": "11", "fontcolor": INK},
        edge_attr={"fontname": FONT, **EDGE},
    )


def literal(text: str) -> str:
    r"""Write a text so that an HTML-like label shows it as it is, on one line.

    Examples
    --------
    >>> print(literal(r"a<b> & \N"))
    a&lt;b&gt; &amp; \\N
    """
    return escape(_plain(text)).replace("\\", r"\\")


def _plain(text: str) -> str:
    """Put a text on one line, without what XML cannot say."""
    return _NOT_IN_XML.sub("\ufffd", re.sub(r"\s+", " ", text))


def small(markup: str, size: float = 9) -> str:
    """Set markup in small, muted type."""
    return f'<FONT POINT-SIZE="{size:g}" COLOR="{MUTED}">{markup}</FONT>'


def table(rows: list[str], padding: int = 1) -> str:
    """Put rows of cells into a table without lines."""
    inside = "".join(f"<TR>{row}</TR>" for row in rows)
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{inside}</TABLE>'
    )
