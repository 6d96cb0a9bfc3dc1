"""Our estimators beside scikit-learn's own multilayer perceptron: python -m benchmarks.estimators.

Data sets that come with scikit-learn or are generated, scaled; 5 folds. Both have the same hidden
layer, batches, Adam and number of epochs, and start from three seeds, over which scores are
averaged. The time is that of the fits, of this process on one core, after one fit that is not
counted: what is compiled is there then.
"""

from __future__ import annotations

import argparse
import gc
import time
import warnings
from collections.abc import Callable
from statistics import mean, stdev
from typing import Any, NamedTuple

from . import machine

NDArray = Any

EPOCHS = 200
HIDDEN = (100,)
SEEDS = 3


class Problem(NamedTuple):
    """Samples, and whether the targets are classes."""

    X: NDArray
    y: NDArray
    classifies: bool


class Outcome(NamedTuple):
    """The scores of the folds, and how long a fit took, in seconds."""

    scores: list[float]
    seconds: float


def problems() -> dict[str, Callable[[], Problem]]:
    """List the data sets."""
    from sklearn import datasets as d

    def classes(make: Callable[[], Any]) -> Callable[[], Problem]:
        return lambda: Problem(*make(), True)

    def numbers(make: Callable[[], Any]) -> Callable[[], Problem]:
        return lambda: Problem(*make(), False)

    return {
        "iris": classes(lambda: d.load_iris(return_X_y=True)),
        "wine": classes(lambda: d.load_wine(return_X_y=True)),
        "breast cancer": classes(lambda: d.load_breast_cancer(return_X_y=True)),
        "digits": classes(lambda: d.load_digits(return_X_y=True)),
        "moons": classes(lambda: d.make_moons(500, noise=0.25, random_state=0)),
        "circles": classes(lambda: d.make_circles(500, noise=0.15, factor=0.5, random_state=0)),
        "classification": classes(
            lambda: d.make_classification(1000, 20, n_informative=8, n_classes=4, random_state=0)
        ),
        "gaussian quantiles": classes(
            lambda: d.make_gaussian_quantiles(n_samples=600, n_features=4, random_state=0)
        ),
        "diabetes": numbers(lambda: d.load_diabetes(return_X_y=True)),
        "linnerud": numbers(lambda: d.load_linnerud(return_X_y=True)),
        "friedman1": numbers(lambda: d.make_friedman1(500, noise=1.0, random_state=0)),
        "friedman2": numbers(lambda: d.make_friedman2(500, noise=50.0, random_state=0)),
    }


def contestants(classifies: bool, epochs: int) -> tuple[Any, Any]:
    """Make ours and theirs, with the same settings."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    from tinygrad_nn.sklearn import NetworkClassifier, NetworkRegressor

    ours = NetworkClassifier if classifies else NetworkRegressor
    theirs = MLPClassifier if classifies else MLPRegressor
    same = {"max_iter": epochs}
    return (
        ours(HIDDEN, lr=0.001, tol=None, **same),
        theirs(
            hidden_layer_sizes=HIDDEN,
            learning_rate_init=0.001,
            tol=0.0,
            n_iter_no_change=10**9,
            **same,
        ),
    )


def measure(problem: Problem, epochs: int) -> tuple[Outcome, Outcome]:
    """Fit both on every fold, in turn."""
    from sklearn.model_selection import KFold, StratifiedKFold
    from sklearn.preprocessing import StandardScaler

    both = contestants(problem.classifies, epochs)
    splitter = (StratifiedKFold if problem.classifies else KFold)(5, shuffle=True, random_state=0)
    scores: tuple[list[float], list[float]] = [], []
    seconds = [0.0, 0.0]
    label = problem.y if problem.classifies else None
    for fold, (train, test) in enumerate(splitter.split(problem.X, label)):
        scale = StandardScaler().fit(problem.X[train])
        X, tested = scale.transform(problem.X[train]), scale.transform(problem.X[test])
        y, wanted = problem.y[train], problem.y[test]
        if not problem.classifies:
            middle, width = y.mean(axis=0), y.std(axis=0)
            y, wanted = (y - middle) / width, (wanted - middle) / width
        if fold == 0:
            for estimator in both:
                estimator.fit(X, y)
            # A look at all objects of all imports takes as long as ten fits of a small network, and
            # falls to whoever happens to make an object then.
            gc.collect()
            gc.freeze()
        for place, estimator in enumerate(both):
            found = []
            for seed in range(SEEDS):
                estimator.set_params(random_state=seed)
                started = time.process_time()
                estimator.fit(X, y)
                seconds[place] += time.process_time() - started
                assert estimator.n_iter_ == epochs
                found.append(estimator.score(tested, wanted))
            scores[place].append(mean(found))
    fits = SEEDS * len(scores[0])
    return (
        Outcome(scores[0], seconds[0] / fits),
        Outcome(scores[1], seconds[1] / fits),
    )


def row(name: str, ours: Outcome, theirs: Outcome) -> str:
    """Write a row of the table."""
    error = stdev(theirs.scores) / len(theirs.scores) ** 0.5
    return (
        f"| {name} | {mean(ours.scores):.3f} | {mean(theirs.scores):.3f} | {error:.3f} | "
        f"{ours.seconds * 1000:.1f} | {theirs.seconds * 1000:.1f} | "
        f"{ours.seconds / theirs.seconds:.2f} |"
    )


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.estimators", description=__doc__)
    parser.add_argument("names", nargs="*", help="data sets, all if not given")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    options = parser.parse_args()
    machine.keep_to_one_thread()
    warnings.simplefilter("ignore")  # of both: they stop where they are told to
    print(
        "| data | ours | scikit-learn | its standard error | ours, ms a fit | scikit-learn, ms | ratio |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    known = problems()
    for name in options.names or known:
        print(row(name, *measure(known[name](), options.epochs)), flush=True)


if __name__ == "__main__":
    main()
