"""Models as safetensors files, which NumPy and PyTorch read and write as well."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, TypeVar, overload

from ..errors import ArgumentTypeError, StateError
from ..extras import load_extra
from ..files import write_whole
from .activations import ACTIVATIONS, activation_name
from .architecture import described, made
from .layers import MLP, Layer
from .module import Module

__all__ = [
    "architecture_of",
    "arrays_of",
    "load",
    "model_of",
    "read_arrays",
    "save",
    "write_arrays",
    "write_model",
]

M = TypeVar("M", bound=Module)
PURPOSE = "a model file"

# Parts of a head, and what a file with one holds.
OTHERS = {
    "predictor": "a trained model with what its predictions need, as scaling and the names of "
    "classes: read it with tinygrad_nn.load; the model is its attribute model",
    "checkpoint": "a training as it stood: read it with Trainer.load; the model is its attribute "
    "model",
}


def save(model: Module, path: str | os.PathLike[str]) -> None:
    """Write a model's parameters to a safetensors file: a whole one, or none.

    The entries are those of `Module.state_dict`, in double precision. The file of a
    model that is made of modules of `nn` also tells its architecture, so that `load` needs
    nothing else, unless it has functions without a name.

    Parameters
    ----------
    model : Module
    path : str or path
        Where to; a file that is there is replaced.

    Raises
    ------
    MissingExtraError
        When safetensors is not installed.
    StateError
        When a list of parameters is ragged: such a file has rectangular arrays only.

    Examples
    --------
    >>> import tempfile
    >>> from tinygrad_nn import nn
    >>> model = nn.MLP(2, [3, 1], activation="tanh")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.save(model, f"{folder}/model.safetensors")
    ...     again = nn.load(f"{folder}/model.safetensors")
    >>> again
    MLP(layers=[Layer(2 -> 3, tanh), Layer(3 -> 1, identity)], 13 parameters)
    >>> again.state_dict() == model.state_dict()
    True
    """
    write_model(model, path, {})


def write_model(model: Module, path: str | os.PathLike[str], head: dict[str, str]) -> None:
    """Write a model with more to say about it; what it needs is checked first."""
    if not isinstance(model, Module):
        raise ArgumentTypeError(
            f"model is {model!r}, of type {type(model).__name__}: expected a Module, as MLP"
        )
    architecture = architecture_of(model)
    if architecture:
        head = head | {"architecture": json.dumps(architecture)}
    write_arrays(arrays_of(model), path, head)


def arrays_of(model: Module) -> dict[str, Any]:
    """Copy all parameters into NumPy arrays."""
    numpy = load_extra("numpy", "save", PURPOSE)
    arrays = {}
    for key, nested in model.state_dict().items():
        try:
            arrays[key] = numpy.array(nested, dtype=numpy.float64)
        except ValueError:
            raise StateError(
                f"the entry {key!r} of {model!r} has rows of different lengths: expected a "
                "rectangular array; keep the rows in a dict, which gives each its own entry"
            ) from None
    return arrays


def write_arrays(
    arrays: dict[str, Any], path: str | os.PathLike[str], head: dict[str, str]
) -> None:
    """Write arrays and a head of texts to a safetensors file."""
    safetensors = load_extra("safetensors.numpy", "save", PURPOSE)
    write_whole(path, safetensors.save(arrays, head or None))


@overload
def load(path: str | os.PathLike[str], model: None = None) -> Any: ...
@overload
def load(path: str | os.PathLike[str], model: M) -> M: ...
def load(path: str | os.PathLike[str], model: Module | None = None) -> Module:
    """Read a model from a safetensors file.

    Parameters
    ----------
    path : str or path
        A file of `save`, or any other with the same entries.
    model : Module, optional
        What to fill, when the file does not tell the architecture: a model of your own
        kind, or a file that another library wrote. It is unchanged if the file does
        not fit.

    Returns
    -------
    Module
        `model`, or one like that which was saved.

    Raises
    ------
    StateError
        When the file is broken, tells no architecture, or does not fit the model.
    MissingExtraError
        When safetensors is not installed.
    """
    state, head = read_arrays(path)
    for part, whose in OTHERS.items():
        if part in head:
            raise StateError(f"{os.fspath(path)} holds {whose}")
    return model_of(path, state, head, model)


def model_of(
    path: str | os.PathLike[str], state: dict[str, Any], head: dict[str, str], model: Module | None
) -> Module:
    """Fill a model, or the one that the head of a file tells."""
    if model is None:
        model = _rebuilt(path, head, sum(array.size for array in state.values()))
    try:
        model.load_state_dict(state)
    except StateError as error:
        raise StateError(f"{os.fspath(path)}: {error}") from None
    return model


def read_arrays(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the arrays of a safetensors file, and its head of texts."""
    load_extra("numpy", "save", PURPOSE)
    safetensors = load_extra("safetensors", "save", PURPOSE)
    try:
        with safetensors.safe_open(os.fspath(path), framework="numpy") as file:
            tensors = {key: _tensor(path, file, key) for key in file.keys()}  # noqa: SIM118  # it is no dict
            return tensors, file.metadata() or {}
    except safetensors.SafetensorError as error:
        raise StateError(
            f"{os.fspath(path)} is no whole safetensors file ({error}): save the model again"
        ) from None


def _tensor(path: str | os.PathLike[str], file: Any, key: str) -> Any:
    """Read an entry, which may be of a type of numbers that NumPy does not have."""
    kind = file.get_slice(key).get_dtype()
    if kind == "BF16":  # the upper halves of floats of 32 bits
        numpy = load_extra("numpy", "save", PURPOSE)
        raw = dict(load_extra("safetensors", "save", PURPOSE).deserialize(Path(path).read_bytes()))
        halves = numpy.frombuffer(raw[key]["data"], dtype="<u2").astype("<u4") << 16
        return halves.view("<f4").reshape(raw[key]["shape"])
    try:
        return file.get_tensor(key)
    except (TypeError, AttributeError):
        raise StateError(
            f"{os.fspath(path)} has the entry {key!r} of type {kind}, which NumPy does not have: "
            "convert it before saving, in PyTorch with tensor.float()"
        ) from None


def architecture_of(model: Module) -> dict[str, Any] | None:
    """Describe a model of ours; None where it has classes or functions of the user's own."""
    arguments = _arguments(model)
    if arguments is not None:
        return arguments
    modules = described(model)
    return None if modules is None else {"modules": modules}


def _arguments(model: Module) -> dict[str, Any] | None:
    """Describe an MLP by the arguments that make it; None where these do not suffice."""
    # Not type(model): who has lent it is asked for it.
    if not isinstance(model, MLP) or model.__class__ is not MLP:
        return None
    if any(type(layer) is not Layer for layer in model.layers):
        return None
    activations = [{neuron.activation for neuron in layer.neurons} for layer in model.layers]
    hidden = set().union(*activations[:-1]) or {ACTIVATIONS["relu"]}
    if len(hidden) > 1 or len(activations[-1]) > 1:
        return None
    (activation,), (output_activation,) = hidden, activations[-1]
    if not {activation, output_activation} <= set(ACTIVATIONS.values()):
        return None
    return {
        "nin": len(model.layers[0].neurons[0].w),
        "nouts": [len(layer.neurons) for layer in model.layers],
        "activation": activation_name(activation),
        "output_activation": activation_name(output_activation),
    }


def _rebuilt(path: str | os.PathLike[str], head: dict[str, str], most: int) -> Module:
    if "architecture" not in head:
        raise StateError(
            f"{os.fspath(path)} does not tell the architecture of its model: make the model, and "
            "give it as load(path, model)"
        )
    try:
        # Zeros are as good as random numbers: the state replaces them.
        architecture = json.loads(head["architecture"])
        if "modules" in architecture:
            return made(architecture["modules"], most)
        return MLP(**architecture, init=lambda nin, nout, rng: 0.0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StateError(
            f"{os.fspath(path)} tells an architecture that cannot be made ({error}): make the "
            "model, and give it as load(path, model)"
        ) from None
