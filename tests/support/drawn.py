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
        everything: dict[str, dict[str, Any]] = dict(zip(names, objects, strict=True))
        self.clusters = {name: look for name, look in everything.items() if "cluster" in name}
        self.nodes = {name: look for name, look in everything.items() if "cluster" not in name}
        self.edges = [
            Edge(names[edge["tail"]], names[edge["head"]], edge)
            for edge in self.look.pop("edges", [])
            if edge.get("style") != "invis"
        ]

    def text(self, name: str) -> list[str]:
        """The pieces of text of a node's label."""
        return pieces(self.nodes[name]["label"])

    def texts(self) -> list[list[str]]:
        """The text of every node."""
        return [self.text(name) for name in self.nodes]

    def find(self, *text: str) -> str:
        """The name of the one node whose text begins so."""
        (name,) = [name for name in self.nodes if self.text(name)[: len(text)] == list(text)]
        return name

    def frames(self) -> list[list[str]]:
        """The titles of the clusters."""
        return [pieces(look["label"]) for look in self.clusters.values()]

    def circles(self) -> list[str]:
        """The nodes that are round."""
        return [name for name, look in self.nodes.items() if look["shape"] in ("circle", "ellipse")]

    def into(self, name: str) -> list[Edge]:
        """The edges that end in a node."""
        return [edge for edge in self.edges if edge.head == name]


def pieces(label: str) -> list[str]:
    """The pieces of text of an HTML-like label."""
    parts = re.sub(r"<[^>]*>", "\n", label).split("\n")
    return [unescape(part).strip() for part in parts if part.strip()]


def svg_texts(svg: str) -> list[str]:
    """The texts of an SVG."""
    root = ElementTree.fromstring(svg)
    return [(text.text or "").strip() for text in root.iter("{http://www.w3.org/2000/svg}text")]
