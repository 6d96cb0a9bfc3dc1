"""A network that classifies, as an estimator of scikit-learn."""

from __future__ import annotations

from typing import Any, Self, TypeAlias

import numpy as np
from scipy.special import expit, log_expit, log_softmax, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets, type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from .. import nn
from ..errors import ArgumentError, DataError
from ..saved import Predictor
from .estimator import Network, Task
from .losses import of_classes

__all__ = ["NetworkClassifier"]

NDArray: TypeAlias = Any  # a NumPy array


def _has_probabilities(self: NetworkClassifier) -> bool:
    return of_classes(self.loss, 2, False)[1] != "signs"


class NetworkClassifier(ClassifierMixin, Network):  # type: ignore[misc]  # scikit-learn has no types
    """A network that classifies.

    Parameters
    ----------
    hidden : sequence of int
        The number of neurons of each hidden layer; none for a linear model.
    activation : str, callable, or sequence of them
        That of the hidden layers, or one for each: the names of `nn.Neuron`, or any function of
        one number.
    init : str or callable
        Where weights start, as in `nn.Neuron`: the variance of "xavier" is that of scikit-learn.
    dropout : float or sequence of float
        The share of each hidden layer's numbers that is left out in training, or one for each.
    module : Module or callable, optional
        A network of your own in place of `hidden` and `activation`: one that is copied, or a
        function of ``(inputs, outputs, rng)`` that makes it. Its outputs are logits: one for two
        classes, else one for each class or label.
    loss : str or callable
        "cross_entropy" or "hinge"; any other loss of `nn`, or a function of an output and its
        target, as ``partial(nn.cross_entropy, label_smoothing=0.1)``. A loss of your own is given logits and 0 or 1, for several classes the logits and
        the index of the class, for several labels a row of 0 and 1. Losses of numbers fit -1 and 1.
    optimizer : str or callable
        "adam", "adamw", "rmsprop", "sgd" (with Nesterov's momentum of 0.9), or what makes an
        optimiser when it is given the parameters and ``lr=``, as ``partial(Adam, eps=1e-6)``.
    lr : float or callable
        The learning rate, or a schedule: a function of the number of steps, as those of `optim`.
    l2 : float
        Adds `l2` times the sum of the squares of all parameters to the cost.
    batch_size : int or "auto"
        How many samples a step takes; "auto" is 200, or all if they are fewer.
    max_iter : int
        The greatest number of epochs.
    tol : float, optional
        Stop when the cost has not fallen by so much below its least for `n_iter_no_change`
        epochs; never, when it is None.
    n_iter_no_change : int
        For how many epochs to wait, also with `early_stopping`.
    early_stopping : bool
        Stop when the cost of samples that are held out has not fallen below its least; the
        parameters are those of the least.
    validation_fraction : float
        How many of the samples are held out, unless `fit` is given others.
    warm_start : bool
        Let `fit` go on from where it was, and not begin anew.
    class_weight : mapping or "balanced", optional
        The weight of each class, by which those of the samples are multiplied.
    random_state : int, RandomState, optional
        Where the first parameters and the order of samples come from.
    verbose : bool
        Show a progress bar, where there is a terminal or a notebook.
    backend, dtype : str
        What runs the programs, and the numbers they compute with: see `Trainer`. "auto" is
        machine code for a long training, where llvmlite is installed, else NumPy: the numbers
        are the same wherever and however often it is done.

    Attributes
    ----------
    classes_ : array, shape (classes,)
    module_ : Module
        The trained network.
    history_ : History
        The epochs of the latest training.
    loss_curve_ : list of float
        The cost of every epoch, of all trainings since it began.
    n_iter_ : int
        How many epochs were made.
    n_features_in_, n_outputs_ : int
    feature_names_in_ : array of str
        Where X has names.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(100, noise=0.1, random_state=0)
    >>> names = ["up" if label else "down" for label in y]
    >>> network = NetworkClassifier((16,), "tanh", lr=0.05, max_iter=150, tol=None, random_state=0)
    >>> network.fit(X, names).score(X, names)
    1.0
    >>> str(network.predict([[0.0, 1.0]])[0])
    'down'
    """

    def __init__(
        self,
        hidden: Any = (100,),
        activation: Any = "relu",
        *,
        init: Any = "xavier",
        dropout: Any = 0.0,
        module: Any = None,
        loss: Any = "cross_entropy",
        optimizer: Any = "adam",
        lr: Any = 0.001,
        l2: float = 0.0,
        batch_size: Any = "auto",
        max_iter: int = 200,
        tol: float | None = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        class_weight: Any = None,
        random_state: Any = None,
        verbose: bool = False,
        backend: str = "auto",
        dtype: Any = "float64",
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.init = init
        self.dropout = dropout
        self.module = module
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.l2 = l2
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.class_weight = class_weight
        self.random_state = random_state
        self.verbose = verbose
        self.backend = backend
        self.dtype = dtype

    def __sklearn_tags__(self) -> Any:
        """Tell what it can do."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None, validation: Any = None) -> Self:
        """Train on samples.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)
        y : labels, shape (samples,); or 0 and 1, shape (samples, labels)
            Numbers or text; several labels of a sample as a table of 0 and 1.
        sample_weight : numbers, shape (samples,), optional
            How much each sample counts: 2 as if it were there twice, 0 as if it were not.
        validation : pair, optional
            Samples to test on after each epoch, as ``(X, y)``.

        Returns
        -------
        NetworkClassifier
            Itself.

        Raises
        ------
        ValueError
            When samples, weights or parameters are bad.
        DomainError
            When the arithmetic fails, as with too great a learning rate.
        """
        X, y = self._checked(X, y, reset=True)
        if not (self.warm_start and hasattr(self, "module_")):
            self._learn_classes(y)
        return self._fit(X, y, sample_weight, validation, None)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for one more pass over some samples.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.
        classes : labels, shape (classes,), optional
            All classes that will come; needed at the first call, if `y` has not all of them.

        Returns
        -------
        NetworkClassifier
            Itself.
        """
        first = not hasattr(self, "module_")
        X, y = self._checked(X, y, reset=first)
        if first:
            self._learn_classes(y if classes is None else classes, y)
        elif classes is not None and not np.array_equal(unique_labels(classes), self.classes_):
            raise DataError(
                f"classes is {classes!r}, and it was {self.classes_!r} before: expected the same; "
                "leave it out"
            )
        return self._fit(X, y, sample_weight, None, 1)

    def predict(self, X: Any) -> Any:
        """Predict the class of each row.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array of labels, shape (samples,) or (samples, labels)
        """
        z = self._outputs(X)
        if self._multilabel:
            return (z > 0.0).astype(int)
        return self.classes_[(z > 0.0).astype(int) if z.ndim == 1 else z.argmax(axis=1)]

    def decision_function(self, X: Any) -> Any:
        """Compute the outputs of the network, the logits.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array of float, shape (samples,) or (samples, classes)
            The former for two classes: above 0 is the second one.
        """
        return self._outputs(X)

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_proba(self, X: Any) -> Any:
        """Estimate the probability of each class, or of each label.

        It is there unless the loss has no probabilities, as "hinge".

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array of float, shape (samples, classes)
        """
        return self._probabilities(X, expit, softmax)

    @available_if(_has_probabilities)  # type: ignore[untyped-decorator]  # scikit-learn has no types
    def predict_log_proba(self, X: Any) -> Any:
        """Estimate the logarithm of the probability of each class, or of each label.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array of float, shape (samples, classes)
        """
        return self._probabilities(X, log_expit, log_softmax)

    def _probabilities(self, X: Any, of_one: Any, of_several: Any) -> NDArray:
        z = self._outputs(X)
        if z.ndim == 1:
            return of_one(np.column_stack([-z, z]))
        return of_one(z) if self._multilabel else of_several(z, axis=1)

    def predictor(self) -> Predictor:
        """Give what `tinygrad_nn.save` writes, and predicts without scikit-learn.

        Returns
        -------
        Predictor
            Its predictions are those of this estimator.

        Raises
        ------
        ArgumentError
            When a loss without probabilities, as "hinge", has several outputs.
        """
        check_is_fitted(self)
        alone = self.n_outputs_ == 1
        if not _has_probabilities(self) and not alone:
            raise ArgumentError(
                f"loss is {self.loss!r} for {self.n_outputs_} classes, which a file cannot tell: "
                'expected two classes, or loss="cross_entropy"'
            )
        loss: Any = nn.hinge
        if _has_probabilities(self):
            several = not (alone or self._multilabel)
            loss = nn.cross_entropy if several else nn.binary_cross_entropy_with_logits
        predictor = Predictor(self.module_, loss)
        predictor.columns = self._columns()
        predictor.classes = () if self._multilabel else tuple(self.classes_.tolist())
        return predictor

    # ---- classes -------------------------------------------------------------------------------

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[NDArray, NDArray]:
        X, y = validate_data(self, X, y, reset=reset, multi_output=True, dtype=np.float64)
        return X, self._labels(y)

    def _labels(self, y: NDArray) -> NDArray:
        check_classification_targets(y)
        several = y.ndim == 2 and y.shape[1] > 1
        if several and not (
            type_of_target(y) == "multilabel-indicator" and np.isin(y, (0, 1)).all()
        ):
            raise DataError(
                f"y has the shape {y.shape} and entries beside 0 and 1: expected a label for each "
                "row, or a table of 0 and 1 for several labels"
            )
        if several:
            return np.asarray(y)
        return column_or_1d(y, warn=True)

    def _learn_classes(self, classes: Any, y: NDArray | None = None) -> None:
        target = classes if y is None else y
        several = getattr(target, "ndim", 1) == 2
        found = np.arange(target.shape[1]) if several else unique_labels(classes)
        if len(found) < 2 and not several:
            raise DataError(
                f"y has one class, {found[0]}: expected two classes or more; give all as "
                "classes= of partial_fit if they come later"
            )
        self.classes_, self._multilabel = found, several

    def _check_targets(self, y: Any) -> NDArray:
        return self._labels(np.asarray(y))

    def _task(self, y: NDArray) -> Task:
        count = len(self.classes_)
        if self._multilabel != (y.ndim == 2) or (self._multilabel and y.shape[1] != count):
            raise DataError(
                f"y has the shape {y.shape}, and there are {count} "
                f"{'labels' if self._multilabel else 'classes'}: expected targets as in the first fit"
            )
        outputs = 1 if count == 2 and not self._multilabel else count
        loss, kind = of_classes(self.loss, outputs, self._multilabel)

        def encode(y: NDArray) -> NDArray:
            if self._multilabel:
                bits = y.astype(float)
            else:
                index = self._index(y)
                if kind == "index":
                    return index
                if outputs > 1:
                    bits = (index[:, None] == np.arange(count)).astype(float)
                else:
                    bits = index.astype(float)
            return 2.0 * bits - 1.0 if kind == "signs" else bits

        return Task(outputs, loss, encode)

    def _index(self, y: NDArray) -> NDArray:
        index = np.searchsorted(self.classes_, y)
        index = np.minimum(index, len(self.classes_) - 1)
        strange = self.classes_[index] != y
        if strange.any():
            raise DataError(
                f"y has the class {y[int(np.argmax(strange))]}, which is none of those known: "
                f"{', '.join(map(str, self.classes_))}; begin anew, or give all as classes= of the "
                "first partial_fit"
            )
        return index

    def _weights(self, y: NDArray, weights: NDArray | None) -> NDArray | None:
        if self.class_weight is None:
            return weights
        by_class = compute_sample_weight(self.class_weight, y)
        return by_class if weights is None else by_class * weights

    def _strata(self, y: NDArray) -> NDArray | None:
        return None if self._multilabel else y
