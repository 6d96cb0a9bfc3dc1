"""The two walks of differentiation, which look for what is not finite first inside `debug`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from ..scalar import reverse
from ..scalar.contexts import state
from ..scalar.diagnosis import examine, examine_along
from ..scalar.graph import Node
from ..scalar.reverse import Slope, Walk, recorded_partial

__all__ = ["adjoints", "tangents"]


def adjoints(
    outputs: Sequence[Node],
    seeds: Sequence[Any],
    inputs: Sequence[Node],
    slope: Slope = recorded_partial,
    ends: Collection[Node] | None = None,
    walk: Walk | None = None,
) -> list[Any]:
    """Differentiate backward: see `reverse.adjoints`."""
    if state.debug:
        examine(outputs, seeds, inputs if ends is None else ends)
    return reverse.adjoints(outputs, seeds, inputs, slope, ends, walk)


def tangents(
    outputs: Sequence[Node],
    inputs: Sequence[Node],
    seeds: Sequence[Any],
    slope: Slope = recorded_partial,
) -> list[Any]:
    """Differentiate forward: see `reverse.tangents`."""
    if state.debug:
        examine_along(outputs, inputs, seeds)
    return reverse.tangents(outputs, inputs, seeds, slope)
