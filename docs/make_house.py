"""Draws the packages of tinygrad_nn and their imports: python docs/make_house.py.

The picture is made from the imports themselves, and a test holds it against them.
"""

from __future__ import annotations

from pathlib import Path

import grimp
import pygraphviz

PACKAGE = "tinygrad_nn"
OPENED = f"{PACKAGE}.compiler"  # shown with its parts
PICTURE = Path(__file__).resolve().parent / "house.svg"

Arrows = dict[str, set[str]]


def rooms() -> Arrows:
    """List the modules and packages at the root and inside the compiler, and what each imports."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    shown = (graph.find_children(PACKAGE) - {OPENED}) | graph.find_children(OPENED)
    shown -= {f"{PACKAGE}.__main__"}
    room_of = {module: room for room in shown for module in {room, *graph.find_descendants(room)}}
    arrows: Arrows = {room: set() for room in shown}
    for module, room in room_of.items():
        for imported in graph.find_modules_directly_imported_by(module):
            arrows[room].add(room_of.get(imported, room))
    return {room: targets - {room} for room, targets in arrows.items()}


def reduced(arrows: Arrows) -> Arrows:
    """Leave out an arrow where a way over other arrows says the same."""
    return {
        room: {
            target
            for target in targets
            if not any(target in _reached(arrows, other) for other in targets - {target})
        }
        for room, targets in arrows.items()
    }


def _reached(arrows: Arrows, start: str) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        for target in arrows[todo.pop()] - found:
            found.add(target)
            todo.append(target)
    return found


def picture(arrows: Arrows) -> pygraphviz.AGraph:
    """Draw rooms as boxes, users above what they use."""
    graph = pygraphviz.AGraph(directed=True, rankdir="TB", nodesep="0.18", ranksep="0.32")
    graph.graph_attr.update(fontname="Helvetica", bgcolor="white")
    graph.node_attr.update(
        shape="box", style="filled,rounded", fontname="Helvetica", fontsize="12",
        fillcolor="#eef3fa", color="#5b7aa6", height="0.3",
    )  # fmt: skip
    graph.edge_attr.update(color="#8a94a3", arrowsize="0.6")
    for room in sorted(arrows):
        graph.add_node(room, label=room.rpartition(".")[2])
    for room in sorted(arrows):
        for target in sorted(arrows[room]):
            graph.add_edge(room, target)
    inside = sorted(room for room in arrows if room.startswith(OPENED + "."))
    graph.add_subgraph(
        inside, name="cluster_compiler", label="compiler", style="rounded", color="#5b7aa6",
        fontname="Helvetica",
    )  # fmt: skip
    return graph


def main() -> None:
    """Write the picture."""
    picture(reduced(rooms())).draw(str(PICTURE), format="svg", prog="dot")


if __name__ == "__main__":
    main()
