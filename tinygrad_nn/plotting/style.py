"""How figures look: colours that every eye tells apart, pale grids, little ink.

The colours are those of Okabe and Ito (2008), which people of every colour vision tell
apart, on light and on dark. All else is matplotlib's own, so that its styles apply:
``with matplotlib.style.context("dark_background"):`` makes dark figures.
"""

from __future__ import annotations

from typing import Any

__all__ = ["AMBER", "BLUE", "GREEN", "GREY", "ORANGE", "PALETTE", "PURPLE", "SKY", "tidy"]

BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
AMBER = "#E69F00"
SKY = "#56B4E9"
GREY = "0.55"  # of what stands behind: it shows on white and on black

PALETTE = (BLUE, ORANGE, GREEN, PURPLE, AMBER, SKY)


def tidy(axes: Any) -> None:
    """Give axes a pale grid behind the curves, and no frame above and to the right."""
    axes.grid(visible=True, which="both", color="0.5", alpha=0.2, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
