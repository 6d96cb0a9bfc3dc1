"""Graph in, graph out: derivatives of functions, and of graphs, as Values or numbers.

Every transform takes a function of numbers and gives a function. Arguments and
results may be nested in lists, tuples, dicts and NumPy arrays; derivatives are
nested alike. Numbers in, numbers out; Values in, Values out, so that transforms
nest. A function with branches or loops is differentiated along the path taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ..errors import ArgumentTypeError, ShapeError
from ..scalar.contexts import deriving
from ..scalar.convert import to_number
from ..scalar.reverse import Slope, adjoints, partial, recorded_partial, tangents
from ..scalar.value import Value
from ..tree import flatten
from .call import Argnums, Call
from .of_graphs import gradients

__all__ = [
    "grad",
    "hessian",
    "hvp",
    "jacfwd",
    "jacobian",
    "jacrev",
    "jvp",
    "value_and_grad",
    "vjp",
]

Function = Callable[..., Any]


def value_and_grad(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the value of f and its gradient.

    Parameters
    ----------
    f : callable
        A function whose result is one number.
    argnums : int, str or tuple of them
        By which arguments to differentiate, by position or by name.

    Returns
    -------
    callable
        With the arguments of `f`; its result is a pair, the gradient nested as the
        argument is (as a tuple of arguments, if `argnums` is a tuple).

    Raises
    ------
    ArgumentTypeError
        When the result of `f` is not one number, or what varies is none.

    Examples
    --------
    >>> value_and_grad(lambda x: x[0] * x[1])([2.0, 3.0])
    (6.0, [3.0, 2.0])
    """

    @wraps(f)
    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        call = Call(f, argnums, args, kwargs)
        output = call.scalar("grad")
        with deriving():
            found = adjoints([output], [1.0], call.inputs, _slope(call))
        return call.number(output), call.like_inputs(found)

    return value_and_gradient


def grad(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the gradient of f.

    Plain numbers in, plain numbers out: to differentiate the gradient again by a Value
    that `f` finds by itself, as in a gradient penalty, give a Value in.

    Parameters
    ----------
    f : callable
        A function whose result is one number.
    argnums : int, str or tuple of them
        By which arguments to differentiate.

    Returns
    -------
    callable
        With the arguments of `f`; its result is nested as the argument is.

    Examples
    --------
    >>> from tinygrad_nn import sin
    >>> grad(lambda x: x**3)(2.0)
    12.0
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    >>> grad(lambda p: p["a"] * p["b"])({"a": 2.0, "b": 5.0})
    {'a': 5.0, 'b': 2.0}
    """
    both = value_and_grad(f, argnums)

    @wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def jacrev(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the Jacobian of f, a reverse pass for each output.

    The result is nested as the output is, each number of it as the argument is; an
    array by an array is one array of the joined shape.

    Examples
    --------
    >>> jacrev(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    @wraps(f)
    def jacobian_by_rows(*args: Any, **kwargs: Any) -> Any:
        return _by_rows(Call(f, argnums, args, kwargs))

    return jacobian_by_rows


def jacfwd(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the Jacobian of f, a forward pass for each input.

    Examples
    --------
    >>> jacfwd(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    @wraps(f)
    def jacobian_by_columns(*args: Any, **kwargs: Any) -> Any:
        return _by_columns(Call(f, argnums, args, kwargs))

    return jacobian_by_columns


def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the Jacobian of f, by whichever mode takes fewer passes.

    Examples
    --------
    >>> jacobian(lambda x: [x * x, x * x * x])(2.0)
    [4.0, 12.0]
    """

    @wraps(f)
    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, args, kwargs)
        few_inputs = len(call.inputs) < len(call.outputs)
        return _by_columns(call) if few_inputs else _by_rows(call)

    return jacobian_of_f


def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the second derivatives of f: the Jacobian of its gradient.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def hvp(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function of x and v that gives the Hessian of f at x, times v.

    No matrix is made: the gradient is differentiated forward along v. Further arguments of
    `f` come after v.

    Examples
    --------
    >>> hvp(lambda x: x[0] ** 2 * x[1])([3.0, 5.0], [1.0, 0.0])
    [10.0, 6.0]
    """

    @wraps(f)
    def product(x: Any, /, v: Any, *args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, (x, *args), kwargs)
        output = call.scalar("hvp")
        seeds = _matching(v, call.inputs, "v")
        call = call.along(seeds)
        with deriving():
            first = gradients(output, call.inputs)
            found = tangents(first, call.inputs, seeds, _slope(call))
        return call.like_inputs(found)

    del product.__wrapped__  # whose parameters are others
    product.__signature__ = _with_direction(f, product)  # type: ignore[attr-defined]  # inspect reads it
    return product


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
    seeds = _matching(tuple(tangents_in), call.inputs, "tangents")
    call = call.along(seeds)
    with deriving():
        found = tangents(call.outputs, call.inputs, seeds, _slope(call))
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
        seeds = _matching(cotangents, call.outputs, "cotangents")
        pulled = call.along(seeds)
        with deriving():
            found = adjoints(call.outputs, seeds, call.inputs, _slope(pulled))
        return pulled.like_inputs(found)

    return call.like_outputs(call.outputs), pull


def _by_rows(call: Call) -> Any:
    with deriving():
        rows = [adjoints([o], [1.0], call.inputs, _slope(call)) for o in call.outputs]
    return call.matrix(rows)


def _by_columns(call: Call) -> Any:
    with deriving():
        columns = [tangents(call.outputs, [i], [1.0], _slope(call)) for i in call.inputs]
    return call.matrix([[column[k] for column in columns] for k in range(len(call.outputs))])


def _slope(call: Call) -> Slope:
    """Choose floats for derivatives where nobody can differentiate them again."""
    return partial if call.plain else recorded_partial


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
    return signature(product)


def _matching(given: Any, nodes: Sequence[Value], name: str) -> list[Any]:
    """Flatten a direction; it has one number for each node."""
    seeds = flatten(given)[0]
    if len(seeds) != len(nodes):
        raise ShapeError(
            f"{name} must have {len(nodes)} numbers, nested as what they belong to, "
            f"got {len(seeds)}"
        )
    return [seed if isinstance(seed, Value) else to_number(seed, name) for seed in seeds]
