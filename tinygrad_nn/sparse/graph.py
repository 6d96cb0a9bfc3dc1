"""Which numbers of a graph depend on which of its leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from ..scalar.graph import Node, ancestors
from .pattern import Pattern

__all__ = ["dependence_of_nodes"]


def dependence_of_nodes(outputs: Sequence[object], leaves: Sequence[Node]) -> Pattern:
    """Tell which outputs have a slope by which leaves; a plain number has none.

    The leaves that a node depends on are the bits of an integer.
    """
    bits = {leaf: 1 << k for k, leaf in enumerate(leaves)}
    nodes = [output for output in outputs if isinstance(output, Node)]
    for node in ancestors(*nodes):
        if node not in bits:
            partials = node.row.partials if not node.row.is_flat else ()
            own = 0
            for operand, partial in zip(node.args, partials, strict=False):
                own |= bits.get(operand, 0) if partial is not None else 0
            bits[node] = own
    rows, columns = [], []
    for row, output in enumerate(outputs):
        found = bits[output] if isinstance(output, Node) else 0
        while found:
            lowest = found & -found
            rows.append(row)
            columns.append(lowest.bit_length() - 1)
            found ^= lowest
    shape = (len(outputs), len(leaves))
    return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
