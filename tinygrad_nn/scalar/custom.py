"""Operations of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from .convert import to_number
from .operation import Op, Rule

__all__ = ["Custom", "custom"]

_LETTERS = "xyuvwstpqrabcdefghijklmno"
_FURTHER = 0x4E00  # where Unicode has thousands of letters in a row
_UNIT = (0.0, 1.0)  # at whose middle log, sqrt, asin and 1 / x are finite


class Custom(Op):
    """An operation with any number of arguments that is not in the table."""

    def __init__(
        self, function: Callable[..., Any], partials: tuple[Rule | None, ...], name: str
    ) -> None:
        self.arity = len(partials)
        self.letters = _letters(len(partials))
        self.function = function
        super().__init__(
            name, self._compute, partials, function.__doc__ or "", sample=_UNIT, listed=False
        )

    def _compute(self, *numbers: float) -> float:
        return to_number(self.function(*numbers), f"the result of {self.name}")

    def __call__(self, *args: Any) -> Any:
        """Apply the operation."""
        if len(args) != self.arity:
            raise ArgumentTypeError(
                f"{self.name} takes {self.arity} arguments, one per partial, got {len(args)}"
            )
        return self._dispatch(args)

    def __reduce__(self) -> tuple[Any, ...]:
        return Custom, (self.function, self.partials, self.name)


def custom(
    f: Callable[..., Any],
    partials: Rule | Sequence[Rule | None],
    *,
    name: str = "",
) -> Custom:
    """Make a scalar operation of a function and its derivatives.

    Parameters
    ----------
    f : callable
        Floats to a float; it may use anything, as `math` or a library.
    partials : callable or sequence of callables
        One per argument, called with the arguments and the result z. Written with
        arithmetic and the functions of this package, it can be differentiated to any
        order. None says that the derivative is zero everywhere.
    name : str, optional
        What drawings and errors call it; the name of `f` if not given.

    Returns
    -------
    callable
        The operation, on floats and on Values. ``check_grad(operation, x)`` compares
        its derivatives with finite differences.

    Notes
    -----
    It is pickled by the names of its functions: give it another name than theirs.

    Raises
    ------
    ArgumentTypeError
        When `f` or a partial is no function.

    Examples
    --------
    >>> import math
    >>> from tinygrad_nn import grad
    >>> gamma = custom(math.lgamma, lambda x, z: digamma(x), name="lgamma")
    >>> digamma = custom(lambda x: math.log(x) - 0.5 / x, None, name="digamma, roughly")
    >>> round(gamma(10.0), 6), round(grad(gamma)(10.0), 6)
    (12.801827, 2.252585)
    """
    rules = tuple(partials) if isinstance(partials, list | tuple) else (partials,)
    for function in (f, *rules):
        if function is not None and not callable(function):
            raise ArgumentTypeError(
                f"f and its partials must be functions, got {function!r}: "
                "give custom(f, [df/dx, df/dy, ...])"
            )
    if not 1 <= len(rules) <= len(_LETTERS):
        raise ArgumentError(
            f"partials must be between 1 and {len(_LETTERS)}, one per argument, got {len(rules)}"
        )
    return Custom(f, rules, name or getattr(f, "__name__", "custom"))


def _letters(count: int) -> str:
    """Give every argument a letter."""
    further = range(_FURTHER, _FURTHER + count - len(_LETTERS))
    return _LETTERS[:count] + "".join([chr(code) for code in further])
