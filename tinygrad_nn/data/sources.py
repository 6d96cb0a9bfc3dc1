"""Data sets by name."""

from __future__ import annotations

import inspect
import math
import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from ..arguments import check_count, did_you_mean, generator
from ..errors import ArgumentError, ArgumentTypeError
from ..extras import load_extra
from .dataset import Dataset
from .tables import read_csv

__all__ = ["load", "moons", "spirals", "xor"]


def load(name: str | os.PathLike[str], **options: Any) -> Dataset:
    """Load a data set by its name, or from the path of a CSV file.

    ===============  =======  ========  =======  ==========================
    name             samples  features  classes  needs
    ===============  =======  ========  =======  ==========================
    "breast-cancer"  569      30        2        ``tinygrad-nn[data]``
    "digits"         1797     64        10       ``tinygrad-nn[data]``
    "iris"           150      4         3        ``tinygrad-nn[data]``
    "moons"          200      2         2        ``tinygrad-nn[data]``
    "spirals"        200      2         2        nothing
    "xor"            4        2         2        nothing
    "a/file.csv"                                 nothing
    ===============  =======  ========  =======  ==========================

    Parameters
    ----------
    name : str or path
        A name from the table, or the path of a CSV file.
    **options
        Those of `moons`, `spirals` or `read_csv`; the other data sets have none.

    Returns
    -------
    Dataset

    Raises
    ------
    ArgumentError
        When there is no data set or file of that name.
    ArgumentTypeError
        When the data set has no such option.
    DataError
        When a file does not hold a table of numbers.
    MissingExtraError
        When scikit-learn, which carries the data, is not installed.

    Examples
    --------
    >>> load("digits")
    Dataset('digits': 1797 samples, 64 features, 10 classes)
    >>> load("moons", samples=500, seed=1)
    Dataset('moons': 500 samples, 2 features, 2 classes)
    >>> load("irs")
    Traceback (most recent call last):
    ...
    tinygrad_nn.errors.ArgumentError: name is 'irs': expected 'breast-cancer', 'digits', 'iris', 'moons', 'spirals', 'xor' or the path of a CSV file; did you mean 'iris'?
    """
    if not isinstance(name, (str, os.PathLike)):
        raise ArgumentTypeError(
            f"name is {brief(name)}, of type {type(name).__name__}: expected the name of a data "
            "set or the path of a CSV file; pass a string, as 'iris'"
        )
    source = SOURCES.get(name) if isinstance(name, str) else None
    if source is None:
        if not _is_path(name):
            raise ArgumentError(
                f"name is {name!r}: expected {', '.join(map(repr, SOURCES))} or the path of a CSV "
                f"file; {did_you_mean(str(name), list(SOURCES))}"
            )
        source = partial(read_csv, name)
    accepted = inspect.signature(source).parameters
    for option, value in options.items():
        if option not in accepted:
            raise ArgumentTypeError(
                f"{option} is {brief(value)}: expected no such option for {str(name)!r}, whose "
                f"options are: {', '.join(accepted) or 'none'}; leave it out"
            )
    return source(**options)


def xor() -> Dataset:
    """Make the four samples of exclusive or, which no straight line parts.

    Examples
    --------
    >>> X, y = xor()
    >>> X
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> y
    [0, 1, 1, 0]
    """
    corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    return Dataset(corners, [a ^ b for a, b in corners], ("a", "b"), ("false", "true"), "xor")


def moons(
    *,
    samples: int = 200,
    noise: float = 0.1,
    seed: int | None = None,
    rng: random.Random | None = None,
) -> Dataset:
    """Make two half circles that reach into each other.

    Parameters
    ----------
    samples : int
        How many in all, half of them on each moon.
    noise : float
        The standard deviation of what is added to each coordinate.
    seed, rng : optional
        As in `train_test_split`.

    Raises
    ------
    ArgumentError
        When `samples` is less than two, or `noise` negative or not finite.
    MissingExtraError
        When scikit-learn is not installed.

    Examples
    --------
    >>> moons(samples=50, noise=0.2, seed=0)
    Dataset('moons': 50 samples, 2 features, 2 classes)
    """
    check_count(samples, "samples", least=2)
    _check_noise(noise)
    state = generator(seed, rng).getrandbits(32)
    make_moons = load_extra("sklearn.datasets", "data", "the data set 'moons'").make_moons
    X, y = make_moons(samples, noise=noise, random_state=state)
    return Dataset(X, y, ("x1", "x2"), ("upper", "lower"), "moons")


def spirals(
    *,
    samples: int = 200,
    noise: float = 0.05,
    seed: int | None = None,
    rng: random.Random | None = None,
) -> Dataset:
    """Make two spirals of one and three quarter turns, half a turn apart.

    Parameters
    ----------
    samples : int
        How many in all, half of them on each spiral.
    noise : float
        The standard deviation of what is added to each coordinate.
    seed, rng : optional
        As in `train_test_split`.

    Raises
    ------
    ArgumentError
        When `samples` is less than two, or `noise` negative or not finite.

    Examples
    --------
    >>> X, y = spirals(samples=4, noise=0.0)
    >>> y
    [0, 1, 0, 1]
    >>> [[round(a, 3) + 0.0 for a in x] for x in X]
    [[0.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [1.0, 0.0]]
    """
    check_count(samples, "samples", least=2)
    _check_noise(noise)
    source = generator(seed, rng)
    most = max(1, (samples - 1) // 2)
    X = []
    for k in range(samples):
        part = k // 2 / most
        angle = 2.0 * math.pi * 1.75 * part + math.pi * (k % 2)
        place = part * math.sin(angle), part * math.cos(angle)
        X.append([a + source.gauss(0.0, noise) for a in place])
    labels = [k % 2 for k in range(samples)]
    return Dataset(X, labels, ("x1", "x2"), ("first", "second"), "spirals")


def _check_noise(noise: Any) -> None:
    if not isinstance(noise, (int, float)) or not 0 <= noise < math.inf:
        raise ArgumentError(f"noise is {brief(noise)}: expected 0 or more; pass 0.1, or 0 for none")


def _bundled(name: str, loader: str) -> Dataset:
    """Take one of the data sets that scikit-learn carries."""
    datasets = load_extra("sklearn.datasets", "data", f"the data set {name!r}")
    found = getattr(datasets, loader)()
    return Dataset(found.data, found.target, found.feature_names, found.target_names, name)


def _is_path(name: str | os.PathLike[str]) -> bool:
    text = os.fspath(name)
    return name is not text or text.lower().endswith(".csv") or Path(text).is_file()


SOURCES: dict[str, Callable[..., Dataset]] = {
    "breast-cancer": lambda: _bundled("breast-cancer", "load_breast_cancer"),
    "digits": lambda: _bundled("digits", "load_digits"),
    "iris": lambda: _bundled("iris", "load_iris"),
    "moons": moons,
    "spirals": spirals,
    "xor": xor,
}
