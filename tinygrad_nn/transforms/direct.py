"""The ordinary call of a derivative, which costs about what `backward` does.

Plain numbers go in, one number comes out that hangs on nothing else, and nothing else goes on: no
context is open, and nobody differentiates, in no thread. Or `no_grad` alone is open, in which the
number may hang on anything. All other calls are `Call`s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..errors import ArgumentTypeError
from ..scalar.arrays import explanation_of
from ..scalar.contexts import open_calls, recording, state
from ..scalar.graph import CONSTANT, INPUT, LEAF, NEVER, NOTHING, Node, depends_on
from ..scalar.passes import accumulate, pull_own
from ..scalar.switch import switch
from ..scalar.value import Value, varying

__all__ = ["Recorded", "at_once"]

DEEPEST: Final = 4  # nestings; deeper ones may be endless
EXACT: Final = 1 << 53  # whole numbers up to here are floats
FEW: Final = 32  # operands that are looked at without noting which were


class Recorded:
    """What a function gave that was called with a node in place of each number that varies.

    `args` are its arguments as they were, as it may have changed what is nested in them.
    """

    __slots__ = ("args", "inputs", "result")

    def __init__(self, args: tuple[Any, ...], inputs: list[Value], result: Any) -> None:
        self.args = args
        self.inputs = inputs
        self.result = result


def at_once(
    function: Callable[..., Any], argnums: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Give the number and the gradient of a function as a tuple, if the call is an ordinary one.

    None if it is not; if that is seen only when the function was called, what it has recorded.
    """
    if switch.symbolic or open_calls or not callable(function):
        return None
    quiet = 0  # how often `no_grad` is open
    if switch.active:
        quiet = state.no_grad
        if switch.active != quiet or state.derived is not None:
            return None
    inputs: list[Value] = []
    given = list(args)
    several = type(argnums) is tuple
    parts = []
    for place in argnums if several else (argnums,):
        if type(place) is not int or not 0 <= place < len(args) or given[place] is not args[place]:
            return None
        part = _varied(args[place], inputs, DEEPEST)
        if part is None:
            return None
        parts.append(part)
        given[place] = _copied(part)
    varied = tuple(parts) if several else parts[0]
    if quiet:
        with recording():
            result = _called(function, given, kwargs, inputs)
    else:
        result = _called(function, given, kwargs, inputs)
    if type(result) is not Value or switch.active != quiet or (not quiet and _has_leaves(result)):
        before = list(args)
        for place, part in zip(argnums if several else (argnums,), parts, strict=True):
            before[place] = _taken(part, False)
        return Recorded(tuple(before), inputs, result)
    if quiet:
        pull_own(result, inputs)
        return result.data, _taken(varied, True)
    for node in inputs:
        node.grad = 0.0
    if result.mark < NEVER or result.row is INPUT:
        accumulate(result)
    return result.data, _taken(varied, True)


def _called(
    function: Callable[..., Any],
    args: list[Any],
    kwargs: dict[str, Any],
    inputs: list[Value],
) -> Any:
    """Call a function, as `recording` and `watching` have it."""
    own = id(inputs)
    kept = state.kept
    state.kept = kept + 1
    open_calls[own] = inputs
    try:
        if kwargs:
            return function(*args, **kwargs)
        if len(args) == 1:  # written out for speed
            return function(args[0])
        if len(args) == 2:
            return function(args[0], args[1])
        return function(*args)
    except (TypeError, ValueError, AttributeError) as error:
        explanation = explanation_of(error)
        if not explanation:
            raise
        refusal = ArgumentTypeError(explanation)
        refusal.__cause__ = error  # where compiled, "from" leaves it out
        raise refusal from error
    finally:
        del open_calls[own]
        state.kept = kept


def _has_leaves(result: Value) -> bool:
    """Tell whether a number was made from a leaf: see `depends_on`."""
    stack: list[Node] = []
    node: Node = result
    for _ in range(FEW):
        if node.row is LEAF:
            return True
        if node.info is not None:
            break
        if node.y.row is not CONSTANT:  # as what stands for no operand
            stack.append(node.y)
        if node.x is not NOTHING:
            node = node.x
        elif stack:
            node = stack.pop()
        else:
            return False
    return depends_on([result], frozenset())


# ---- nestings ----------------------------------------------------------------------------------


def _varied(nesting: Any, inputs: list[Value], deepest: int) -> Any:
    """Put nodes in place of plain numbers, and list them; None where there is anything else."""
    kind = type(nesting)
    if kind is float:
        node = varying(nesting)
        inputs.append(node)
        return node
    if kind is int:
        return _varied(float(nesting), inputs, deepest) if -EXACT <= nesting <= EXACT else None
    if not deepest:
        return None
    if kind is dict:
        named = {}
        for name, part in nesting.items():
            found = _varied(part, inputs, deepest - 1)
            if found is None:
                return None
            named[name] = found
        return named
    if kind is not list and kind is not tuple:
        return None
    parts = []
    for part in nesting:
        found = _varied(part, inputs, deepest - 1)
        if found is None:
            return None
        parts.append(found)
    return parts if kind is list else tuple(parts)


def _copied(varied: Any) -> Any:
    """Nest the same nodes once more: the function may change what it is given."""
    kind = type(varied)
    if kind is list:
        return [_copied(part) for part in varied]
    if kind is tuple:
        return tuple([_copied(part) for part in varied])
    if kind is dict:
        return {name: _copied(part) for name, part in varied.items()}
    return varied


def _taken(varied: Any, gradients: bool) -> Any:
    """Nest the gradients of nodes as these are, or their numbers."""
    kind = type(varied)
    if kind is Value:
        return varied.grad if gradients else varied.data
    if kind is list:
        return [_taken(part, gradients) for part in varied]
    if kind is tuple:
        return tuple([_taken(part, gradients) for part in varied])
    return {name: _taken(part, gradients) for name, part in varied.items()}
