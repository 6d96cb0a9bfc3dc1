"""The picture of a network: its units by layer, in the notation of the lecture notes.

Unit j of layer i has z_j^[i] = w_j^[i] . a^[i-1] + b_j^[i], where a^[0] is the input
x_1 ... x_n, and the activation a_j^[i] = g(z_j^[i]).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..errors import DrawingError
from ..nn import MLP, Layer, Neuron
from ..nn.activations import activation_name
from ..scalar.operation import TABLE
from .style import LIGHT, Digraph, Look, Theme, literal, new_graph, small, table

__all__ = ["draw_architecture"]

_SHOWN_WHOLE = 6  # a layer of more units is abbreviated to the first few and the last
_SHOWN_FIRST = 3

_UNIT_GAP = 0.62  # inches from the centre of a unit to that of the next
_LAYER_GAP = 2.2
_LINE_GAP = 0.19

_UNIT = {"shape": "circle", "style": "filled", "fixedsize": "true", "width": "0.48"}

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class _Column:
    """One layer as the picture shows it; number 0 is the input."""

    number: int
    units: int
    title: str
    look: Look
    theme: Theme
    activation: str = ""

    @property
    def shown(self) -> list[int | None]:
        """The units drawn, from 1; None stands for those left out."""
        if self.units <= _SHOWN_WHOLE:
            return list(range(1, self.units + 1))
        return [*range(1, _SHOWN_FIRST + 1), None, self.units]

    @property
    def drawn(self) -> list[int]:
        """The units drawn, without the gap."""
        return [unit for unit in self.shown if unit is not None]

    def name(self, unit: int | None) -> str:
        """Name a node; a picture's viewer may show it."""
        letter = "x" if self.number == 0 else f"a[{self.number}]"
        return f"{letter} {'...' if unit is None else unit}"

    def label(self, unit: int) -> str:
        """Write the symbol of a unit, as x_1 or a_1^[2]."""
        index = str(unit).translate(_SUBSCRIPTS)
        size = 11 - 1.5 * max(0, len(index) - 2)  # so that a thousand fits into its circle
        symbol = f"a{index}^{self.number}" if self.number else f"x{index}"
        return f"<{_formula(symbol, size, self.theme)}>"

    def caption(self) -> list[str]:
        """Write what the layer is and what its units compute, line by line."""
        what = "number" if self.number == 0 else "unit"
        count = f"{self.units} {what}{'' if self.units == 1 else 's'}"
        if self.number == 0:
            return [f"<B>{self.title}</B>", small(count, color=self.theme.muted)]
        return [
            f"<B>{self.title}</B>",
            small(f"{count} · {literal(self.activation)}", color=self.theme.muted),
            *(_formula(equation, 9, self.theme) for equation in self._equations()),
        ]

    def _equations(self) -> tuple[str, str]:
        """Write what a unit computes: its weighted sum, and its activation."""
        i, j = self.number, "ⱼ" if self.units > 1 else "₁"
        operand = "x" if i == 1 else f"a^{i - 1}"
        result = f"z{j}^{i}"
        if self.activation != "identity":
            row = TABLE.get(self.activation)
            function = self.activation if self.activation.isidentifier() else "g"
            result = f"{row.label if row else function}({result})"
        return f"z{j}^{i} = w{j}^{i} · {operand} + b{j}^{i}", f"a{j}^{i} = {result}"


def _layers(model: MLP | Layer | Neuron) -> list[Sequence[Neuron]]:
    """List a model's layers, each as its neurons."""
    if isinstance(model, MLP):
        return [layer.neurons for layer in model.layers]
    return [model.neurons if isinstance(model, Layer) else [model]]


def draw_architecture(
    model: MLP | Layer | Neuron, *, rankdir: str, max_nodes: int, theme: Theme = LIGHT
) -> Digraph:
    """Draw the units of a model, each layer connected with the next."""
    columns = _columns(_layers(model), theme)
    circles = sum(len(column.drawn) for column in columns)
    if circles > max_nodes:
        raise DrawingError(
            f"the picture has {circles:,} units, more than max_nodes={max_nodes:,}: draw one "
            f"layer, or a smaller model; or raise the limit with max_nodes={circles}"
        )
    sizes = "-".join(str(column.units) for column in columns)
    graph = new_graph(
        f"Architecture of a {sizes} network",
        theme=theme,
        engine="neato",  # keeps every node at its place
        layout="neato",  # also when the source is given to the program dot
        splines="line",
    )
    tallest = max(len(column.shown) for column in columns)
    line = {"arrowhead": "none", "color": theme.region_line}
    for before, after in pairwise(columns):
        for unit in before.drawn:
            for other in after.drawn:
                graph.edge(before.name(unit), after.name(other), **line)
    for column in columns:
        _add(graph, column, rankdir, tallest)
    return graph


def _columns(layers: Sequence[Sequence[Neuron]], theme: Theme) -> list[_Column]:
    columns = [_Column(0, len(layers[0][0].w), "Input", theme.leaf, theme)]
    for number, neurons in enumerate(layers, start=1):
        last = number == len(layers)
        columns.append(
            _Column(
                number,
                len(neurons),
                f"{'Output' if last else 'Hidden'} layer {number}",
                theme.result if last else theme.inner,
                theme,
                ", ".join(dict.fromkeys(activation_name(neuron.activation) for neuron in neurons)),
            )
        )
    return columns


def _add(graph: Digraph, column: _Column, rankdir: str, tallest: int) -> None:
    """Place the units of a layer and its caption."""
    middle = (len(column.shown) - 1) / 2
    for slot, unit in enumerate(column.shown):
        pos = _inches(*_place(rankdir, column.number, slot - middle))
        if unit is None:
            dots = "⋮" if rankdir in ("LR", "RL") else "⋯"
            graph.node(column.name(unit), label=dots, shape="plain", fontsize="18", pos=pos)
        else:
            graph.node(column.name(unit), label=column.label(unit), pos=pos, **_UNIT, **column.look)
    sideways = rankdir in ("LR", "RL")
    x, y = _place(rankdir, column.number, -(tallest - 1) / 2 - (0.7 if sideways else 2.2))
    lines = column.caption()
    top = y + _LINE_GAP * (4 if sideways else (len(lines) - 1) / 2)
    for position, line in enumerate(lines):
        pos = _inches(x, top - position * _LINE_GAP)
        name = f"layer {column.number}, line {position + 1}"
        graph.node(name, label=f"<{line}>", shape="plain", pos=pos)


def _place(rankdir: str, layer: int, slot: float) -> tuple[float, float]:
    """Turn a layer and a place along it into inches, to the right and upwards."""
    along, across = layer * _LAYER_GAP, slot * _UNIT_GAP
    if rankdir in ("TB", "BT"):
        along *= 0.7  # captions stand beside the layers, not between them
    return {
        "LR": (along, -across),
        "RL": (-along, -across),
        "TB": (across, -along),
        "BT": (across, along),
    }[rankdir]


def _inches(x: float, y: float) -> str:
    return f"{x:.3f},{y:.3f}!"  # ! pins the node


def _formula(text: str, size: float, theme: Theme) -> str:
    """Set a line of mathematics, in which ``^2`` is the raised number of a layer, [2].

    Cells of a table, because raised text as such is not raised by every viewer of SVG.
    """
    cells = []
    for position, part in enumerate(re.split(r"\^(\d+)", text)):
        if position % 2:
            raised = small(f"[{part}]", size * 0.65, theme.muted)
            cells.append(f'<TD VALIGN="TOP">{raised}</TD>')
        elif part:
            cells.append(f'<TD><FONT POINT-SIZE="{size:g}">{literal(part)}</FONT></TD>')
    return table(["".join(cells)], padding=0)
