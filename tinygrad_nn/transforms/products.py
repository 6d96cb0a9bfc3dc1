"""Products of derivatives with vectors, without a matrix: forward, backward, and of second order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..containers.frames import is_frame, labels_in
from ..errors import ArgumentTypeError, ShapeError
from ..scalar.convert import to_number
from ..scalar.value import Value
from ..tree import by_place, flatten
from .arguments import Argnums
from .call import Call
from .of_graphs import gradients
from .transformed import transformed

__all__ = ["hvp", "jvp", "vjp"]

Function = Callable[..., Any]


def hvp(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function of x and v that gives the Hessian of f at x, times v.

    No matrix is made: the gradient is differentiated forward along v. Further arguments of
    `f` come after v.

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1])([3.0, 5.0], [1.0, 0.0])
    [10.0, 6.0]
    """

    def product(x: Any, /, v: Any, *args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, (x, *args), kwargs)
        output = call.scalar("hvp")
        seeds = _matching(v, call.inputs, "v", call.like_inputs)
        call = call.along(seeds)
        first = gradients(output, call.inputs)
        return call.like_inputs(call.forward(first)(call.inputs, seeds))

    made = transformed(f, product, "hvp", argnums)
    vars(made)["__signature__"] = _with_direction(f, product)  # inspect reads it
    return made


def jvp(f: Function, primals: Sequence[Any], tangents_in: Sequence[Any]) -> tuple[Any, Any]:
    """Push a direction forward through f: its value, and its derivative along the direction.

    Parameters
    ----------
    f : callable
        The function.
    primals : sequence
        Its arguments.
    tangents_in : sequence
        The direction: as many numbers, nested alike.

    Returns
    -------
    tuple
        The result of `f`, and its derivative, nested as the result is.

    Examples
    --------
    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    if not isinstance(primals, list | tuple) or not isinstance(tangents_in, list | tuple):
        raise ArgumentTypeError(
            f"primals and tangents of jvp must be tuples with one entry per argument, got "
            f"{primals!r} and {tangents_in!r}: give jvp(f, (x,), (v,))"
        )
    primals = tuple(primals)
    call = Call(f, tuple(range(len(primals))), primals, {})
    seeds = _matching(tuple(tangents_in), call.inputs, "tangents", call.like_inputs)
    call = call.along(seeds)
    found = call.forward(call.outputs)(call.inputs, seeds)
    return call.like_outputs(call.outputs), call.like_outputs(found)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """Evaluate f, and make the function that pulls adjoints of its result back.

    Parameters
    ----------
    f : callable
        The function.
    *primals : object
        Its arguments.

    Returns
    -------
    tuple
        The result of `f`, and a function from adjoints nested as the result is to a
        tuple with one part for each argument.

    Examples
    --------
    >>> result, pull = vjp(lambda x, y: [x * y, x + y], 2.0, 3.0)
    >>> result, pull([1.0, 10.0])
    ([6.0, 5.0], (13.0, 12.0))
    """
    call = Call(f, tuple(range(len(primals))), primals, {})

    def pull(cotangents: Any) -> Any:
        seeds = _matching(cotangents, call.outputs, "cotangents", call.like_outputs)
        pulled = call.along(seeds)
        return pulled.like_inputs(pulled.backward(call.outputs, seeds))

    return call.like_outputs(call.outputs), pull


def _with_direction(f: Function, product: Function) -> Any:
    """Give the parameters of f with v after the first, or those of `product` as they are."""
    from inspect import Parameter, Signature, signature  # slow to import

    try:
        first, *rest = signature(f).parameters.values()
        if first.kind <= Parameter.POSITIONAL_OR_KEYWORD:
            x = first.replace(kind=Parameter.POSITIONAL_ONLY, default=Parameter.empty)
            return Signature([x, Parameter("v", Parameter.POSITIONAL_OR_KEYWORD), *rest])
    except (TypeError, ValueError):  # they are not known, or one is called v
        pass
    product.__annotations__ = {}
    return signature(product)


def _matching(
    given: Any, nodes: Sequence[Value], name: str, nested: Callable[[Sequence[Any]], Any]
) -> list[Any]:
    """Flatten a direction; it has one number for each node, and the names that `nested` gives them."""
    seeds = flatten(given)[0]
    if len(seeds) != len(nodes):
        raise ShapeError(
            f"{name} must have {len(nodes)} numbers, nested as what they belong to, "
            f"got {len(seeds)}"
        )
    if _has_names(given):
        alike = nested(nodes)
        wanted, found = by_place(alike), by_place(given)
        labels = labels_in(alike)
        if wanted.keys() != found.keys() or (labels and labels_in(given) not in ([], labels)):
            raise ShapeError(
                f"{name} is {given!r}: expected the names of what its numbers belong to, {alike!r}, "
                "and labels in the same order"
            )
        seeds = [found[place] for place in wanted]
    return [seed if isinstance(seed, Value) else to_number(seed, name) for seed in seeds]


def _has_names(nesting: Any) -> bool:
    if isinstance(nesting, list | tuple):
        return any(map(_has_names, nesting))
    return isinstance(nesting, dict) or is_frame(type(nesting))
