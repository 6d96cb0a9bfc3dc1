"""Trained models as files: a model's own file, whose head also says what predictions need."""

from __future__ import annotations

import json
import os
from typing import Any, TypeVar, overload

from .. import nn
from ..data import Columns, Dataset, Standardizer
from ..errors import ArgumentError, ArgumentTypeError, StateError
from ..nn.saving import model_of, read_arrays, write_model
from ..train import Trainer
from ..train.naming import described_loss, loss_of
from .estimators import predictor_of
from .predictor import Predictor

__all__ = ["load", "save"]

M = TypeVar("M", bound=nn.Module)
FORM = 1  # of the head: files of a later one are refused


def save(
    model: nn.Module | Trainer | Predictor | Any,
    path: str | os.PathLike[str],
    *,
    data: Dataset | None = None,
    scaler: Standardizer | None = None,
    target_scaler: Standardizer | None = None,
) -> None:
    """Write a model, or all that predicts, to a safetensors file: a whole one, or none.

    Parameters
    ----------
    model : Module, Trainer, Predictor or estimator
        A Module is written by itself. A Trainer is written with its loss, which says what
        outputs mean, and with what else is given here: it knows no scaling, as the samples
        that it was given had been scaled before. An estimator of `tinygrad_nn.sklearn`, and a
        pipeline of a StandardScaler and one, know all that they need.
    path : str or path
        Where to; a file that is there is replaced.
    data : Dataset, optional
        With a Trainer: what it was trained on, before it was scaled, for the names of features
        and classes, and for what the columns were.
    scaler, target_scaler : Standardizer, optional
        With a Trainer: what features, and targets that are numbers, were scaled by.

    Raises
    ------
    MissingExtraError
        When safetensors is not installed.
    StateError
        When a list of parameters is ragged: such a file has rectangular arrays only.
    ArgumentTypeError
        When `model` is something else, or is written by itself and more is given.

    Notes
    -----
    There is no code in the file. A loss of your own is left out: what the model computes is
    then the prediction. A Module of your own kind must be made again to be loaded.

    Examples
    --------
    >>> import tempfile
    >>> from tinygrad_nn import nn
    >>> model = nn.MLP(2, [3, 1], activation="tanh")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(model, f"{folder}/model.safetensors")
    ...     again = load(f"{folder}/model.safetensors")
    >>> again
    MLP(layers=[Layer(2 -> 3, tanh), Layer(3 -> 1, identity)], 13 parameters)
    """
    given = data, scaler, target_scaler
    if isinstance(model, Trainer):
        model = Predictor(model.model, model.loss, *given)
    elif any(part is not None for part in given):
        raise ArgumentTypeError(
            f"model is {model!r}, of type {type(model).__name__}: expected a Trainer where data or "
            "a scaler is given; with a Module give Predictor(model, loss, data, scaler)"
        )
    else:
        model = predictor_of(model)
    if isinstance(model, Predictor):
        write_model(model.model, path, {"predictor": json.dumps(_described(model))})
    elif isinstance(model, nn.Module):
        nn.save(model, path)
    else:
        is_search = hasattr(model, "best_estimator_")
        raise ArgumentTypeError(
            f"model is {model!r}, of type {type(model).__name__}: expected a Module, a Trainer, a "
            "Predictor or an estimator" + "; of a search, its best_estimator_" * is_search
        )


@overload
def load(path: str | os.PathLike[str], model: None = None) -> Any: ...
@overload
def load(path: str | os.PathLike[str], model: M) -> M | Predictor: ...
def load(path: str | os.PathLike[str], model: nn.Module | None = None) -> Any:
    """Read a file of `save`.

    Parameters
    ----------
    path : str or path
    model : Module, optional
        What to fill, when the file does not tell the architecture: a model of your own kind, or
        a file that another library wrote. It is unchanged if the file does not fit.

    Returns
    -------
    Module or Predictor
        A Module where one was saved by itself, else a `Predictor`.

    Raises
    ------
    StateError
        When the file is broken, tells no architecture, or does not fit the model.
    MissingExtraError
        When safetensors is not installed.
    """
    arrays, head = read_arrays(path)
    if "predictor" not in head:
        return nn.load(path, model)
    return _rebuilt(path, head["predictor"], model_of(path, arrays, head, model))


def _described(predictor: Predictor) -> dict[str, Any]:
    return {
        "form": FORM,
        "loss": described_loss(predictor.loss),
        "classes": predictor.classes,
        "columns": None if predictor.columns is None else predictor.columns.plain(),
        "scaler": _plain(predictor.scaler),
        "target_scaler": _plain(predictor.target_scaler),
    }


def _rebuilt(path: str | os.PathLike[str], text: str, model: nn.Module) -> Predictor:
    try:
        content = json.loads(text)
        if content["form"] != FORM:
            raise ValueError(f"it is of form {content['form']}, expected {FORM}")
        loss = content["loss"]
        predictor = Predictor(model, None if loss is None else loss_of(loss))
        predictor.classes = tuple(content["classes"])
        columns = content["columns"]
        predictor.columns = None if columns is None else Columns.of_plain(columns)
        predictor.scaler = _scaler(content["scaler"])
        predictor.target_scaler = _scaler(content["target_scaler"])
    except (ValueError, TypeError, KeyError, ArgumentError) as error:
        raise StateError(
            f"{os.fspath(path)} does not tell how it predicts ({type(error).__name__}: {error}): "
            "save the Trainer again, with this version"
        ) from None
    return predictor


def _plain(scaler: Standardizer | None) -> dict[str, list[float]] | None:
    return None if scaler is None else {"mean": scaler.mean, "scale": scaler.scale}


def _scaler(content: dict[str, Any] | None) -> Standardizer | None:
    if content is None:
        return None
    return Standardizer([float(x) for x in content["mean"]], [float(x) for x in content["scale"]])
