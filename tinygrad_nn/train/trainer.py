"""Trainer: the four steps of training, and epochs of them."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator
from typing import Any

from .. import nn
from ..arguments import check_count, generator
from ..data.preparation import shuffled
from ..data.validation import check_samples, check_table
from ..errors import ArgumentError, StateError
from ..foreign import check_keywords
from ..locks import lock_of_process
from ..nn.noise import Noisy, noisy
from ..optim import LBFGS, Optimizer
from ..scalar.convert import is_number, to_number
from .callbacks import Callback, Training, check_callbacks
from .checkpoint import Checkpoint, Progress, digest_of, read_checkpoint
from .engines.choice import (
    check_backend,
    check_dtype,
    check_engine,
    check_setup,
    check_validation,
    lasting_backend,
    make_engine,
)
from .engines.engine import NO_PACKAGES, Engine
from .engines.workers import check_parallel
from .fit import fit
from .held_out import held_out_of
from .history import History
from .lbfgs import check_certain, check_whole
from .prediction import Loss, check_classifies, decide, outputs, right
from .samples import Samples, samples_of
from .terms import Terms, term
from .weights import ClassWeight, weighted

__all__ = ["Trainer"]


class Trainer:
    """Trains a model: minimises J = (1/m) sum_i L(y_hat_i, y_i) + l2 sum_p p^2 + l1 sum_p |p|.

    With weights, the first part is sum_i w_i L(y_hat_i, y_i) / sum_i w_i: the weighted mean, as of
    scikit-learn's and of PyTorch's losses.

    Parameters
    ----------
    model : Module
        What to train.
    loss : callable
        The loss of one prediction and its target, as those of `nn`.
    optimizer : Optimizer
        How to move parameters of the model.
    batch_size : int, optional
        How many samples a step takes; all when left out.
    l2 : float
        Adds `l2` times the sum of the squares of all parameters to the cost.
    l1 : float
        Adds `l1` times the sum of their absolute values; at 0 the slope is 0.
    clip_norm : float, optional
        The greatest length of the gradient of J by which a step is made: a longer one is
        scaled as by `optim.clip_norm`. What the history and ``grad`` tell is not.
    clip_value : float, optional
        The greatest size of each derivative in place of that, as by `optim.clip_value`.
    seed, rng : int, random.Random, optional
        Where the order of samples comes from; Python's own `random` when both are
        left out.
    engine : str
        "compiled" makes each step a program of array statements, and raises when it cannot:
        NumPy is missing, or the model or the loss needs a number while it is recorded.
        "eager" computes one number at a time. "auto" compiles if it can; if not, one line on
        stderr says why.
    backend : str
        What runs the programs, as `compile` takes it: "machine", "numpy" or "auto".
    dtype : "float64" or "float32"
        The numbers that a compiled step computes with; the parameters stay in this type between
        steps, and are floats for whoever looks at them.
    threads : int
        In how many threads a compiled step may run, where a batch is so large that it is worth
        while. The numbers are the same for any.
    parallel : int or client of dask, optional
        How many processes compute the samples of a batch, as workers of joblib, or the cluster
        whose workers do. The numbers are the same for any, if not those of a training without:
        the batch is computed in eight parts. It pays for batches of thousands of samples.

    Raises
    ------
    ArgumentError
        When the optimizer moves what is no parameter of the model, or a number is out
        of range.
    MissingExtraError
        When the backend is "machine" and llvmlite is missing, or joblib for `parallel`.

    Notes
    -----
    A compiled model or loss is recorded once: what else it does, as printing, is done while
    it is recorded only. Steps leave the numbers in arrays; whoever uses the model or the
    optimizer finds them up to date, and what is changed there counts in the next step. A
    parameter kept in a variable of one's own is up to date after `sync`, and after `fit`.

    Examples
    --------
    >>> from tinygrad_nn.optim import GradientDescent
    >>> model = nn.MLP(1, [1], seed=0)
    >>> trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), lr=0.1))
    >>> history = trainer.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], epochs=200, progress=False)
    >>> [round(parameter.data, 3) for parameter in model.parameters()]
    [2.0, 1.0]
    """

    @check_keywords
    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        optimizer: Optimizer,
        *,
        batch_size: int | None = None,
        l2: float = 0.0,
        l1: float = 0.0,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
        engine: str = "auto",
        backend: str = "auto",
        dtype: Any = "float64",
        threads: int = 1,
        parallel: Any = None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.batch_size = None if batch_size is None else check_count(batch_size, "batch_size")
        self._terms = Terms().changed("l2", l2).changed("l1", l1)
        self._terms = self._terms.changed("clip_norm", clip_norm).changed("clip_value", clip_value)
        self.rng = generator(seed, rng)
        check_setup(model, loss, optimizer)
        self.engine = check_engine(engine)
        self.backend = check_backend(backend, engine)
        self.dtype = check_dtype(dtype, engine)
        self.threads = check_count(threads, "threads")
        self.parallel = check_parallel(parallel, engine)
        if parallel is not None:
            self.backend = lasting_backend(self.backend, engine)
        self._engine: Engine | None = None
        self._progress: Progress | None = None  # of a training that is to go on
        self._packages = NO_PACKAGES  # programs that were pickled with it
        self._lock = lock_of_process()

    l2 = term("l2")
    l1 = term("l1")
    clip_norm = term("clip_norm")
    clip_value = term("clip_value")

    def step(
        self,
        X: Iterable[Any],
        y: Iterable[Any],
        *,
        sample_weight: Iterable[Any] | None = None,
        class_weight: ClassWeight = None,
    ) -> float:
        """Improve the model by one batch.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)
        y : numbers, shape (samples,) or (samples, 1)
            What to take the batch from: at random if there is more than one batch in it.
        sample_weight, class_weight
            As in `fit`.

        Returns
        -------
        float
            The cost J of the batch, before the update.

        Raises
        ------
        DataError, ShapeError, DomainError
            When samples are bad or the arithmetic fails; no parameter is changed then.

        Examples
        --------
        >>> from tinygrad_nn.optim import GradientDescent
        >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 1.0)
        >>> trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), lr=0.5))
        >>> trainer.step([[1.0]], [3.0]), trainer.step([[1.0]], [3.0])
        (4.0, 4.0)
        """
        engine = self._engine
        if engine is not None and sample_weight is None and class_weight is None:
            setup = self.model, self.loss, self.optimizer, self._terms
            if engine.builtin is not None:
                made: Any = engine.builtin(*setup, self.batch_size, X, y)
                if made is not NotImplemented:
                    return made  # type: ignore[no-any-return]  # a float
            cost = engine.quick_step(setup, X, y, self.batch_size)
            if cost is not None:
                return cost
        if isinstance(self.optimizer, LBFGS):
            self.optimizer.step()  # raises
        samples = self._take_batch(weighted(samples_of(X, y), sample_weight, class_weight))
        engine = self._engine_for(samples)
        engine.check_targets(samples)
        return engine.step(self._with_noise(samples), False).cost

    @check_keywords
    def fit(
        self,
        X: Iterable[Any],
        y: Iterable[Any],
        epochs: int,
        *,
        sample_weight: Iterable[Any] | None = None,
        class_weight: ClassWeight = None,
        validation: tuple[Iterable[Any], ...] | float | None = None,
        tol: float = 0.0,
        patience: int | None = None,
        progress: bool = True,
        checkpoint: str | os.PathLike[str] | None = None,
        every: int = 1,
        callbacks: Iterable[Callback] = (),
    ) -> History:
        """Train for a number of epochs, each of which takes every sample once.

        Ctrl-C ends the training, and returns what was reached. Another `fit` goes on from there:
        the parameters stay, and the optimizer keeps its state and the number of its steps, by
        which a schedule goes. For a new start make a model and an optimizer, or call
        ``optimizer.reset()`` to forget the steps only.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)
            Lists or an array.
        y : numbers, shape (samples,) or (samples, 1)
            A target for each row; for `cross_entropy` it may be a row of probabilities.
        epochs : int
            The greatest number of epochs.
        sample_weight : numbers, shape (samples,), optional
            How much each sample counts, 0 or more: one of weight 2 as two that are equal, one
            of weight 0 as if it were not there. The cost of a batch is the weighted mean
            sum_i w_i L_i / sum_i w_i, and all figures of the history are weighted so.
        class_weight : mapping or "balanced", optional
            The weight of each label in `y`, by which the samples' own are multiplied.
            "balanced" gives all classes the same sum, as in scikit-learn: m / (k m_c) for
            class c, which has m_c of m samples in k classes, counted by their weights.
        validation : pair or float, optional
            Samples to test on after each epoch, as ``(X, y)`` or ``(X, y, sample_weight)``;
            their classes have no weights. Or the part of the samples, as 0.1, that is held
            out for it: the same for the same samples, by classes where `y` are integers.
        tol : float
            Stop when the gradient of the cost is shorter. With several batches it is
            the mean of their gradients as they are met, which costs nothing: close to
            the gradient of the whole cost when steps are small, as they are near a
            minimum.
        patience : int, optional
            Stop when the validation cost has not fallen below its minimum for so many
            epochs. The parameters are those of the minimum in the end, whatever
            ended the training.
        progress : bool
            Show a progress bar, where there is a terminal or a notebook.
        checkpoint : str or path, optional
            A file to write the training to, whole or not at all, from which `Trainer.load`
            goes on to the same numbers. A `backend` that is "auto" is one from the start then:
            machine code if it can be made, else NumPy.
        every : int
            After how many epochs it is written; in any case after the last.
        callbacks : list of callable
            Each is called after each epoch with a `Training`, which has the trainer and the
            history, and a method `stop`. A checkpoint is written after them.

        Returns
        -------
        History
            Its ``stopped`` says why the training ended.

        Raises
        ------
        DataError, ShapeError
            Before any training, when samples do not fit each other, the model or the
            loss.
        DomainError
            When the arithmetic fails, as with too great a learning rate; the parameters
            are those of the last step before.
        WorkerError
            When processes that compute for it are lost, again and again; parameters and
            checkpoints are those before.
        """
        epochs = check_count(epochs, "epochs")
        where = None if checkpoint is None else Checkpoint(checkpoint, every, self)
        if where is not None:
            self._fix_backend()
        functions = check_callbacks(callbacks)
        if isinstance(self.optimizer, LBFGS):
            check_whole(self.batch_size, self._terms, where is not None)
        samples = whole = weighted(samples_of(X, y), sample_weight)
        held_out = None
        if is_number(validation):
            samples, held_out = held_out_of(whole, to_number(validation, "validation"))
        samples = weighted(samples, None, class_weight)
        engine = self._engine_for(samples)
        engine.prepare(whole)
        if validation is not None and held_out is None:
            held_out = check_validation(engine, validation)
        wait = None if patience is None else check_count(patience, "patience")
        if wait is not None and held_out is None:
            raise ArgumentError(
                f"patience is {patience} and validation is None: expected samples to test on; "
                "give validation=(X, y), or validation=0.1"
            )
        start = self._start(samples, where is not None)
        return fit(
            lambda: self._engine_for(samples),
            lambda: map(self._with_noise, self._batches(samples)),
            samples.weight,
            epochs,
            held_out=held_out,
            tol=to_number(tol, "tol"),
            patience=wait,
            progress=progress,
            start=start,
            checkpoint=where,
            training=Training(self, start.history),
            callbacks=functions,
        )

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        model: nn.Module | None = None,
        loss: Loss | None = None,
        optimizer: Optimizer | None = None,
    ) -> Trainer:
        """Go on with a training that ``fit(..., checkpoint=path)`` has written.

        Model, loss and optimizer are in the file, but no code: what is not ours is given again.
        The next `fit` goes on with the one that was written: give it the same samples and
        options; its `epochs` count from the beginning, and so does its History. On the same
        kind of processor and the same versions of the libraries the numbers are those of a
        training that was never interrupted, to the last bit; but `optim.LBFGS` goes on with an
        empty memory, and so to numbers of its own.

        Parameters
        ----------
        path : str or path
        model : Module, optional
            What to fill, if it is not of a kind that the file tells.
        loss : callable, optional
            The loss, if it is not one of `nn`.
        optimizer : Optimizer, optional
            One made from `model`, whose state is replaced, if its class or its schedule is not
            one of `optim`.

        Raises
        ------
        StateError
            When the file is no checkpoint, or what it does not tell is not given.
        MissingExtraError
            When safetensors, or what has computed the steps, is not installed.

        Examples
        --------
        >>> import tempfile
        >>> from tinygrad_nn.optim import Adam
        >>> X, y = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
        >>> model = nn.MLP(1, [1], seed=0)
        >>> trainer = Trainer(model, nn.squared_error, Adam(model.parameters(), lr=0.1))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = f"{folder}/training.safetensors"
        ...     history = trainer.fit(X, y, epochs=5, progress=False, checkpoint=path)
        ...     again = Trainer.load(path)
        >>> len(again.fit(X, y, epochs=8, progress=False).epochs)
        8
        """
        saved = read_checkpoint(path, model, loss, optimizer)
        trainer = cls(saved.model, saved.loss, saved.optimizer, rng=saved.rng, **saved.options)
        trainer._progress = saved.progress
        return trainer

    def _start(self, samples: Samples, is_written: bool) -> Progress:
        """Give the training that is to go on, or that is to begin."""
        progress, self._progress = self._progress, None
        digest = digest_of(samples) if progress or is_written else ""
        if progress is None:
            return Progress(samples=digest)
        if progress.samples != digest:
            self._progress = progress
            raise StateError(
                "X and y are not the samples of the training that goes on: give the same, with the "
                "same weights, or make a new Trainer of this model"
            )
        return progress

    def _fix_backend(self) -> None:
        """Let one backend compute all steps, as two differ in the last bits."""
        fixed = lasting_backend(self.backend, self.engine)
        if fixed != self.backend:
            self.sync()
            self.backend, self._engine = fixed, None

    def sync(self) -> None:
        """Write the numbers of a compiled training into the model's Values and the optimizer.

        Whoever looks at the model or the optimizer has this done already, and so has
        everybody when `fit` is over. It is for Values kept in variables of your own: call it
        after `step`, before you read or change them.

        Examples
        --------
        >>> from tinygrad_nn.optim import GradientDescent
        >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 1.0)
        >>> w, b = model.parameters()
        >>> trainer = Trainer(model, nn.squared_error, GradientDescent([w, b], lr=0.25))
        >>> cost = trainer.step([[1.0]], [3.0])
        >>> trainer.sync()
        >>> w.data, b.data
        (2.0, 1.0)
        """
        if self._engine is not None:
            self._engine.sync()

    @property
    def program(self) -> Any:
        """The program of a compiled step: for the samples of a batch, then for the parameters.

        None before the first step, and while training runs one number at a time.
        """
        return None if self._engine is None else self._engine.program

    def predict(self, X: Iterable[Any]) -> list[Any]:
        """Predict the class or the number of each row: see `tinygrad_nn.train.predict`."""
        return decide(self.loss, self._outputs(check_table(X)))

    def accuracy(
        self, X: Iterable[Any], y: Iterable[Any], sample_weight: Iterable[Any] | None = None
    ) -> float:
        """Give the share of rows predicted right, by weights: see `tinygrad_nn.train.accuracy`."""
        check_classifies(self.loss)
        samples = weighted(Samples(check_samples(X, y)), sample_weight)
        rows, targets = samples.lists
        return right(self.loss, self._outputs(rows), targets, samples.weights) / samples.weight

    def _outputs(self, rows: list[list[float]]) -> list[Any]:
        engine = self._engine
        return outputs(self.model, rows) if engine is None else engine.outputs(rows)

    # ---- batches --------------------------------------------------------------------------

    def _take_batch(self, samples: Samples) -> Samples:
        if self.batch_size is None or len(samples) <= self.batch_size:
            return samples
        return next(self._batches(samples))

    def _batches(self, samples: Samples) -> Iterator[Samples]:
        if self.batch_size is None:
            return iter([samples])
        size = self.batch_size
        order = samples.places(shuffled(len(samples), self.rng))  # now, not at the first batch
        return (samples.take(order[k : k + size]) for k in range(0, len(order), size))

    def _with_noise(self, batch: Samples) -> Samples:
        """Draw what the model takes besides the samples."""
        draws = self._engine.draws if self._engine is not None else 0
        return batch.with_noise(draws, self.rng)

    # ---- the engine -----------------------------------------------------------------------

    def _engine_for(self, samples: Samples) -> Engine:
        """Give the engine for samples like these: the one there is, or a new one."""
        with self._lock:
            optimizer = self.optimizer
            mover = optimizer.still if isinstance(optimizer, LBFGS) else optimizer
            setup = self._learner(samples), self.loss, mover, self._terms
            if self._engine is None or not self._engine.serves(setup, samples):
                self.sync()
                learner = noisy(self.model, samples.first[0])  # of the model as it is now
                if mover is not optimizer:
                    check_certain(learner)
                self._engine = make_engine(
                    self.engine,
                    self.backend,
                    (self.dtype, self.threads, self.parallel),
                    (learner, *setup[1:]),
                    samples,
                    self._packages,
                )
                self._packages = NO_PACKAGES
            return self._engine

    def _learner(self, samples: Samples) -> nn.Module:
        """Give what has been trained: the model, or with the random numbers that it took."""
        engine = self._engine
        if engine is not None and isinstance(engine.model, Noisy):
            row, _ = samples.first
            if engine.model.inner is self.model and engine.model.inputs == len(row):
                return engine.model
        return self.model

    def __getstate__(self) -> dict[str, Any]:
        """Take the programs along in place of the engine; leave out Python's own generator.

        The client of a cluster, which is of this process, becomes one worker of its own.
        """
        self.sync()
        left = {"_engine", "_lock"} | ({"rng"} if self.rng is generator(None, None) else set())
        state = {name: value for name, value in vars(self).items() if name not in left}
        if not isinstance(self.parallel, int | None):
            state["parallel"] = 1
        return state if self._engine is None else state | {"_packages": self._engine.packages()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        usual = {"rng": generator(None, None), "_packages": NO_PACKAGES, "backend": "auto"}
        usual |= {
            "_progress": None,
            "dtype": "float64",
            "threads": 1,
            "parallel": None,
        }  # as before there were others
        usual["_terms"] = Terms(l2=state.get("l2", 0.0))
        vars(self).update(usual | state, _engine=None, _lock=lock_of_process())
