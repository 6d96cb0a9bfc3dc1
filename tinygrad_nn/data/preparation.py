"""Splitting, batching and one-hot rows."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from reprlib import repr as brief
from typing import Any, cast

from ..arguments import check_count, generator
from ..collector import collector_paused
from ..errors import ArgumentError, ArgumentTypeError, DataError
from .dataset import Dataset
from .validation import check_labels, check_lengths, plain

__all__ = ["batches", "one_hot", "parted", "shuffled", "train_test_split"]


@collector_paused()
def train_test_split(
    X: Dataset | Iterable[Any],
    y: Iterable[Any] | None = None,
    *,
    test_fraction: float = 0.25,
    stratify: bool = True,
    seed: int | None = None,
    rng: random.Random | None = None,
) -> tuple[Dataset, Dataset]:
    """Part samples at random into those to learn from and those to test on.

    Parameters
    ----------
    X : Dataset or table of numbers, shape (samples, features)
        The samples, with their targets when it is a `Dataset`.
    y : numbers, shape (samples,), optional
        The targets, when `X` is a table.
    test_fraction : float
        The part to test on, between 0 and 1; each side gets a sample at least.
    stratify : bool
        Give each class its share of both sides, to within one sample. It
        applies to integer labels that all occur more than once.
    seed : int, optional
        Makes the split repeatable.
    rng : random.Random, optional
        The generator to draw from, instead of a seed. Without either it is
        Python's own, which ``random.seed`` sets.

    Returns
    -------
    train, test : Dataset
        Each unpacks into ``X, y``. Every sample is in one of them, shuffled.

    Raises
    ------
    ArgumentError
        When `test_fraction` is not between 0 and 1.
    DataError
        When there are fewer than two samples.

    Examples
    --------
    >>> X, y = [[x] for x in range(8)], [0, 0, 0, 0, 1, 1, 1, 1]
    >>> train, test = train_test_split(X, y, seed=0)
    >>> len(train), sorted(test.y)
    (6, [0, 1])
    """
    data = _together(X, y)
    if not isinstance(test_fraction, (int, float)):
        raise ArgumentTypeError(
            f"test_fraction is {brief(test_fraction)}, of type {type(test_fraction).__name__}: "
            "expected a number between 0 and 1, as 0.25"
        )
    if not 0 < test_fraction < 1:
        raise ArgumentError(
            f"test_fraction is {test_fraction}: expected a number between 0 and 1; for a quarter "
            "of the samples pass 0.25"
        )
    n = len(data)
    if n < 2:
        raise DataError(f"X has {n} row: expected two or more to split; add samples")
    train, test = parted(data.y, test_fraction, stratify, generator(seed, rng))
    return _take(data, train, "train"), _take(data, test, "test")


def parted(
    y: list[Any], fraction: float, stratify: bool, source: random.Random
) -> tuple[list[int], list[int]]:
    """Part the places of two samples or more as `train_test_split` does."""
    n = len(y)
    order = list(range(n))
    source.shuffle(order)
    if stratify and _are_classes(y):
        order.sort(key=y.__getitem__)
    # Every (n/k)-th sample, from a random start: exactly k of n, and of any run
    # of samples in this order, as that of one class, its share to within one.
    k = min(max(round(n * fraction), 1), n - 1)
    start = source.randrange(n)
    parts: tuple[list[int], list[int]] = [], []
    for position, i in enumerate(order):
        chosen = ((position + 1) * k + start) // n > (position * k + start) // n
        parts[chosen].append(i)
    for part in parts:
        source.shuffle(part)
    return parts


def _together(X: Dataset | Iterable[Any], y: Iterable[Any] | None) -> Dataset:
    """Make one data set of what was passed as `X` and `y`."""
    if isinstance(X, Dataset):
        if y is not None:
            raise ArgumentTypeError(
                f"y is {brief(y)} and X is {X!r}: expected no y beside a Dataset, which has its "
                "own; leave y out"
            )
        return X
    if y is None:
        raise ArgumentTypeError(
            "y is None: expected a target for each row of X; pass a Dataset, or X and y"
        )
    return Dataset(X, y)


def _are_classes(y: list[Any]) -> bool:
    return all(isinstance(v, int) for v in y) and min(Counter(y).values()) > 1


def _take(data: Dataset, indices: list[int], part: str) -> Dataset:
    return data.changed(
        X=[data.X[i].copy() for i in indices],
        y=[data.y[i] for i in indices],
        name=f"{data.name} ({part})",
    )


def batches(
    X: Iterable[Any],
    y: Iterable[Any],
    batch_size: int = 32,
    *,
    shuffle: bool = True,
    seed: int | None = None,
    rng: random.Random | None = None,
) -> Iterator[tuple[list[Any], list[Any]]]:
    """Deal samples out in batches, each sample once.

    Call it once per epoch, with one `rng` for all: a `seed` deals every epoch
    alike.

    Parameters
    ----------
    X, y : sequences of one length
        Lists or arrays; rows are passed on as they are, unchecked.
    batch_size : int
        The size of every batch but the last, which is what remains.
    shuffle : bool
        Deal in random order, or in the order given.
    seed, rng : optional
        As in `train_test_split`.

    Returns
    -------
    iterator of (list, list)
        Pairs of rows and their targets.

    Raises
    ------
    ShapeError
        When `X` and `y` differ in length.
    ArgumentError
        When `batch_size` is less than one.

    Examples
    --------
    >>> for rows, targets in batches([[1.0], [2.0], [3.0]], [0, 1, 0], 2, shuffle=False):
    ...     print(rows, targets)
    [[1.0], [2.0]] [0, 1]
    [[3.0]] [0]
    """
    rows, targets = plain(X, "X"), plain(y, "y")
    check_lengths(rows, targets)
    size = check_count(batch_size, "batch_size")
    source = generator(seed, rng)
    order = shuffled(len(rows), source) if shuffle else list(range(len(rows)))
    # An expression, not a `yield`: the checks above are made now, not at the first batch.
    return (
        ([rows[i] for i in part], [targets[i] for i in part])
        for part in (order[k : k + size] for k in range(0, len(order), size))
    )


def shuffled(count: int, rng: random.Random) -> list[int]:
    """Put so many places into the random order that `shuffle` does, in a third of the time."""
    order = list(range(count))
    if type(rng) is not random.Random and cast(object, rng) is not random:
        rng.shuffle(order)
        return order
    draw = rng.getrandbits
    last = count - 1
    while last > 0:
        bits = (last + 1).bit_length()
        least = 1 << (bits - 1)
        for place in range(last, least - 2, -1):
            other = draw(bits)
            while other > place:
                other = draw(bits)
            order[place], order[other] = order[other], order[place]
        last = least - 2
    return order


def one_hot(labels: Iterable[Any], classes: int | None = None) -> list[list[float]]:
    """Write each label as a row that is 1 at the label and 0 elsewhere.

    Parameters
    ----------
    labels : class indices, shape (samples,)
        Whole numbers, counted from 0.
    classes : int, optional
        How many classes there are; the largest label and one when left out.

    Returns
    -------
    list of list of float, shape (samples, classes)

    Raises
    ------
    DataError
        When a label is not a class index, or not among `classes`.

    Examples
    --------
    >>> one_hot([0, 2, 1])
    [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]]
    """
    count = None if classes is None else check_count(classes, "classes")
    indices = check_labels(labels, "labels", count)
    width = max(indices) + 1 if count is None else count
    return [[float(k == label) for k in range(width)] for label in indices]
