"""Graph in, graph out: derivatives of functions, and of graphs, as Values or numbers.

Every transform takes a function of numbers and gives a function. Arguments and
results may be nested in lists, tuples, dicts, dataclasses and arrays; derivatives are
nested alike. Numbers in, numbers out; Values in, Values out, so that transforms
nest; a number that depends on a Value which the function finds by itself is a Value
as well. A function with branches or loops is differentiated along the path taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..foreign import check_keywords
from .arguments import Argnums
from .call import Call
from .direct import at_once
from .transformed import transformed

__all__ = [
    "grad",
    "hessian",
    "jacfwd",
    "jacobian",
    "jacrev",
    "value_and_grad",
]

Function = Callable[..., Any]


@check_keywords
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

    def value_and_gradient(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        found = at_once(f, argnums, args, kwargs)
        if type(found) is tuple:
            return found
        call = Call(f, argnums, args, kwargs, found)
        output = call.scalar("grad")
        return call.number(output), call.like_inputs(call.backward([output], [1.0]))

    return transformed(f, value_and_gradient, "value_and_grad", argnums)


@check_keywords
def grad(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the gradient of f.

    Plain numbers in, plain numbers out, but for what depends on a Value that `f` finds by
    itself, as a weight: that is a Value, so that it can be differentiated again, as in a
    gradient penalty. Within `no_grad` all are plain numbers.

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

    def gradient(*args: Any, **kwargs: Any) -> Any:
        found = at_once(f, argnums, args, kwargs)
        if type(found) is tuple:
            return found[1]
        call = Call(f, argnums, args, kwargs, found)
        return call.like_inputs(call.backward([call.scalar("grad")], [1.0]))

    return transformed(f, gradient, "grad", argnums)


@check_keywords
def jacrev(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the Jacobian of f, a reverse pass for each output.

    The result is nested as the output is, each number of it as the argument is; an
    array by an array is one array of the joined shape.

    Examples
    --------
    >>> jacrev(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    def jacobian_by_rows(*args: Any, **kwargs: Any) -> Any:
        return _by_rows(Call(f, argnums, args, kwargs))

    return transformed(f, jacobian_by_rows, "jacrev", argnums)


@check_keywords
def jacfwd(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the Jacobian of f, a forward pass for each input.

    Examples
    --------
    >>> jacfwd(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    def jacobian_by_columns(*args: Any, **kwargs: Any) -> Any:
        return _by_columns(Call(f, argnums, args, kwargs))

    return transformed(f, jacobian_by_columns, "jacfwd", argnums)


@check_keywords
def jacobian(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the Jacobian of f, by whichever mode takes fewer passes.

    Examples
    --------
    >>> jacobian(lambda x: [x * x, x * x * x])(2.0)
    [4.0, 12.0]
    """

    def jacobian_of_f(*args: Any, **kwargs: Any) -> Any:
        call = Call(f, argnums, args, kwargs)
        few_inputs = len(call.inputs) < len(call.outputs)
        return _by_columns(call) if few_inputs else _by_rows(call)

    return transformed(f, jacobian_of_f, "jacobian", argnums)


@check_keywords
def hessian(f: Function, argnums: Argnums = 0) -> Function:
    """Make a function that gives the second derivatives of f: the Jacobian of its gradient.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 5.0])
    [[10.0, 6.0], [6.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def _by_rows(call: Call) -> Any:
    return call.matrix([call.backward([output], [1.0]) for output in call.outputs])


def _by_columns(call: Call) -> Any:
    push = call.forward(call.outputs)
    columns = [push([node], [1.0]) for node in call.inputs]
    return call.matrix([[column[k] for column in columns] for k in range(len(call.outputs))])
