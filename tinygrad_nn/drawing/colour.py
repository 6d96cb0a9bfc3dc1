"""Colours by size, on a logarithmic scale: cividis, which all colour visions read alike."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ..errors import ArgumentError
from ..scalar.graph import Node
from .lettering import span
from .style import Look, Theme, small, table

__all__ = ["QUANTITIES", "Scale"]

QUANTITIES = ("gradient", "value")
"""What numbers can be coloured by."""

_MAP = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")  # of cividis
_EQUAL = 0.179  # the luminance that black and white are equally far from
_DECADES = 6  # smaller numbers have the colour of the smallest
_STEPS = 24  # of the legend


class Scale:
    """A scale of colours over the sizes of some numbers; the paper of the theme stands for 0."""

    def __init__(self, quantity: str, nodes: Iterable[Node], theme: Theme) -> None:
        self.quantity = quantity
        self.theme = theme
        sizes = [size for node in nodes if 0.0 < (size := self.size(node)) < math.inf]
        if not sizes and quantity == "gradient":
            raise ArgumentError(
                "color is 'gradient', and no number drawn has a gradient other than 0: call "
                "backward() on the result first, or use color='value'"
            )
        self.high = max(sizes, default=1.0)
        self.low = max(min(sizes, default=1.0), self.high * 10.0**-_DECADES)

    def size(self, node: Node) -> float:
        """Give what a number is coloured by."""
        return abs(node.grad if self.quantity == "gradient" else node.data)

    def look(self, nodes: Iterable[Node]) -> Look:
        """Colour what stands for some nodes: by the largest, or what is no number."""
        sizes = [self.size(node) for node in nodes]
        broken = not all(map(math.isfinite, sizes))
        size = max(sizes, default=0.0)
        if broken:
            fill = self.theme.accent
        elif size == 0.0:
            return {"fillcolor": self.theme.paper, "fontcolor": self.theme.ink}
        else:
            fill = self._colour(size)
        return {"fillcolor": fill, "fontcolor": "black" if _luminance(fill) > _EQUAL else "white"}

    def legend(self, precision: int) -> str:
        """Write the scale as an HTML-like label."""
        what = "|gradient|" if self.quantity == "gradient" else "|value|"
        ends = [span([size], precision) for size in (self.low, self.high)]
        swatches = "".join(
            f'<TD BGCOLOR="{_mixed(step / (_STEPS - 1))}" WIDTH="5" HEIGHT="8" FIXEDSIZE="true"></TD>'
            for step in range(_STEPS)
        )
        cells = [
            small(f"{what}&#160;&#160;{ends[0]}", color=self.theme.muted),
            table([swatches], 0),
        ]
        cells.append(small(ends[1], color=self.theme.muted))
        return f"<{table([''.join(f'<TD>{cell}</TD>' for cell in cells)], 2)}>"

    def _colour(self, size: float) -> str:
        extent = math.log(self.high / self.low)
        place = math.log(size / self.low) / extent if extent > 0.0 else 1.0
        return _mixed(min(1.0, max(0.0, place)))


def _mixed(place: float) -> str:
    """Find the colour at a place from 0 to 1."""
    at = place * (len(_MAP) - 1)
    lower = min(int(at), len(_MAP) - 2)
    pairs = zip(_channels(_MAP[lower]), _channels(_MAP[lower + 1]), strict=True)
    return "#" + "".join(f"{round(a + (at - lower) * (b - a)):02x}" for a, b in pairs)


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Compute the relative luminance, as WCAG defines it."""
    parts = [channel / 255 for channel in _channels(colour)]
    r, g, b = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
