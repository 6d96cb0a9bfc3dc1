"""Which engine trains, and what it is given, checked."""

from __future__ import annotations

from typing import Any

from ...compiler.watch.observer import left_alone
from ...errors import ArgumentError, ArgumentTypeError, MissingExtraError
from ...extras import load_extra
from ...nn import Module
from ...nn.compiled.notice import say_why_eager
from ...optim import Optimizer
from ..prediction import Loss
from ..samples import Samples, check_fit, samples_of
from ..weights import weighted
from .eager import EagerEngine
from .engine import NO_PACKAGES, Engine, Packages, Setup
from .workers import workers_of

__all__ = [
    "check_backend",
    "check_dtype",
    "check_engine",
    "check_setup",
    "check_validation",
    "lasting_backend",
    "make_engine",
]

ENGINES = ("auto", "compiled", "eager")
PURPOSE = "train with a compiled step"


def check_engine(kind: str) -> str:
    """Check the name of an engine."""
    if kind not in ENGINES:
        raise ArgumentError(f"engine is {kind!r}: expected one of {', '.join(ENGINES)}")
    return kind


def check_backend(name: str, engine: str) -> str:
    """Check the name of a backend, and that it can run."""
    if name == "machine" and engine == "eager":
        raise ArgumentError(
            "backend is 'machine' and engine is 'eager', which runs no program: leave one of "
            "them out"
        )
    if name != "auto":  # which runs whatever there is, or one number at a time
        load_extra("numpy", "compile", PURPOSE)
        from ...compiler.backends.choice import backend_of

        backend_of(name)
    return name


def lasting_backend(name: str, engine: str) -> str:
    """Give a backend that computes all steps alike, on every start."""
    if name != "auto" or engine == "eager":
        return name
    try:
        return check_backend("machine", engine)
    except (MissingExtraError, ArgumentError):
        return "numpy"


def check_setup(model: Module, loss: Loss, optimizer: Optimizer) -> None:
    """Check that a model can be trained by an optimizer on a loss."""
    if not isinstance(model, Module):
        raise ArgumentTypeError(
            f"model is {model!r}, of type {type(model).__name__}: expected a Module, as nn.MLP; "
            "put Values and a function into the __call__ of one"
        )
    if not callable(loss):
        raise ArgumentTypeError(
            f"loss is {loss!r}, of type {type(loss).__name__}: expected a function of a "
            "prediction and its target, as nn.squared_error"
        )
    if not isinstance(optimizer, Optimizer):
        raise ArgumentTypeError(
            f"optimizer is {optimizer!r}, of type {type(optimizer).__name__}: expected an "
            "optimizer that knows its parameters, as Adam(model.parameters(), lr=0.01)"
        )
    if not set(optimizer.parameters) <= set(model.parameters()):
        raise ArgumentError(
            f"optimizer is {optimizer!r} and moves what is no parameter of {model!r}: make it "
            "from model.parameters(), after the model"
        )


def check_dtype(given: Any, engine: str) -> str:
    """Check the type of numbers to train with; give its name."""
    if given == "float64":  # what needs no NumPy
        return "float64"
    load_extra("numpy", "compile", "train with a compiled step")
    from ...compiler.program.precision import dtype_of

    name: str = dtype_of(given).name
    if name != "float64" and engine == "eager":
        raise ArgumentError(
            f"dtype is {name!r} and engine is 'eager', which computes with Python's floats: leave "
            "one of them out"
        )
    return name


def make_engine(
    kind: str,
    backend: str,
    how: tuple[str, int, Any],
    setup: Setup,
    samples: Samples,
    packages: Packages = NO_PACKAGES,
) -> Engine:
    """Make an engine and a backend, as `Trainer` takes them, to train on samples like these.

    `how` is the type of numbers, how many threads compute them, and which workers.
    `packages` are programs that `Engine.packages` gave, used if they hold.
    """
    model, loss, optimizer, _ = setup
    check_setup(model, loss, optimizer)  # the model may be another by now
    eager = EagerEngine(*setup)
    if kind == "eager":
        return eager
    output = check_fit(model, loss, *samples.take([0]).lists)  # a mistake is raised as it is
    try:
        load_extra("numpy", "compile", PURPOSE)
        from ...compiler.backends.choice import backend_here
        from ...compiler.program.precision import dtype_of
        from .compiled import CompiledEngine

        runs = backend_here(backend)  # the trainer may have been pickled elsewhere

        with left_alone(model, loss, optimizer, passive=True):
            dtype, threads, parallel = how
            asked = runs, dtype_of(dtype), threads, workers_of(parallel)
            return CompiledEngine(*setup, samples, output, packages, *asked)
    except Exception as error:
        if kind == "compiled" or how[-1] is not None:
            raise
        say_why_eager("the training", error)
        return eager


def check_validation(engine: Engine, validation: Any) -> Samples:
    """Check the samples of a validation."""
    try:
        X, y, *weights = validation
        if len(weights) > 1:
            raise ValueError("more than samples, targets and weights")
    except (TypeError, ValueError):
        raise ArgumentTypeError(
            f"validation is of type {type(validation).__name__}: expected a pair (X, y), or "
            "(X, y, sample_weight)"
        ) from None
    try:
        samples = weighted(samples_of(X, y), weights[0] if weights else None)
        engine.prepare(samples)
    except ArgumentError as error:
        raise type(error)(f"validation: {error}") from None
    return samples
