"""Neuron, Layer and MLP: weighted sums and activation functions, one number at a time.

In the notation used here layer i has neurons j = 1, 2 ..., each with a weight vector
w_j^[i] and a bias b_j^[i]; for the layer's input x it computes

    z_j^[i] = w_j^[i] . x + b_j^[i],    a_j^[i] = g(z_j^[i]),

and the activations a^[i] are the input of layer i + 1.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from ..arguments import check_count, generator
from ..errors import ShapeError
from ..foreign import check_keywords
from ..functions import dot
from ..scalar.value import Value
from .activations import Activation, activation_name, find_activation
from .init import Initialiser, find_initialiser
from .inputs import Inputs, as_inputs, check_sizes
from .module import Module
from .parameters import PlacedParameter

__all__ = ["MLP", "Layer", "Neuron"]


class Neuron(Module):
    """One unit: a = g(z) with z = w . x + b.

    Parameters
    ----------
    nin : int
        The number of inputs.
    activation : str or callable
        The function g: sigmoid, tanh, relu, leaky_relu, identity, or one of your own.
    nonlin : bool
        False leaves the activation out, as in micrograd.
    init : str or callable, optional
        How weights start: he, xavier, uniform, or a function of ``(nin, nout, rng)``;
        he or xavier, whichever suits the activation, when left out. The bias starts at 0.
    seed, rng : int, random.Random, optional
        Where random numbers come from; Python's own `random` when both are left out.

    Attributes
    ----------
    w : list of Value, shape (nin,)
    b : Value
    activation : callable

    Examples
    --------
    >>> neuron = Neuron(2, "sigmoid", seed=0)
    >>> neuron
    Neuron(2, sigmoid)
    >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 3.0, -2.0, 1.0
    >>> neuron([1.0, 2.0]).data
    0.5
    """

    @check_keywords
    def __init__(
        self,
        nin: int,
        activation: str | Activation | bool = "relu",
        *,
        nonlin: bool = True,
        init: str | Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        nin = check_count(nin, "nin")
        self.activation = find_activation(activation if nonlin else "identity")
        draw = find_initialiser(init, self.activation)
        source = generator(seed, rng)
        self.w = [Value(draw(nin, 1, source)) for _ in range(nin)]
        self.b = Value(0.0)

    def __call__(self, x: Any) -> Any:
        """Compute a = g(w . x + b).

        Parameters
        ----------
        x : sequence of numbers or Values, shape (nin,)
            The inputs; a number itself where there is only one.

        Returns
        -------
        Value

        Raises
        ------
        ShapeError
            When `x` has another length.
        """
        if type(x) is not Inputs or len(x) != len(self.w):
            x = as_inputs(x, len(self.w), self)
        return self.activation(dot(self.w, x) + self.b)

    def _attribute_entries(
        self, name: str, attribute: Any, prefix: str, met: set[int]
    ) -> Iterator[PlacedParameter]:
        name = {"w": "weight", "b": "bias"}.get(name, name)
        return super()._attribute_entries(name, attribute, prefix, met)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.w)}, {activation_name(self.activation)})"


class Layer(Module):
    """Neurons that have the same inputs: z_j = w_j . x + b_j, a_j = g(z_j).

    Parameters
    ----------
    nin, nout : int
        The number of inputs, and of neurons.
    activation, nonlin, init, seed, rng
        As in `Neuron`.

    Attributes
    ----------
    neurons : list of Neuron, shape (nout,)

    Examples
    --------
    >>> layer = Layer(2, 3, "tanh", seed=0)
    >>> layer
    Layer(2 -> 3, tanh)
    >>> len(layer([0.5, -1.0]))
    3
    """

    @check_keywords
    def __init__(
        self,
        nin: int,
        nout: int,
        activation: str | Activation | bool = "relu",
        *,
        nonlin: bool = True,
        init: str | Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        nin, nout = check_count(nin, "nin"), check_count(nout, "nout")
        activation = find_activation(activation if nonlin else "identity")
        draw = find_initialiser(init, activation)
        source = generator(seed, rng)
        self.neurons = [
            Neuron(nin, activation, init=lambda nin, _, rng: draw(nin, nout, rng), rng=source)
            for _ in range(nout)
        ]

    def __call__(self, x: Any) -> Any:
        """Compute the activations of all neurons.

        Parameters
        ----------
        x : sequence of numbers or Values, shape (nin,)
            The inputs; a number itself where there is only one.

        Returns
        -------
        list of Value, shape (nout,), or Value
            The Value itself where there is only one neuron.

        Raises
        ------
        ShapeError
            When `x` has another length.
        """
        x = as_inputs(x, len(self.neurons[0].w), self)
        outputs = [neuron(x) for neuron in self.neurons]
        return outputs[0] if len(outputs) == 1 else outputs

    def _attribute_entries(
        self, name: str, attribute: Any, prefix: str, met: set[int]
    ) -> Iterator[PlacedParameter]:
        """Stack the neurons' weights to a matrix of shape (nout, nin), their biases to a vector."""
        if name != "neurons":
            yield from super()._attribute_entries(name, attribute, prefix, met)
            return
        for j, neuron in enumerate(self.neurons):
            for key, index, parameter in neuron._entries(prefix, met):
                yield key, (j, *index), parameter

    def __repr__(self) -> str:
        first = self.neurons[0]
        sizes = f"{len(first.w)} -> {len(self.neurons)}"
        return f"{type(self).__name__}({sizes}, {activation_name(first.activation)})"


class MLP(Module):
    """A multilayer perceptron: a^[0] = x, and layer i maps a^[i-1] to a^[i].

    Parameters
    ----------
    nin : int
        The number of inputs.
    nouts : sequence of int
        The number of neurons of each layer, the output layer's last.
    activation : str or callable
        The activation function of the hidden layers, as in `Neuron`.
    output_activation : str or callable
        That of the output layer. Without one the outputs are logits, or numbers to
        fit, and take the losses of their kind.
    init, seed, rng
        As in `Neuron`.

    Attributes
    ----------
    layers : list of Layer

    Raises
    ------
    ArgumentTypeError
        When `nouts` is no sequence.
    ShapeError
        When `nouts` is empty.

    Examples
    --------
    >>> model = MLP(2, [16, 1], activation="tanh", seed=0)
    >>> model
    MLP(layers=[Layer(2 -> 16, tanh), Layer(16 -> 1, identity)], 65 parameters)
    >>> output = model([1.0, -1.0])
    >>> output.backward()
    >>> model.layers[1].neurons[0].b.grad
    1.0
    >>> model([1.0, 2.0, 3.0])
    Traceback (most recent call last):
    ...
    tinygrad_nn.errors.ShapeError: layers[0]: Layer(2 -> 16, tanh) expects 2 inputs, got 3: give a list of 2 numbers, or make it with nin=3
    """

    @check_keywords
    def __init__(
        self,
        nin: int,
        nouts: Iterable[int],
        activation: str | Activation = "relu",
        output_activation: str | Activation = "identity",
        init: str | Initialiser | None = None,
        *,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        source = generator(seed, rng)
        sizes = [check_count(nin, "nin"), *check_sizes(nouts)]
        activations = [activation] * (len(sizes) - 2) + [output_activation]
        self.layers = [
            Layer(size, next_size, g, init=init, rng=source)
            for (size, next_size), g in zip(pairwise(sizes), activations, strict=True)
        ]

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for one sample.

        Parameters
        ----------
        x : sequence of numbers or Values, shape (nin,)

        Returns
        -------
        list of Value, or Value
            The activations of the output layer; the Value itself where there is one.

        Raises
        ------
        ShapeError
            When a layer is given another number of inputs than it has.
        """
        for i, layer in enumerate(self.layers):
            try:
                x = layer(x)
            except ShapeError as error:
                raise ShapeError(f"layers[{i}]: {error}") from None
        return x
