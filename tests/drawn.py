"""Reading pictures back: DOT by Graphviz' own parser, SVG as XML."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any, NamedTuple
from xml.etree import ElementTree

import pygraphviz

from tinygrad_nn.drawing import Drawing


class Edge(NamedTuple):
    tail: str
    head: str
    look: dict[str, Any]


class Picture:
    """The nodes and edges of a drawing's source."""

    def __init__(self, drawing: Drawing) -> None:
        graph = pygraphviz.AGraph(string=drawing.source)
        self.look = json.loads(graph.draw(format="dot_json", prog="nop"))
        graph.close()
        objects = self.look.pop("objects")
        names = [node["name"] for node in objects]
        self.nodes: dict[str, dict[str, Any]] = dict(zip(names, objects, strict=True))
        self.edges = [
            Edge(names[edge["tail"]], names[edge["head"]], edge)
            for edge in self.look.pop("edges", [])
        ]

    def text(self, name: str) -> list[str]:
        """The pieces of text of a node's label."""
        pieces = re.sub(r"<[^>]*>", "\n", self.nodes[name]["label"]).split("\n")
        return [unescape(piece).strip() for piece in pieces if piece.strip()]

    def texts(self) -> list[list[str]]:
        """The text of every node."""
        return [self.text(name) for name in self.nodes]

    def find(self, *text: str) -> str:
        """The name of the one node whose text begins so."""
        (name,) = [name for name in self.nodes if self.text(name)[: len(text)] == list(text)]
        return name

    def circles(self) -> list[str]:
        """The nodes that are circles."""
        return [name for name, look in self.nodes.items() if look["shape"] == "circle"]

    def into(self, name: str) -> list[Edge]:
        """The edges that end in a node."""
        return [edge for edge in self.edges if edge.head == name]


def svg_texts(svg: str) -> list[str]:
    """The texts of an SVG."""
    root = ElementTree.fromstring(svg)
    return [(text.text or "").strip() for text in root.iter("{http://www.w3.org/2000/svg}text")]
