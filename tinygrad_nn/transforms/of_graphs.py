"""Graph in, graph out: the derivatives of a Value by others, as Values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..errors import ArgumentTypeError
from ..scalar import contexts
from ..scalar.contexts import deriving
from ..scalar.diagnosis import examine
from ..scalar.graph import Node, ancestors
from ..scalar.reverse import adjoints
from ..scalar.stale import refuse_stale
from ..scalar.value import Value, constant

__all__ = ["gradients"]


def gradients(output: Value, inputs: Sequence[Value]) -> list[Value]:
    """Differentiate a Value by others, as Values that can be differentiated again.

    Nothing is written on the nodes. Where a derivative does not exist or is
    infinite, it is NaN or infinite.

    Parameters
    ----------
    output : Value
        What to differentiate.
    inputs : sequence of Value
        By which nodes, leaves or not.

    Returns
    -------
    list of Value
        One derivative for each input; 0 where `output` does not depend on it.

    Examples
    --------
    >>> x = Value(2.0)
    >>> (slope,) = gradients(x**3, [x])
    >>> (curvature,) = gradients(slope, [x])
    >>> slope.data, curvature.data
    (12.0, 12.0)
    """
    inputs = _nodes(output, inputs)
    ends = _ends(inputs)
    if contexts.state.debug:
        refuse_stale(output)
        examine([output], [1.0], ends)
    with deriving():
        found = adjoints([output], [1.0], inputs, ends=ends)
    derivatives = [d if isinstance(d, Value) else constant(d) for d in found]
    if contexts.state.derived is not None:
        contexts.state.derived.append(derivatives)
    return derivatives


def _nodes(output: object, inputs: object) -> list[Value]:
    """Check what `gradients` is given."""
    if not isinstance(inputs, Iterable):
        raise ArgumentTypeError(
            f"inputs of gradients must be a list of Values, got {inputs!r}: "
            "give gradients(output, [x])"
        )
    nodes = list(inputs)
    for name, node in (("output", output), *(("an input", node) for node in nodes)):
        if not isinstance(node, Value):
            raise ArgumentTypeError(
                f"{name} of gradients must be a Value, got {node!r} ({type(node).__name__}): "
                "give gradients(output, [x, y]), or use grad for functions of plain numbers"
            )
    return nodes


def _ends(inputs: Sequence[Node]) -> set[Node]:
    """Choose the inputs that no other input lies below: there the walk may end."""
    given = set(inputs)
    above: set[Node] = set()
    for node in ancestors(*inputs) if any(node.args for node in inputs) else ():
        if any(operand in given or operand in above for operand in node.args):
            above.add(node)
    return given - above
