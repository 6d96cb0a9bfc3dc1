"""Predictor: a trained model, and what its predictions need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .. import nn
from ..data import Columns, Dataset, Standardizer
from ..data.table import Table, is_frame, table_of
from ..data.validation import check_table
from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..functions import softmax
from ..nn.targets import parted
from ..scalar.ops import sigmoid
from ..train.prediction import Loss, classes_of, classifies, decide, known_loss
from .scaled import Scaled

__all__ = ["Predictor"]


def _of_logit(z: Any) -> Any:
    return [sigmoid(x) for x in z] if isinstance(z, list) else [sigmoid(-z), sigmoid(z)]


# For a loss of classes: their probabilities; of several outputs, which are a class each, theirs.
PROBABILITIES: dict[Loss | None, Callable[[Any], list[float]]] = {
    nn.cross_entropy: softmax,
    nn.binary_cross_entropy: lambda p: list(p) if isinstance(p, list) else [1.0 - p, p],
    nn.binary_cross_entropy_with_logits: _of_logit,
}


class Predictor:
    """A trained model that predicts from samples as they were before they were scaled.

    `load` gives one for a file of a trained model, and `save` takes one.

    Parameters
    ----------
    model : Module
    loss : callable, optional
        The loss that it was trained with, which says what its outputs mean; without it they
        are the predictions.
    data : Dataset, optional
        What it was trained on, or any part of it: for the names of features and classes, and
        for what the columns were.
    scaler : Standardizer, optional
        What the features were scaled by.
    target_scaler : Standardizer, optional
        What targets that are numbers were scaled by.

    Attributes
    ----------
    model : Module
    loss : callable or None
    classes : tuple
        The names of the classes, texts or numbers; empty where they have none.
    features : tuple of str
        The names of the features; empty where they have none.
    columns : Columns or None
        What the columns were that the features are made of.
    scaler, target_scaler : Standardizer or None

    Examples
    --------
    >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
    >>> data = Dataset([[1.0], [3.0]], [0, 1], ["size"], ["small", "large"])
    >>> scaler = Standardizer().fit(data.X)
    >>> predictor = Predictor(model, nn.binary_cross_entropy_with_logits, data, scaler)
    >>> predictor
    Predictor(MLP(layers=[Layer(1 -> 1, identity)], 2 parameters), features: 'size', classes: 'small', 'large')
    >>> predictor.predict([[1.5], [2.5]])
    ['small', 'large']
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss | None = None,
        data: Dataset | None = None,
        scaler: Standardizer | None = None,
        target_scaler: Standardizer | None = None,
    ) -> None:
        for thing, name, kind in (
            (model, "model", nn.Module),
            (data, "data", Dataset),
            (scaler, "scaler", Standardizer),
            (target_scaler, "target_scaler", Standardizer),
        ):
            if not isinstance(thing, kind) and (thing is not None or name == "model"):
                raise ArgumentTypeError(
                    f"{name} is {thing!r}, of type {type(thing).__name__}: expected a "
                    f"{kind.__name__}"
                )
        self.model = model
        self.loss = loss
        self.scaler = scaler
        self.target_scaler = target_scaler
        self.columns: Columns | None = None if data is None else data.columns
        self.classes: tuple[Any, ...] = () if data is None else data.target_names
        if scaler is not None and data is not None and len(scaler.mean) != len(data.X[0]):
            raise ShapeError(
                f"scaler is of {len(scaler.mean)} features and data has {len(data.X[0])}: expected "
                "a scaler that was fitted to these features"
            )

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features; empty where they have none."""
        return () if self.columns is None else self.columns.features

    @property
    def network(self) -> nn.Module:
        """The model as a function of features that are not scaled: what can be exported.

        Examples
        --------
        >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
        >>> scaler = Standardizer().fit([[10.0], [30.0]])
        >>> Predictor(model, scaler=scaler).network([40.0]).data
        4.0
        """
        if self.scaler is None and self.target_scaler is None:
            return self.model
        return Scaled(self.model, self.scaler, self.target_scaler)

    def predict(self, X: Iterable[Any]) -> list[Any]:
        """Predict the class or the number of each sample.

        Parameters
        ----------
        X : table, shape (samples, columns)
            Rows of numbers, and of texts where columns held texts, as they were before anything
            was scaled; or a frame of pandas or polars, whose columns are found by name.

        Returns
        -------
        list, shape (samples,)
            The name of the class, its index where classes have no names, or what the model's
            outputs say where they are no classes.

        Raises
        ------
        DataError
            When a column, or a cell of it, is missing, or a text was not seen in the training.
        ShapeError
            When there are more columns, or fewer.

        Examples
        --------
        >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
        >>> Predictor(model, nn.squared_error).predict([[1.5]])
        [3.0]
        """
        return self.decide(self.outputs(X))

    def predict_proba(self, X: Iterable[Any]) -> list[list[Any]]:
        """Predict the probability of each class, for each sample.

        Parameters
        ----------
        X : table, shape (samples, columns)
            As in `predict`.

        Returns
        -------
        list of list of float, shape (samples, classes)
            Of several classifications of a sample a list for each.

        Raises
        ------
        ArgumentError
            When the loss is not one of probabilities.

        Examples
        --------
        >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 0.0)
        >>> Predictor(model, nn.binary_cross_entropy_with_logits).predict_proba([[1.5]])
        [[0.5, 0.5]]
        """
        return self.probabilities(self.outputs(X))

    def outputs(self, X: Iterable[Any] | Table) -> list[Any]:
        """Compute the outputs of the model for each sample, as logits: see `predict`."""
        rows = self._rows(X)
        found: list[Any] = self.model.predict(
            rows if self.scaler is None else self.scaler.transform(rows)
        )
        return found

    def _rows(self, X: Iterable[Any] | Table) -> list[list[float]]:
        if self.columns is None:
            return check_table(X)  # type: ignore[arg-type]  # it says so of a Table
        if isinstance(X, Table):
            return self.columns.encode(X)
        if self.columns.all_numbers and not is_frame(X):
            rows = check_table(X)
            if len(rows[0]) != len(self.columns.parts):
                raise ShapeError(
                    f"X has {len(rows[0])} columns: expected {len(self.columns.parts)}, as in the "
                    "training; pass the same columns in the same order"
                )
            return rows
        return self.columns.encode(table_of(X))

    def decide(self, outputs: Sequence[Any]) -> list[Any]:
        """Give the predictions that outputs mean."""
        found = list(outputs) if self.loss is None else decide(self.loss, list(outputs))
        if self.classes and self._meaning is not None and not isinstance(found[0], list):
            return [self.classes[max(k, 0)] for k in found]  # hinge has -1 for the first
        if self.target_scaler is None:
            return found
        if isinstance(found[0], list):
            return self.target_scaler.inverse(found)
        return [y for (y,) in self.target_scaler.inverse([[y] for y in found])]

    def probabilities(self, outputs: Sequence[Any]) -> list[list[Any]]:
        """Give the probabilities that outputs mean."""
        if self._meaning not in PROBABILITIES:
            raise ArgumentError(
                f"loss is {self.loss!r}, which tells no probabilities: expected a model trained "
                "with cross_entropy, binary_cross_entropy or binary_cross_entropy_with_logits"
            )
        classes = classes_of(self.loss)
        if classes is not None:
            return [list(map(softmax, parted(row, classes))) for row in outputs]
        return list(map(PROBABILITIES[self._meaning], outputs))

    @property
    def has_probabilities(self) -> bool:
        """Whether `predict_proba` can tell probabilities."""
        return self._meaning in PROBABILITIES

    @property
    def _meaning(self) -> Loss | None:
        """The loss of classes without its options; None where there are no classes."""
        return known_loss(self.loss) if self.loss is not None and classifies(self.loss) else None

    def __repr__(self) -> str:
        parts = [repr(self.model)]
        for what, names in (("features", self.features), ("classes", self.classes)):
            if names:
                shown = ", ".join(map(repr, names[:3])) + (" ..." if len(names) > 3 else "")
                parts.append(f"{what}: {shown}")
        return f"Predictor({', '.join(parts)})"
