"""Module: what has parameters, is called with a sample, and predicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from reprlib import recursive_repr
from typing import Any, TypeVar

from ..errors import ArgumentError
from ..foreign import MODULE_ATTRIBUTES, ForeignAttribute
from ..hypertext import few, table
from ..scalar.value import Value
from .compiled.prediction import predict
from .parameters import (
    Parametric,
    load_state,
    modules_and_leaves,
    named_parameters,
    parameters_of,
    state_of,
)
from .summary import Summary, summary_of

__all__ = ["Module"]

M = TypeVar("M", bound="Module")


class Module(Parametric):
    """The base of neurons, layers and networks.

    A parameter is a `Value` that the user made and that is an attribute, or stands in
    an attribute: in a list, a tuple, a dict or another module, nested as you like.
    Parameters come in the order of the attributes, each once even when it is shared.

    Examples
    --------
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.knots = [Value(0.0), Value(1.0)]
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.knots[0]
    >>> line = Line()
    >>> line
    Line(3 parameters)
    >>> [name for name, parameter in line.named_parameters()]
    ['slope', 'knots[0]', 'knots[1]']
    >>> line.state_dict()
    {'slope': 2.0, 'knots': [0.0, 1.0]}
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for name, attribute in vars(cls).items():
            _check_attribute(cls, name, attribute)

    def __setattr__(self, name: str, attribute: Any) -> None:
        _check_attribute(type(self), name, attribute)
        super().__setattr__(name, attribute)

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for one sample; each kind of module says how."""
        raise NotImplementedError(
            f"{type(self).__name__} has no __call__: define __call__(self, x), not forward, to "
            "compute its output"
        )

    def predict(self, X: Iterable[Any]) -> Any:
        """Compute the outputs for each row of a table, as floats that remember nothing.

        The model is compiled for it, if NumPy is there and the model can be recorded;
        otherwise one line on stderr says why not, and the rows are computed one by one.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array or list, shape (samples,) or (samples, outputs)
            An array if `X` is one.

        Raises
        ------
        DataError, ShapeError
            When `X` is not a table of finite numbers, or has another width than the model.
        DomainError
            When the arithmetic fails for a row.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> double = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
        >>> double.predict([[1.0], [3.0]])
        [2.0, 6.0]
        """
        return predict(self, X)

    def parameters(self) -> list[Value]:
        """List all parameters.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> len(nn.MLP(2, [3, 1]).parameters())
        13
        """
        return parameters_of(self)

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter with its name: its entry in `state_dict`, and its place there.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> [name for name, parameter in nn.MLP(2, [1]).named_parameters()]
        ['layers.0.weight[0][0]', 'layers.0.weight[0][1]', 'layers.0.bias[0]']
        """
        return named_parameters(self)

    def summary(self) -> Summary:
        """Count the parameters, array by array: printing it shows a table.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> nn.MLP(2, [3, 1]).summary()
        MLP
          layers.0.weight  3 x 2   6
          layers.0.bias    3       3
          layers.1.weight  1 x 3   3
          layers.1.bias    1       1
          in all                  13 parameters
        """
        return summary_of(self)

    @property
    def training(self) -> bool:
        """Whether your own calls leave numbers out, where there is `Dropout`: see `train`."""
        return bool(vars(self).get("_training", False))

    def train(self: M, mode: bool = True) -> M:
        """Let your own calls compute what a training does: `Dropout` leaves numbers out.

        A `Trainer` needs no telling: its steps do so, and predictions and evaluations do not.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
        >>> model.train().training, model.eval().training
        (True, False)
        """
        for part in modules_and_leaves(self)[0]:
            vars(part)["_training"] = bool(mode)
        return self

    def eval(self: M) -> M:
        """Let your own calls compute what a prediction does, as they do at first: see `train`."""
        return self.train(False)

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Copy all parameters into nested lists of floats, one for each array.

        Returns
        -------
        dict
            For a `Layer`, ``weight`` of shape (nout, nin) and ``bias`` of shape (nout,),
            the names and shapes of ``torch.nn.Linear``; those of an inner module follow
            its own name and a dot, as ``layers.0.weight``.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> layer = nn.Layer(2, 1, init=lambda nin, nout, rng: 0.5)
        >>> layer.state_dict()
        {'weight': [[0.5, 0.5]], 'bias': [0.0]}
        """
        return state_of(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set all parameters to the numbers of a state, or none if it does not fit.

        Parameters
        ----------
        state : mapping
            As `state_dict` gives it; lists, or NumPy arrays or PyTorch tensors.

        Raises
        ------
        StateError
            When an entry is missing, is one too many, or has another shape; when two
            entries that share a parameter disagree.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> layer = nn.Layer(2, 1)
        >>> layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [3.0]})
        >>> layer([10.0, 100.0]).data
        213.0
        >>> layer.load_state_dict({"weight": [[1.0, 2.0]]})
        Traceback (most recent call last):
        ...
        tinygrad_nn.errors.StateError: state lacks the entry 'bias' of Layer(2 -> 1, relu): give one for each array of its state_dict()
        """
        load_state(self, state)

    def _repr_html_(self) -> str:
        found = self.summary()
        rows = [(name, " x ".join(map(str, shape)), n) for name, shape, n in found.arrays]
        return table(repr(self), ["array", "shape", "parameters"], few(rows))

    @recursive_repr()
    def __repr__(self) -> str:
        shown = [f"{name}={part!r}" for name, part in vars(self).items() if _has_module(part)]
        count = len(self.parameters())
        shown.append(f"{count} parameter" + ("" if count == 1 else "s"))
        return f"{type(self).__name__}({', '.join(shown)})"


for _name, _remedy in MODULE_ATTRIBUTES.items():
    setattr(Module, _name, ForeignAttribute(_name, _remedy))


def _check_attribute(owner: type, name: str, attribute: Any) -> None:
    """Refuse data by the name of a method: whoever calls it would find them in its place."""
    if not callable(attribute) and callable(getattr(Module, name, None)) and name[0] != "_":
        raise ArgumentError(
            f"attribute {name!r} of {owner.__name__} would hide the method {name}() of Module: "
            f"give it another name, as own_{name}"
        )


def _has_module(item: Any) -> bool:
    if isinstance(item, dict):
        item = list(item.values())
    if isinstance(item, list | tuple):
        return any(_has_module(part) for part in item)
    return isinstance(item, Module)
