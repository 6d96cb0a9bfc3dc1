"""Samples and their targets, with the names of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..errors import ShapeError
from ..hypertext import few, table
from .columns import Columns
from .validation import check_labels, validate

__all__ = ["Dataset"]


@dataclass(frozen=True, init=False, repr=False)
class Dataset:
    """Samples and their targets, checked once, when they are put together.

    A data set unpacks into ``X, y``.

    Parameters
    ----------
    X : table of numbers, shape (samples, features)
        Lists or an array.
    y : numbers, shape (samples,)
        Labels, counted from 0, or targets.
    feature_names : iterable of str, optional
        A name for each feature; ``x1, x2 ...`` when left out.
    target_names : iterable of str, optional
        The names of the classes: label `k` is called ``target_names[k]``.
    name : str, optional
        What the data set is called.
    columns : Columns, optional
        What the columns were that the features were made of; the features
        themselves when left out.
    notes : iterable of str
        What there is to know about where it comes from.

    Attributes
    ----------
    X : list of list of float
    y : list of int or float
        Integers stay integers.
    feature_names, target_names : tuple of str
        `target_names` is empty when the classes have no names.
    name : str
    columns : Columns
    notes : tuple of str

    Raises
    ------
    ShapeError
        When lengths do not fit each other.
    DataError
        When an entry is not a finite number (see `validate`), or a label has
        no name.

    Examples
    --------
    >>> data = Dataset([[0, 1], [2, 3]], [0, 1], target_names=["cat", "dog"], name="pets")
    >>> data
    Dataset('pets': 2 samples, 2 features, 2 classes)
    >>> X, y = data
    >>> X[1], data.target_names[y[1]]
    ([2.0, 3.0], 'dog')
    """

    X: list[list[float]]
    y: list[Any]  # int where they are labels, so that they index; else float
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    name: str
    columns: Columns
    notes: tuple[str, ...]

    def __init__(
        self,
        X: Iterable[Any],
        y: Iterable[Any],
        feature_names: Iterable[str] = (),
        target_names: Iterable[str] = (),
        name: str = "data",
        *,
        columns: Columns | None = None,
        notes: Iterable[str] = (),
    ) -> None:
        table, targets = validate(X, y)
        features = tuple(map(str, feature_names))
        named = bool(features)
        if not features:
            features = tuple(f"x{j}" for j in range(1, len(table[0]) + 1))
        if len(features) != len(table[0]):
            raise ShapeError(
                f"feature_names has length {len(features)} and X has {len(table[0])} columns: "
                "expected one name for each column; add or remove names"
            )
        classes = tuple(map(str, target_names))
        if classes:
            targets = list(check_labels(targets, "y", len(classes)))
        vars(self).update(  # past the class, which is frozen
            X=table,
            y=targets,
            feature_names=features,
            target_names=classes,
            name=name,
            columns=columns or Columns.of_numbers(features, named),
            notes=tuple(notes),
        )

    def changed(self, **parts: Any) -> Dataset:
        """Give one that is the same but for some attributes, which fit each other."""
        made = object.__new__(type(self))
        vars(made).update(vars(self) | parts)
        return made

    def __len__(self) -> int:
        return len(self.X)

    def __iter__(self) -> Iterator[Any]:
        yield self.X
        yield self.y

    def _repr_html_(self) -> str:
        names = self.target_names
        rows = [[*x, names[y] if names else y] for x, y in zip(self.X, self.y, strict=True)]
        return table(repr(self), [*self.feature_names, "target"], few(rows))

    def __repr__(self) -> str:
        sizes = f"{len(self.X)} samples, {len(self.X[0])} features"
        if self.target_names:
            sizes += f", {len(self.target_names)} classes"
        return f"Dataset({self.name!r}: {sizes})"
