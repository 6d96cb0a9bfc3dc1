"""How pictures look: fonts, colours, and text that Graphviz takes literally.

The colours are dark lines on pale grounds of blue, grey and orange, which people of
every colour vision tell apart, on white, so that they read on dark pages as well; a dark
picture has pale lines on dark grounds of the same hues.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

from ..extras import load_extra

__all__ = [
    "DARK",
    "LIGHT",
    "Digraph",
    "Look",
    "Theme",
    "literal",
    "new_graph",
    "plain",
    "small",
    "table",
]

Digraph: TypeAlias = Any  # graphviz.Digraph, which ships no types
Look: TypeAlias = dict[str, str]  # attributes of a node or an edge

FONT = "Helvetica,Arial,sans-serif"


@dataclass(frozen=True)
class Theme:
    """The colours of a picture, as ``#rrggbb`` or as attributes of Graphviz."""

    paper: str
    ink: str
    muted: str  # text that matters less
    leaf: Look
    inner: Look
    result: Look
    operation: Look
    edge: Look
    box: Look
    regions: tuple[str, ...]  # the grounds of open scopes, by depth
    region_line: str  # their outline
    accent: str  # what is highlighted


LIGHT = Theme(
    paper="white",
    ink="#1f2933",
    muted="#596571",
    leaf={"fillcolor": "#e6f0fa", "color": "#4a86bd"},
    inner={"fillcolor": "#f6f7f9", "color": "#9aa7b4"},
    result={"fillcolor": "#fdf0dc", "color": "#cf8a24", "penwidth": "1.4"},
    operation={"fillcolor": "white", "color": "#8794a1"},
    edge={"color": "#a3adb8", "fontcolor": "#596571"},
    box={"fillcolor": "#e9edf1", "color": "#66727f"},
    regions=("#f7f9fb", "#eff3f6"),
    region_line="#cfd6dd",
    accent="#c8480d",
)
DARK = Theme(
    paper="#14191f",
    ink="#e6ebf0",
    muted="#a3b0bc",
    leaf={"fillcolor": "#18344d", "color": "#5f9fd8"},
    inner={"fillcolor": "#262e36", "color": "#6d7b88"},
    result={"fillcolor": "#43300f", "color": "#e3a548", "penwidth": "1.4"},
    operation={"fillcolor": "#14191f", "color": "#8794a1"},
    edge={"color": "#6d7b88", "fontcolor": "#a3b0bc"},
    box={"fillcolor": "#2e3842", "color": "#94a2af"},
    regions=("#1a2128", "#212a32"),
    region_line="#3a4651",
    accent="#ff8a4c",
)

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def new_graph(
    title: str, engine: str = "dot", *, theme: Theme = LIGHT, **attributes: str
) -> Digraph:
    """Begin a picture in the house style."""
    graphviz = load_extra("graphviz", "draw", "drawing a graph")
    return graphviz.Digraph(
        name=plain(title).rstrip("\\"),  # where it would escape the closing quote
        engine=engine,
        graph_attr={
            "bgcolor": theme.paper,
            "pad": "0.2",
            "fontname": FONT,
            "fontcolor": theme.ink,
            **attributes,
        },
        node_attr={"fontname": FONT, "fontsize": "11", "fontcolor": theme.ink},
        edge_attr={"fontname": FONT, "arrowsize": "0.55", "fontsize": "8.5", **theme.edge},
    )


def literal(text: str) -> str:
    """Write a text so that an HTML-like label shows it as it is, on one line."""
    return escape(plain(text)).replace("\\", r"\\")


def plain(text: str) -> str:
    """Put a text on one line, without what XML cannot say."""
    return _NOT_IN_XML.sub("\ufffd", re.sub(r"\s+", " ", text))


def small(markup: str, size: float = 9, color: str = LIGHT.muted) -> str:
    """Set markup in small, muted type."""
    return f'<FONT POINT-SIZE="{size:g}" COLOR="{color}">{markup}</FONT>'


def table(rows: list[str], padding: int = 1) -> str:
    """Put rows of cells into a table without lines."""
    inside = "".join(f"<TR>{row}</TR>" for row in rows)
    return (
        f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{inside}</TABLE>'
    )
